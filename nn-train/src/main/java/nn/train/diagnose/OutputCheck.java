package nn.train.diagnose;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.OutputKind;

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
        OutputKind kind = examination.loss().get().outputKind();
        Tensor output = examination.output();
        Run last = examination.runs().getLast();
        boolean isFunction =
                last.layer.parameters().isEmpty() && RowStatistics.units(last.x) == RowStatistics.units(output);
        if (isFunction && kind == OutputKind.SOFTMAX_LOGITS && areShares(output)) {
            return List.of(finding(
                    examination,
                    last,
                    Severity.FAILURE,
                    "The loss takes logits and applies softmax itself, but the"
                            + " outputs are shares already: softmax is applied twice."));
        }
        if (isFunction && kind == OutputKind.SIGMOID_LOGITS && isWithin(output, 0, 1) && !isWithin(last.x, 0, 1)) {
            return List.of(finding(
                    examination,
                    last,
                    Severity.FAILURE,
                    "The loss takes logits and applies sigmoid itself, but the"
                            + " outputs are probabilities already: sigmoid is applied twice."));
        }
        Optional<InitFinding> finding = kind == OutputKind.LOG_PROBABILITIES
                ? logarithms(examination, last)
                : last.layer
                        .activation()
                        .flatMap(f -> kind == OutputKind.VALUES
                                ? targets(examination, last, f)
                                : logits(examination, last, f, kind == OutputKind.SOFTMAX_LOGITS));
        return finding.map(List::of).orElse(List.of());
    }

    /** Outputs that are no logarithms of probabilities. */
    private static Optional<InitFinding> logarithms(Examination examination, Run last) {
        return haveSum1(examination.output(), StrictMath::exp)
                ? Optional.empty()
                : Optional.of(finding(
                        examination,
                        last,
                        Severity.FAILURE,
                        "The loss takes logarithms of probabilities, but the exponentials of a row of outputs do not"
                                + " add up to 1.",
                        "end the model with Node.logSoftmax(), or take new SoftmaxCrossEntropy().ofProbabilities()."));
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
        if (Math.abs(low) < ROUNDING * high) { // the sigmoid has no least value
            return "between 0 and " + Sentences.number(high);
        }
        return low == Double.NEGATIVE_INFINITY
                ? "below " + Sentences.number(high)
                : "between " + Sentences.number(low) + " and " + Sentences.number(high);
    }

    private static InitFinding finding(Examination examination, Run last, Severity severity, String text) {
        return finding(
                examination, last, severity, text, "leave out the last layer, " + Layer.describe(last.layer) + ".");
    }

    private static InitFinding finding(
            Examination examination, Run last, Severity severity, String text, String advice) {
        return InitFinding.of(
                severity,
                Symptom.OUTPUT,
                examination.path(last.layer),
                Double.NaN,
                Double.NaN,
                text,
                Remedy.advice(advice));
    }

    private static boolean areShares(Tensor output) {
        return RowStatistics.units(output) >= 2 && isWithin(output, 0, 1) && haveSum1(output, x -> x);
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
