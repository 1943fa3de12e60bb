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
        double signal = normalizes ? worstBetweenNormalizations(examination) : signal(weighted);
        List<Place> trunk = trunk(weighted);
        double gradient = normalizes
                ? scaleFreeGradient(trunk)
                : trunk.getFirst().reading().gradient()
                        / trunk.getLast().reading().gradient();
        double large = LARGE * Math.max(1, weighted.size() / DEEP);
        boolean steadyGradient = gradient > 1 / large && gradient < large;
        double small = steadyGradient ? FADED_ALONE : large;
        gain(findings, examination, Symptom.SIGNAL, signal, small, large, signalIsRounded(examination));
        gain(findings, examination, Symptom.GRADIENT, gradient, large, large, gradientIsRounded(examination));
        return findings;
    }

    /** The layers but the head, up to the last one that gets a gradient: a branch that begins at zero passes none. */
    private static List<Place> trunk(List<Place> weighted) {
        int size = weighted.size() - 1;
        while (size > 1 && weighted.get(size - 1).reading().gradient() == 0) {
            size--;
        }
        return weighted.subList(0, size);
    }

    /**
     * The mean square of the last layer's input over that of the first one's pre-activations. What is equal in all
     * elements is no signal: the outputs of a sigmoid lie around 1/2.
     */
    private static double signal(List<Place> weighted) {
        double last = variance(weighted.getLast().input());
        double first = variance(weighted.getFirst().preActivation());
        return last / first;
    }

    private static double variance(Tensor t) {
        double mean = t.mean();
        double square = t.secondMoment();
        double variance = square - mean * mean;
        return variance > 1e-6 * square ? variance : square; // else it is rounding, or constant
    }

    private static double worstBetweenNormalizations(Examination examination) {
        double worst = 1;
        List<Place> segment = new ArrayList<>();
        for (Place place : examination.places()) {
            if (place.isNormalization()) {
                worst = worse(worst, segment);
                segment.clear();
            } else if (place.isWeighted()) {
                segment.add(place);
            }
        }
        return worse(worst, segment);
    }

    private static double worse(double worst, List<Place> segment) {
        if (segment.size() < 2) {
            return worst;
        }
        double gain = signal(segment);
        return Math.abs(StrictMath.log(gain)) > Math.abs(StrictMath.log(worst)) ? gain : worst;
    }

    /** The gradient's squared length times the signal's mean square, at the first layer over the last. */
    private static double scaleFreeGradient(List<Place> trunk) {
        LayerReading first = trunk.getFirst().reading();
        LayerReading last = trunk.getLast().reading();
        double atFirst = first.gradient() * first.preActivation();
        double atLast = last.gradient() * last.preActivation();
        return atFirst / atLast;
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

    private static void gain(
            List<InitFinding> findings,
            Examination examination,
            Symptom symptom,
            double gain,
            double small,
            double large,
            boolean isRounded) {
        boolean isSignal = symptom == Symptom.SIGNAL;
        String what = isSignal ? "The signal" : "The gradient";
        String size = isSignal ? "mean square" : "squared length";
        String to = isSignal ? "the last layer" : "the first layer";
        String from = isSignal ? "the first" : "the last hidden layer";
        if (gain == 0 && isRounded) {
            findings.add(InitFinding.of(
                    Severity.FAILURE,
                    symptom,
                    "",
                    0,
                    1 / HUGE,
                    what + " vanishes: at " + to + " it is 0, because rows of outputs and gradients are rounded"
                            + " to zero below " + Sentences.number(Tensor.TINY) + ".",
                    remedies(examination)));
            return;
        }
        double distance = Math.abs(StrictMath.log(gain));
        boolean isZero = gain == 0 || gain == Double.POSITIVE_INFINITY; // at the end, or at the start
        if (isZero || !(distance > StrictMath.log(gain < 1 ? small : large))) {
            return; // zeros are the symptom "no gradient" or "symmetry"
        }
        boolean huge = distance > StrictMath.log(HUGE);
        double limit = huge ? HUGE : gain < 1 ? small : large;
        double perLayer = StrictMath.pow(gain, 1.0 / (examination.weighted().size() - 1));
        findings.add(InitFinding.of(
                huge ? Severity.FAILURE : Severity.WARNING,
                symptom,
                "",
                gain,
                gain < 1 ? 1 / limit : limit,
                what + " " + (gain < 1 ? "vanishes" : "explodes") + ": its " + size + " at " + to + " is "
                        + Sentences.number(gain) + " times that at " + from + ", a factor of "
                        + Sentences.number(perLayer) + " per layer.",
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
