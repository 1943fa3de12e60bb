package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import nn.init.Fans;
import nn.init.Initializer;
import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.Loss;
import nn.train.loss.OutputKind;

/**
 * Compares the loss before the first step with that of the best constant output: ln of the number of classes if they
 * are equally frequent, the variance of the targets for a squared error.
 */
final class LossCheck implements Check {
    /**
     * The first loss over that of the best constant. A cross entropy grows with the logits, other losses with their
     * square. With twice and four times the outputs, squared errors 17 and 70 times the best constant one, a
     * regression by two layers of 64 units ended at 2 and 4 times the error under SGD, and as well as ever under Adam;
     * with 16 times the outputs at 7 and 90 times (20 epochs of 320 rows, best of five rates, median of three seeds).
     */
    private static final double LARGE_ENTROPY = 5;

    private static final double LARGE = 30;

    /** Mean squares of targets and outputs so far apart that the targets are the reason. */
    private static final double FAR = 10;

    /** A mean square of targets that takes long to reach with weights near 1. */
    private static final double HUGE = 1e4;

    /** A mean square of targets that are small beside outputs near 1. */
    private static final double SMALL = 0.1;

    private static final int STEPS = 200;

    /** The best output that repeats, and its loss. */
    record Constant(double loss, double[] output) {}

    @Override
    public List<InitFinding> findings(Examination examination) {
        double loss = examination.lossValue();
        if (examination.loss().isEmpty() || examination.gradients().isEmpty() || !Double.isFinite(loss)) {
            return List.of();
        }
        Loss kind = examination.loss().orElseThrow();
        Tensor y = examination.y().orElseThrow();
        Shape output = examination.output().shape();
        Constant constant = bestConstant(kind, y, output, RowStatistics.units(examination.output()));
        boolean isEntropy = kind.outputKind() != OutputKind.VALUES;
        double large = isEntropy ? LARGE_ENTROPY : LARGE;
        double targets = y.secondMoment();
        double outputs = examination.output().secondMoment();
        boolean isLarge = constant.loss > 0 && loss > large * constant.loss;
        boolean isLike = y.shape().equals(output) && !isEntropy;
        boolean isFar = targets > FAR * outputs && (isLarge || targets > HUGE)
                || outputs > FAR * targets && targets < SMALL && isLarge;
        String text = "The loss before training is " + Sentences.number(loss) + ", that of the best constant output "
                + Sentences.number(constant.loss) + ".";
        String sizes = " The outputs' mean square is " + Sentences.number(outputs)
                + (isLike ? ", the targets' " + Sentences.number(targets) : "") + ".";
        if (isLike && isFar) {
            return List.of(InitFinding.of(
                    Severity.WARNING,
                    Symptom.TARGETS,
                    "",
                    targets,
                    FAR * outputs,
                    text + sizes,
                    forTargets(examination, constant)));
        }
        if (!isLarge) {
            return List.of();
        }
        List<Remedy> remedies =
                new ArrayList<>(List.of(SuitableWeights.random("the weights of the last layer", last(examination))));
        biases(examination, constant).ifPresent(remedies::add);
        remedies.add(Remedy.advice("smaller weights in the last layer."));
        return List.of(InitFinding.of(
                Severity.WARNING,
                Symptom.LOSS,
                "",
                loss,
                large * constant.loss,
                text + sizes,
                remedies.toArray(Remedy[]::new)));
    }

    private static List<Place> last(Examination examination) {
        List<Place> weighted = examination.weighted();
        return weighted.subList(Math.max(0, weighted.size() - 1), weighted.size());
    }

    /** Other targets, or a last layer that begins at their mean. */
    private static Remedy[] forTargets(Examination examination, Constant constant) {
        List<Remedy> remedies = new ArrayList<>();
        boolean hasRows = examination.y().orElseThrow().shape().rank() >= 2;
        String rows = hasRows ? "train.y()" : "train.y().reshape(n, 1)";
        String standardize = "standardize the targets by Standardizer.fit(" + rows + "), of nn.train.data.";
        remedies.add(hasRows ? new Remedy(standardize, Treatment.ofTargets()) : Remedy.advice(standardize));
        biases(examination, constant).ifPresent(remedies::add);
        return remedies.toArray(Remedy[]::new);
    }

