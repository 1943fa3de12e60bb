package nn.train.diagnose;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.OutputKind;

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
        OutputKind kind = examination.loss().get().outputKind();
        Tensor output = examination.output();
        Run last = examination.runs().getLast();
        boolean isFunction =
                last.layer.parameters().isEmpty() && RowStatistics.units(last.x) == RowStatistics.units(output);
        if (isFunction && kind == OutputKind.SOFTMAX_LOGITS && areShares(output)) {
            return List.of(finding(
                    examination,
                    last,
                    "The loss takes logits and applies softmax itself, but the"
                            + " outputs are shares already: softmax is applied twice."));
        }
        if (isFunction && kind == OutputKind.SIGMOID_LOGITS && isWithin(output, 0, 1) && !isWithin(last.x, 0, 1)) {
            return List.of(finding(
                    examination,
                    last,
                    "The loss takes logits and applies sigmoid itself, but the"
                            + " outputs are probabilities already: sigmoid is applied twice."));
        }
        Tensor y = examination.y().orElseThrow();
        if (kind == OutputKind.LOG_PROBABILITIES && !areLogarithms(output)) {
            return List.of(InitFinding.of(
                    Severity.FAILURE,
                    Symptom.OUTPUT,
                    examination.path(last.layer),
                    Double.NaN,
                    Double.NaN,
                    "The loss takes logarithms of probabilities, but the exponentials of a row of outputs do not add up"
                            + " to 1: on other numbers it falls without limit.",
                    Remedy.advice("end the model with a log-softmax, Node.logSoftmax() of a graph; or leave the"
                            + " outputs as they are and take new SoftmaxCrossEntropy().ofProbabilities().")));
        }
        if (kind == OutputKind.VALUES
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
        return RowStatistics.units(output) >= 2 && isWithin(output, 0, 1) && haveSum1(output, x -> x);
    }

    private static boolean areLogarithms(Tensor output) {
        return haveSum1(output, StrictMath::exp);
    }

    /** Whether a function of the elements of every row adds up to 1. */
    private static boolean haveSum1(Tensor output, DoubleUnaryOperator function) {
        int units = RowStatistics.units(output);
        for (int row = 0; row < RowStatistics.count(output); row++) {
            double sum = 0;
            for (int i = 0; i < units; i++) {
                sum += function.applyAsDouble(output.array()[output.offset() + row * units + i]);
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
