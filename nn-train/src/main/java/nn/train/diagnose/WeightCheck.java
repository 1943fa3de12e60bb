package nn.train.diagnose;

import java.util.List;
import nn.layers.LinearMap;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for linear maps whose weights are not of the size that suits the nonlinearity after them. */
final class WeightCheck implements Check {
    /** Standard deviations by which the size must differ: He weights of n inputs differ by sqrt(1 / (2 n)). */
    private static final double SURE = 5;

    /** The ratio, or its reciprocal, that counts: in 20 layers 1.05 makes 7. */
    private static final double OFF = 1.05;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> off = examination.weighted().stream()
                .filter(p -> p.next().isPresent() && isOff(p))
                .toList();
        if (off.isEmpty()) {
            return List.of();
        }
        Place worst = Sentences.worst(off, reading -> 0);
        for (Place place : off) {
            worst = distance(place) > distance(worst) ? place : worst;
        }
        double suitable = SuitableWeights.gain(SuitableWeights.nonlinearity(worst));
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.WEIGHTS,
                worst.reading().path(),
                size(worst),
                suitable,
                "The weights of " + worst.name() + " are too " + (size(worst) < suitable ? "small" : "large")
                        + " for " + SuitableWeights.nonlinearity(worst).name()
                        + ": their root mean square times sqrt(inputs) is " + Sentences.number(size(worst))
                        + "; " + Sentences.number(suitable) + " suits it." + Sentences.others(off),
                SuitableWeights.random(off),
                SuitableWeights.orthogonal(off)));
    }

    private static boolean isOff(Place place) {
        if (place.layer().linearMap().isEmpty() || SymmetryCheck.isZero(place.layer())) {
            return false;
        }
        LinearMap map = place.layer().linearMap().get();
        double error = Math.sqrt(0.5 / map.inputs() / map.units());
        return distance(place) > Math.log(OFF) + SURE * error;
    }

    /** The root mean square of the weights times the root of the inputs: the gain, for independent weights. */
    private static double size(Place place) {
        return place.layer()
                .linearMap()
                .map(map -> Math.sqrt(map.inputs() * map.weight().value().secondMoment()))
                .orElse(Double.NaN);
    }

    private static double distance(Place place) {
        return Math.abs(StrictMath.log(size(place) / SuitableWeights.gain(SuitableWeights.nonlinearity(place))));
    }
}
