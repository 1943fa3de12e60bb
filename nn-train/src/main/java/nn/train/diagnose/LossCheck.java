package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Context;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.Loss;

/**
 * Compares the loss before the first step with that of the best constant output: ln of the number of classes if they
 * are equally frequent, the variance of the targets for a squared error.
 */
final class LossCheck implements Check {
    /** The first loss over that of the best constant. Beyond this, the first steps only make outputs smaller. */
    private static final double LARGE = 5;

    /** Mean squares of targets and outputs so far apart that the targets are the reason. */
    private static final double FAR = 10;

    /** A mean square of targets that takes long to reach with weights near 1. */
    private static final double HUGE = 1e4;

    private static final int STEPS = 200;

    @Override
    public List<InitFinding> findings(Examination examination) {
        double loss = examination.lossValue();
        if (examination.loss().isEmpty() || examination.gradients().isEmpty() || !Double.isFinite(loss)) {
            return List.of();
        }
        Shape output = examination.output().shape();
        int perRow = output.rank() == 0 ? 1 : output.withoutFirst().size();
        double constant =
                ofBestConstant(examination.loss().orElseThrow(), examination.y().orElseThrow(), output, perRow);
        Tensor y = examination.y().orElseThrow();
        double targets = y.secondMoment();
        double outputs = examination.output().secondMoment();
        boolean isLarge = constant > 0 && loss > LARGE * constant;
        boolean isFar = y.shape().equals(examination.output().shape()) && targets > FAR * outputs;
        String text = "The loss before the first step is " + Sentences.number(loss)
                + ", and that of the best constant output " + Sentences.number(constant) + ".";
        if (isFar && (isLarge || targets > HUGE)) {
            return List.of(InitFinding.of(
                    Severity.WARNING,
                    Symptom.TARGETS,
                    "",
                    targets,
                    FAR * outputs,
                    text + " The targets' mean square is " + Sentences.number(targets) + ", that of the outputs "
                            + Sentences.number(outputs) + ".",
                    forTargets(examination, y)));
        }
        return !isLarge
                ? List.of()
                : List.of(InitFinding.of(
                        Severity.WARNING,
                        Symptom.LOSS,
                        "",
                        loss,
                        LARGE * constant,
                        text + " The outputs' mean square is " + Sentences.number(outputs) + ".",
                        SuitableWeights.random(last(examination)),
                        Remedy.advice("smaller weights in the last layer.")));
    }

    private static List<Place> last(Examination examination) {
        List<Place> weighted = examination.weighted();
        return weighted.subList(Math.max(0, weighted.size() - 1), weighted.size());
    }

    /** Other targets, or a last layer that begins at their mean. */
    private static Remedy[] forTargets(Examination examination, Tensor y) {
        List<Remedy> remedies = new ArrayList<>();
        String standardize = "standardize the targets: Standardizer.fit(train.y()), of nn.train.data.";
        remedies.add(
                y.shape().rank() < 2 ? Remedy.advice(standardize) : new Remedy(standardize, Treatment.ofTargets()));
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        double mean = y.mean();
        for (Place place : last(examination)) {
            place.map()
                    .flatMap(UnitMap::bias)
                    .ifPresent(bias -> initializers.put(Examination.path(place, bias), Init.constant(mean)));
        }
        if (!initializers.isEmpty()) {
            String text =
                    "let the biases of the last layer begin at the targets' mean, " + Sentences.number(mean) + ".";
            remedies.add(new Remedy(text, Treatment.of(initializers)));
        }
        return remedies.toArray(Remedy[]::new);
    }

    /**
     * The smallest loss of an output that repeats, by gradient descent with steps that adapt.
     *
     * @param shape of the output
     * @param size the number of elements that repeat
     */
    static double ofBestConstant(Loss loss, Tensor y, Shape shape, int size) {
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
            if (value <= best) {
                System.arraycopy(trial, 0, constant, 0, size);
                System.arraycopy(slopeThere, 0, slope, 0, size);
                best = value;
                rate *= 2;
            } else {
                rate /= 4;
            }
        }
        return best;
    }

    private static double valueAndSlope(Loss loss, Tensor output, Tensor y, double[] constant, double[] slope) {
        int size = constant.length;
        for (int i = 0; i < output.size(); i++) {
            output.array()[output.offset() + i] = (float) constant[i % size];
        }
        Loss.Value value = loss.checked(output, y, Context.inference());
        Arrays.fill(slope, 0);
        for (int i = 0; i < output.size(); i++) {
            slope[i % size] += value.dOutput().array()[value.dOutput().offset() + i];
        }
        return value.value();
    }
}
