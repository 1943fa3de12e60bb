package nn.train.diagnose;

import java.util.List;
import nn.layers.Layer;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for hidden units that are equal, and so stay equal in training. */
final class SymmetryCheck implements Check {
    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> equal = examination.places().stream()
                .filter(p -> p.reading().distinctUnits() > 0
                        && p.reading().distinctUnits() < p.reading().units())
                .filter(p -> !(isZero(p.layer()) && p.consumer().isEmpty()))
                .toList();
        if (equal.isEmpty()) {
            return List.of();
        }
        Place first = equal.getFirst();
        boolean sure = equal.stream().anyMatch(p -> p.consumer().isPresent()) && !examination.drawsAtRandom();
        int distinct = first.reading().distinctUnits();
        String future = examination.drawsAtRandom()
                ? "only random layers, such as dropout, tell them apart."
                : "equal units stay equal in training.";
        return List.of(InitFinding.of(
                sure ? Severity.FAILURE : Severity.WARNING,
                Symptom.SYMMETRY,
                first.reading().path(),
                distinct,
                first.reading().units(),
                Sentences.capital(Sentences.name(first, equal)) + " has "
                        + first.reading().units() + " units, only " + distinct + " distinct: " + future,
                // all linear maps, because the weights out of equal units are equal, too
                SuitableWeights.random("the weights", examination.weighted())));
    }

    static boolean isZero(Layer layer) {
        return UnitMap.of(layer)
                .filter(map -> map.weight().value().maxAbs() == 0)
                .isPresent();
    }
}
