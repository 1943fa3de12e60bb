package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for hidden layers whose biases make up most of their pre-activations. */
final class BiasCheck implements Check {
    private static final double MOST = 0.3;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> large = examination.weighted().stream()
                .filter(p -> p.next().isPresent() && share(p) > MOST)
                .toList();
        if (large.isEmpty()) {
            return List.of();
        }
        Place worst = large.getFirst();
        for (Place place : large) {
            worst = share(place) > share(worst) ? place : worst;
        }
        SequencedMap<String, Initializer> zeros = new LinkedHashMap<>();
        large.forEach(p ->
                p.map().flatMap(UnitMap::bias).ifPresent(bias -> zeros.put(Examination.path(p, bias), Init.zeros())));
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.BIASES,
                worst.reading().path(),
                share(worst),
                MOST,
                "The biases of " + worst.name() + " make up " + Sentences.percent(share(worst))
                        + " of E z^2, so rows differ little." + Sentences.others(large),
                new Remedy("let the biases begin with Init.zeros().", Treatment.of(zeros))));
    }

    /** The biases' part of the mean square of pre-activations. */
    private static double share(Place place) {
        double biases = place.map()
                .flatMap(UnitMap::bias)
                .map(Parameter::value)
                .map(b -> b.secondMoment())
                .orElse(0.0);
        return biases == 0 ? 0 : Math.min(1, biases / place.reading().preActivation());
    }
}
