package nn.train.diagnose;

import java.util.List;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;

/** Looks for a last layer that does not fit the loss or the targets. */
final class OutputCheck implements Check {
    private static final double ROUNDING = 1e-4;

    @Override
    public List<InitFinding> findings(Examination examination) {
        if (examination.loss().isEmpty()
                || examination.gradients().isEmpty()
                || examination.runs().isEmpty()) {
            return List.of();
        }
        Object loss = examination.loss().get();
        Tensor output = examination.output();
        Run last = examination.runs().getLast();
        boolean isFunction =
                last.layer.parameters().isEmpty() && RowStatistics.units(last.x) == RowStatistics.units(output);
        if (isFunction && loss instanceof SoftmaxCrossEntropy && areShares(output)) {
            return List.of(finding(
                    examination,
                    last,
                    "The loss takes logits and applies softmax itself, but the"
                            + " outputs are shares already: softmax is applied twice."));
        }
        if (isFunction && loss instanceof SigmoidCrossEntropy && isWithin(output, 0, 1) && !isWithin(last.x, 0, 1)) {
            return List.of(finding(
                    examination,
                    last,
                    "The loss takes logits and applies sigmoid itself, but the"
                            + " outputs are probabilities already: sigmoid is applied twice."));
        }
        Tensor y = examination.y().orElseThrow();
        boolean isRegression = !(loss instanceof SoftmaxCrossEntropy) && !(loss instanceof SigmoidCrossEntropy);
        if (isRegression
                && last.layer.activation().filter(RowStatistics::isBounded).isPresent()) {
            double low = RowStatistics.lowEnd(last.layer.activation().get());
            double high = RowStatistics.highEnd(last.layer.activation().get());
            if (!isWithin(y, low, high)) {
                return List.of(finding(
                        examination,
                        last,
                        "The targets reach beyond the outputs, which "
                                + last.layer.activation().get().name() + " keeps from " + Sentences.number(low) + " to "
                                + Sentences.number(high) + "."));
            }
        }
        return List.of();
    }

    private static InitFinding finding(Examination examination, Run last, String text) {
        return InitFinding.of(
                Severity.FAILURE,
                Symptom.OUTPUT,
                examination.path(last.layer),
                Double.NaN,
                Double.NaN,
                text,
                Remedy.advice("leave out the last layer, " + Layer.describe(last.layer) + "."));
    }

    private static boolean areShares(Tensor output) {
        int units = RowStatistics.units(output);
        if (units < 2 || !isWithin(output, 0, 1)) {
            return false;
        }
        for (int row = 0; row < RowStatistics.count(output); row++) {
            double sum = 0;
            for (int i = 0; i < units; i++) {
                sum += output.array()[output.offset() + row * units + i];
            }
            if (Math.abs(sum - 1) > ROUNDING) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWithin(Tensor t, double low, double high) {
        for (int i = 0; i < t.size(); i++) {
            float value = t.array()[t.offset() + i];
            if (!(value >= low && value <= high)) {
                return false;
            }
        }
        return true;
    }
}
