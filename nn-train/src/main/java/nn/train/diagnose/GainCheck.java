package nn.train.diagnose;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/**
 * Looks at what becomes of the signal from the first layer to the last one's input, and of the gradient on the way
 * back, from the last hidden layer: a small last layer delays nothing. A normalization sets the signal's scale anew, so
 * the gain of the signal is taken between normalizations, and that of the gradient together with the signal: their
 * product does not depend on a scale.
 */
final class GainCheck implements Check {
    /** A gain, or its reciprocal, that costs time in networks of up to {@link #DEEP} layers. */
    private static final double LARGE = 1e2;

    /** Beyond this depth the limit grows: at the critical gain both fade like 1 / depth, which costs little. */
    private static final double DEEP = 10;

    private static final double HUGE = 1e6;

    /** A signal may fade so far if the gradient does not: deep networks of tanh do, and learn. */
    private static final double FADED_ALONE = 1e4;

    /** Where an output or a gradient is zero and the numbers that it comes from are below this, it was rounded. */
    private static final float TINY_INPUT = 0x1p-60f;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<InitFinding> findings = new ArrayList<>();
        List<Place> weighted = examination.weighted();
        if (examination.gradients().isEmpty() || weighted.size() < 2) {
            return findings;
        }
        boolean normalizes = examination.places().stream().anyMatch(Place::isNormalization);
        Gain signal = normalizes ? worstBetweenNormalizations(examination) : signal(examination, weighted);
        Gain gradient = gradient(examination, normalizes);
        double large = LARGE * Math.max(1, weighted.size() / DEEP);
        boolean steadyGradient = gradient.factor > 1 / large && gradient.factor < large;
        double small = steadyGradient ? FADED_ALONE : large;
        find(findings, examination, Symptom.SIGNAL, signal, small, large, signalIsRounded(examination));
        find(findings, examination, Symptom.GRADIENT, gradient, large, large, gradientIsRounded(examination));
        return findings;
    }

    /**
     * What becomes of the signal or of the gradient between two layers.
     *
     * @param quantity what is compared, as a sentence names it
     * @param factor the quantity at the end over that at the start
     * @param from the layer where the data or the gradient starts, as a sentence names it
     * @param to the layer where it ends
     * @param layers the number of layers whose weights lie between the two readings; 0 if branches lie between them
     */
    private record Gain(String quantity, double factor, String from, String to, int layers) {
        /** Such as {@code its mean square at the last layer is 1.6e-5 times that at the first}. */
        String sentence() {
            String between = layers < 2
                    ? "" // the factor of a single layer would repeat the gain
                    : ", a factor of " + Sentences.number(StrictMath.pow(factor, 1.0 / layers)) + " per layer";
            return "its " + quantity + " at " + to + " is " + Sentences.number(factor) + " times that at " + from
                    + between + ".";
        }

        double distance() {
            return Math.abs(StrictMath.log(factor));
        }
    }

    /** The layers but the head, up to the last one that gets a gradient: a branch that begins at zero passes none. */
    private static List<Place> trunk(List<Place> weighted) {
        int size = weighted.size() - 1;
        while (size > 1 && weighted.get(size - 1).reading().gradient() == 0) {
            size--;
        }
        return weighted.subList(0, size);
    }

    private static Gain signal(Examination examination, List<Place> weighted) {
        return signal(examination, weighted, "the first", "the last layer");
    }

    /**
     * The mean square of the last layer's input over that of the first one's pre-activations. What is equal in all
     * elements is no signal: the outputs of a sigmoid lie around 1/2.
     */
    private static Gain signal(Examination examination, List<Place> weighted, String from, String to) {
        Tensor first = weighted.getFirst().preActivation();
        Tensor last = weighted.getLast().input();
        return new Gain(
                "mean square", variance(last) / variance(first), from, to, layersBetween(examination, first, last));
    }

    /**
     * Counts the layers with weights on the way from one tensor to another, on which each layer takes the output of the
     * one before; 0 if there is no such way.
     */
    private static int layersBetween(Examination examination, Tensor from, Tensor to) {
        Tensor y = from;
        int layers = 0;
        for (Run run : examination.runs()) {
            if (y == to) {
                return layers;
            }
            if (run.x == y) {
                y = run.y;
                layers += Examination.hasWeight(run.layer) ? 1 : 0;
            }
        }
        return y == to ? layers : 0;
    }

    private static double variance(Tensor t) {
        double mean = t.mean();
        double square = t.secondMoment();
        double variance = square - mean * mean;
        return variance > 1e-6 * square ? variance : square; // else it is rounding, or constant
    }

    private static Gain worstBetweenNormalizations(Examination examination) {
        Gain worst = new Gain("mean square", 1, "", "", 0);
        List<Place> segment = new ArrayList<>();
        for (Place place : examination.places()) {
            if (place.isNormalization()) {
                worst = worse(examination, worst, segment);
                segment.clear();
            } else if (place.isWeighted()) {
                segment.add(place);
            }
        }
        return worse(examination, worst, segment);
    }

    private static Gain worse(Examination examination, Gain worst, List<Place> segment) {
        if (segment.size() < 2) {
            return worst;
        }
        Gain gain = signal(
                examination,
                segment,
                segment.getFirst().name(),
                segment.getLast().name());
        return gain.distance() > worst.distance() ? gain : worst;
    }

    /**
     * The gradient's squared length at the first layer over that at the last of the trunk, both at pre-activations.
     * Among normalizations, the length is taken times the signal's mean square, and the sentence names both by their
     * columns in the report.
     */
    private static Gain gradient(Examination examination, boolean normalizes) {
        List<Place> weighted = examination.weighted();
        List<Place> trunk = trunk(weighted);
        LayerReading first = trunk.getFirst().reading();
        LayerReading last = trunk.getLast().reading();
        double factor = normalizes
                ? first.gradient() * first.preActivation() / (last.gradient() * last.preActivation())
                : first.gradient() / last.gradient();
        return new Gain(
                normalizes ? "grad^2 E z^2" : "squared length",
                factor,
                trunk.size() == weighted.size() - 1
                        ? "the last hidden layer"
                        : trunk.getLast().name() + ", the last that gets a gradient",
                "the first layer",
                layersBetween(
                        examination,
                        trunk.getFirst().preActivation(),
                        trunk.getLast().preActivation()));
    }

    /** Returns whether a layer's output is zero because it was below {@link Tensor#TINY}. */
    private static boolean signalIsRounded(Examination examination) {
        return examination.runs().stream()
                .anyMatch(run -> run.y.maxAbs() == 0 && run.x.maxAbs() > 0 && run.x.isBelow(TINY_INPUT));
    }

    /** Returns whether the gradient at a layer's input is zero because it was below {@link Tensor#TINY}. */
    private static boolean gradientIsRounded(Examination examination) {
        return examination.runs().stream().anyMatch(GainCheck::roundsGradient);
    }

    private static boolean roundsGradient(Run run) {
        return run.gradientAtX == 0 && run.gradientAtY > 0 && run.gradientAtY < TINY_INPUT * TINY_INPUT;
    }

    private static void find(
            List<InitFinding> findings,
            Examination examination,
            Symptom symptom,
            Gain gain,
            double small,
            double large,
            boolean isRounded) {
        String what = symptom == Symptom.SIGNAL ? "The signal" : "The gradient";
        double factor = gain.factor;
        if (factor == 0 && isRounded) {
            findings.add(InitFinding.of(
                    Severity.FAILURE,
                    symptom,
                    "",
                    0,
                    1 / HUGE,
                    what + " vanishes: at " + gain.to + " it is 0, because rows of outputs and gradients are rounded"
                            + " to zero below " + Sentences.number(Tensor.TINY) + ".",
                    remedies(examination)));
            return;
        }
        double distance = gain.distance();
        boolean isZero = factor == 0 || factor == Double.POSITIVE_INFINITY; // at the end, or at the start
        if (isZero || !(distance > StrictMath.log(factor < 1 ? small : large))) {
            return; // zeros are the symptom "no gradient" or "symmetry"
        }
        boolean huge = distance > StrictMath.log(HUGE);
        double limit = huge ? HUGE : factor < 1 ? small : large;
        findings.add(InitFinding.of(
                huge ? Severity.FAILURE : Severity.WARNING,
                symptom,
                "",
                factor,
                factor < 1 ? 1 / limit : limit,
                what + " " + (factor < 1 ? "vanishes" : "explodes") + ": " + gain.sentence(),
                remedies(examination)));
    }

    /** Weights of the right size may still fade in very deep networks; orthogonal ones fade least. */
    private static Remedy[] remedies(Examination examination) {
        List<Place> hidden = examination.weighted().stream()
                .filter(p -> p.next().isPresent())
                .toList();
        return SuitableWeights.orthogonalOr(
                "the hidden weights", hidden, "fewer layers, residual branches with Init.residual, or normalization.");
    }
}
