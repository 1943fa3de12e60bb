package nn.train.diagnose;

import java.util.List;
import java.util.Optional;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;

/** Looks for a last layer that does not fit the loss or the targets. */
final class OutputCheck implements Check {
    private static final double ROUNDING = 1e-4;

    /** Targets count as beyond a limit by more than this share of the range, or of their own size. */
    private static final double TOLERANCE = 0.01;

    /** The share of targets beyond reach from which training fails. */
    private static final double MANY = 0.1;

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
                    Severity.FAILURE,
                    "The loss takes logits and applies softmax itself, but the"
                            + " outputs are shares already: softmax is applied twice."));
        }
        if (isFunction && loss instanceof SigmoidCrossEntropy && isWithin(output, 0, 1) && !isWithin(last.x, 0, 1)) {
            return List.of(finding(
                    examination,
                    last,
                    Severity.FAILURE,
                    "The loss takes logits and applies sigmoid itself, but the"
                            + " outputs are probabilities already: sigmoid is applied twice."));
        }
        Optional<Nonlinearity> f = last.layer.activation();
        if (f.isEmpty()) {
            return List.of();
        }
        boolean isLogits = loss instanceof SoftmaxCrossEntropy || loss instanceof SigmoidCrossEntropy;
        Optional<InitFinding> finding = isLogits
                ? logits(examination, last, f.get(), loss instanceof SoftmaxCrossEntropy)
                : targets(examination, last, f.get());
        return finding.map(List::of).orElse(List.of());
    }

    /** A nonlinearity that keeps logits from what the loss asks for. */
    private static Optional<InitFinding> logits(Examination examination, Run last, Nonlinearity f, boolean isSoftmax) {
        double low = RowStatistics.least(f);
        double high = RowStatistics.largest(f);
        boolean hasEnds = high - low < Double.POSITIVE_INFINITY;
        String range = "The loss takes logits, of any size, but " + f.name() + " keeps them " + range(low, high);
        if (isSoftmax && hasEnds) {
            int classes = RowStatistics.units(examination.output());
            double most = 1 / (1 + (classes - 1) * StrictMath.exp(low - high));
            return Optional.of(finding(
                    examination,
                    last,
                    Severity.WARNING,
                    range + ": the right class never gets more than " + Sentences.percent(most) + "."));
        }
        if (isSoftmax) { // softplus and the like only shift logits
            return f.derivative(-1) != 0
                    ? Optional.empty()
                    : Optional.of(finding(
                            examination,
                            last,
                            Severity.WARNING,
                            range + ", and passes no gradient to those that are off."));
        }
        boolean isOneSided = low >= 0 || high <= 0;
        if (!isOneSided && !hasEnds) {
            return Optional.empty();
        }
        return Optional.of(finding(
                examination,
                last,
                isOneSided ? Severity.FAILURE : Severity.WARNING,
                range + ": probabilities stay between " + Sentences.number(sigmoid(low)) + " and "
                        + Sentences.number(sigmoid(high)) + "."));
    }

    private static double sigmoid(double z) {
        return 1 / (1 + StrictMath.exp(-z));
    }

    /** Targets that a nonlinearity cannot reach. */
    private static Optional<InitFinding> targets(Examination examination, Run last, Nonlinearity f) {
        Tensor y = examination.y().orElseThrow();
        if (!y.shape().equals(examination.output().shape())) {
            return Optional.empty();
        }
        double low = RowStatistics.least(f);
        double high = RowStatistics.largest(f);
        double range = high - low;
        double near = TOLERANCE * (Double.isInfinite(range) ? Math.sqrt(y.secondMoment()) : range);
        int beyond = 0;
        for (int i = 0; i < y.size(); i++) {
            float value = y.array()[y.offset() + i];
            beyond += value < low - near || value > high + near ? 1 : 0;
        }
        if (beyond == 0) {
            return Optional.empty();
        }
        double share = (double) beyond / y.size();
        return Optional.of(finding(
                examination,
                last,
                share > MANY ? Severity.FAILURE : Severity.WARNING,
                Sentences.percent(share) + " of the targets lie beyond the outputs, which " + f.name() + " keeps "
                        + range(low, high) + "."));
    }

    private static String range(double low, double high) {
        if (high == Double.POSITIVE_INFINITY) {
            return "above " + Sentences.number(low);
        }
        return low == Double.NEGATIVE_INFINITY
                ? "below " + Sentences.number(high)
                : "between " + Sentences.number(low) + " and " + Sentences.number(high);
    }

    private static InitFinding finding(Examination examination, Run last, Severity severity, String text) {
        return InitFinding.of(
                severity,
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
