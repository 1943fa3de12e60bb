package nn.train.diagnose;

import java.util.List;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.BornDead;
import nn.layers.Layer;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for ReLU networks so narrow and deep that many draws of their weights are dead from the start. */
final class BornDeadCheck implements Check {
    private static final double RISK = 0.05;
    private static final int DRAWS = 64;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> rectified = examination.places().stream()
                .filter(p -> p.nonlinearity()
                        .filter(f -> f.equals(Nonlinearity.RELU))
                        .isPresent())
                .filter(p -> hasNoBias(p.layer()))
                .toList();
        double alive = 1;
        for (Place place : rectified.subList(Math.min(1, rectified.size()), rectified.size())) {
            alive *= 1 - BornDead.forOneInput(place.reading().units(), 1);
        }
        if (examination.gradients().isEmpty() || !(1 - alive > RISK)) {
            return List.of();
        }
        double dead = examination.shareConstant(DRAWS); // the product is a bound; other paths may lead past a layer
        if (!(dead > RISK)) {
            return List.of();
        }
        Place narrow = Sentences.worst(rectified, reading -> -reading.units());
        return List.of(InitFinding.of(
                Severity.WARNING,
                Symptom.BORN_DEAD,
                narrow.reading().path(),
                dead,
                RISK,
                "Of " + DRAWS + " draws of these weights " + Math.round(dead * DRAWS) + " are dead from the start, with"
                        + " one output for all rows. The narrowest, " + narrow.name() + ", has "
                        + narrow.reading().units() + " units.",
                Remedy.advice("wider layers, fewer of them, a small positive bias, or a leaky slope.")));
    }

    /** Returns whether a layer is a linear map whose biases are all 0 or missing. */
    private static boolean hasNoBias(Layer layer) {
        return UnitMap.of(layer)
                .filter(map -> map.bias().map(b -> b.value().maxAbs() == 0).orElse(true))
                .isPresent();
    }
}