    /** Biases of the last layer that make the best constant output, as far as it is up to them. */
    private static Optional<Remedy> biases(Examination examination, Constant constant) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        for (Place place : last(examination)) {
            place.map()
                    .flatMap(UnitMap::bias)
                    .filter(bias -> bias.value().size() == constant.output.length)
                    .ifPresent(bias -> initializers.put(Examination.path(place, bias), new Values(constant.output)));
        }
        String text = "let the biases of the last layer begin at the best constant output, "
                + new Values(constant.output) + ".";
        return initializers.isEmpty() ? Optional.empty() : Optional.of(new Remedy(text, Treatment.of(initializers)));
    }

    /** Biases that are given one by one. */
    private record Values(double[] values) implements Initializer {
        private static final int SHOWN = 3;

        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            for (int i = 0; i < values.length; i++) {
                out.set((float) values[i], i);
            }
        }

        @Override
        public String toString() {
            return Arrays.stream(values)
                    .limit(SHOWN)
                    .mapToObj(Sentences::number)
                    .collect(Collectors.joining(", ", "(", values.length > SHOWN ? ", ...)" : ")"));
        }
    }

    /**
     * The best output that repeats, by gradient descent with steps that adapt.
     *
     * @param shape of the output
     * @param size the number of elements that repeat
     */
    static Constant bestConstant(Loss loss, Tensor y, Shape shape, int size) {
        Tensor output = Tensor.zeros(shape);
        double[] constant = new double[size];
        double[] trial = new double[size];
        double[] slope = new double[size];
        double best = valueAndSlope(loss, output, y, constant, slope);
        double rate = 1;
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < size; i++) {
                trial[i] = constant[i] - rate * slope[i];
            }
            double[] slopeThere = new double[size];
            double value = valueAndSlope(loss, output, y, trial, slopeThere);
            if (value < best) {
                System.arraycopy(trial, 0, constant, 0, size);
                System.arraycopy(slopeThere, 0, slope, 0, size);
                best = value;
                rate *= 2;
            } else {
                rate /= 4;
            }
        }
        return new Constant(best, constant);
    }

    private static double valueAndSlope(Loss loss, Tensor output, Tensor y, double[] constant, double[] slope) {
        int size = constant.length;
        // a loss of logarithms of probabilities has no least value on other numbers
        boolean areLogarithms = loss.outputKind() == OutputKind.LOG_PROBABILITIES;
        int classes = output.shape().rank() == 0 ? 1 : output.dim(-1);
        double[] point = areLogarithms ? logSoftmax(constant, classes) : constant;
        for (int i = 0; i < output.size(); i++) {
            output.array()[output.offset() + i] = (float) point[i % size];
        }
        Loss.Value value = loss.checked(output, y, Context.inference());
        Arrays.fill(slope, 0);
        for (int i = 0; i < output.size(); i++) {
            slope[i % size] += value.dOutput().array()[value.dOutput().offset() + i];
        }
        if (areLogarithms) {
            toSlopeOfLogits(point, classes, slope);
        }
        return value.value();
    }

    private static double[] logSoftmax(double[] logits, int classes) {
        double[] logarithms = logits.clone();
        for (int from = 0; from < logits.length; from += classes) {
            double most = Double.NEGATIVE_INFINITY;
            for (int i = from; i < from + classes; i++) {
                most = Math.max(most, logits[i]);
            }
            double sum = 0;
            for (int i = from; i < from + classes; i++) {
                sum += StrictMath.exp(logits[i] - most);
            }
            for (int i = from; i < from + classes; i++) {
                logarithms[i] -= most + StrictMath.log(sum);
            }
        }
        return logarithms;
    }

    private static void toSlopeOfLogits(double[] logarithms, int classes, double[] slope) {
        for (int from = 0; from < slope.length; from += classes) {
            double sum = 0;
            for (int i = from; i < from + classes; i++) {
                sum += slope[i];
            }
            for (int i = from; i < from + classes; i++) {
                slope[i] -= sum * StrictMath.exp(logarithms[i]);
            }
        }
    }
}
