package nn.train.diagnose;

import java.util.List;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for linear maps whose output has another size than independent weights would give it. */
final class TheoryCheck implements Check {
    /** In standard deviations. */
    private static final double MAX_DEVIATION = 4;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> unlike = examination.places().stream()
                .filter(p -> deviation(p.reading()) > 1)
                .toList();
        if (unlike.isEmpty() || examination.gradients().isEmpty()) {
            return List.of();
        }
        Place worst = Sentences.worst(unlike, TheoryCheck::deviation);
        LayerReading reading = worst.reading();
        return List.of(InitFinding.of(
                Severity.WARNING,
                Symptom.UNLIKE_THEORY,
                reading.path(),
                reading.preActivation(),
                reading.predicted(),
                "E z^2 of " + Sentences.name(worst, unlike) + " is " + Sentences.number(reading.preActivation())
                        + ", but independent weights of that size would give about "
                        + Sentences.number(reading.predicted()) + ".",
                Remedy.advice("none, if the model is trained; else check how its weights are drawn.")));
    }

    /**
     * Returns the deviation of a layer from theory, over the allowed one: the mean square of n normal numbers has the
     * relative standard deviation sqrt(2 / n).
     */
    private static double deviation(LayerReading reading) {
        double allowed = MAX_DEVIATION * Math.sqrt(2.0 / reading.units());
        return Math.abs(StrictMath.log(reading.preActivation() / reading.predicted())) / allowed;
    }
}
