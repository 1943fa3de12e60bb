package nn.train.diagnose;

import java.util.List;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/**
 * Looks for elements at the flat ends of bounded nonlinearities. Where a function is as steep as at 0 between its ends,
 * as the hard tanh and the hard sigmoid are, half of the elements may be flat as half of a ReLU's are: the others pass
 * all of the gradient.
 */
final class SaturationCheck implements Check {
    private static final double MANY = 0.25;
    private static final double MOST = 0.5;

    /** Of the mean square slope, over that at 0; tanh has less wherever a quarter of normal numbers is at its ends. */
    private static final double LITTLE_SLOPE = 0.3;

    /** A gain of the gradient, or its reciprocal, with which saturation prevents training. */
    private static final double LARGE_GAIN = 1e2;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> many = examination.places().stream()
                .filter(p -> p.reading().saturated() > MANY)
                .filter(p -> p.nonlinearity().stream()
                        .anyMatch(f -> RowStatistics.slope(p.preActivation(), f) < LITTLE_SLOPE))
                .toList();
        if (many.isEmpty() || examination.gradients().isEmpty()) {
            return List.of();
        }
        Place worst = Sentences.worst(many, LayerReading::saturated);
        double gradient = examination.backwardGain();
        boolean prevents = worst.reading().saturated() > MOST && !(gradient > 1 / LARGE_GAIN && gradient < LARGE_GAIN);
        return List.of(InitFinding.of(
                prevents ? Severity.FAILURE : Severity.WARNING,
                Symptom.SATURATION,
                worst.reading().path(),
                worst.reading().saturated(),
                prevents ? MOST : MANY,
                Sentences.percent(worst.reading().saturated()) + " of the outputs of " + Sentences.name(worst, many)
                        + " lie at the flat ends of " + worst.reading().nonlinearity()
                        + ", where almost no gradient passes.",
                SuitableWeights.random("the weights", many),
                Remedy.advice("smaller inputs or weights.")));
    }
}
