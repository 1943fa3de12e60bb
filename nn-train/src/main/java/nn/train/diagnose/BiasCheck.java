package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for hidden layers whose biases make up most of their pre-activations. */
final class BiasCheck implements Check {
    private static final double MOST = 0.3;

    /**
     * A rectified layer with fewer elements off is nearly linear. Two layers of 64 units with biases of 6 (and 0.1 % of
     * elements off in the first) told points inside a circle from those outside with 3 times the loss of biases of 0,
     * under Adam and SGD (25 epochs of 512 rows, the best of four rates, median of five seeds).
     */
    private static final double FEW_OFF = 0.01;

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
        boolean isLinear = large.stream().anyMatch(BiasCheck::isLinear);
        SequencedMap<String, Initializer> zeros = new LinkedHashMap<>();
        large.forEach(p ->
                p.map().flatMap(UnitMap::bias).ifPresent(bias -> zeros.put(Examination.path(p, bias), Init.zeros())));
        return List.of(InitFinding.of(
                isLinear ? Severity.WARNING : Severity.SUSPICION,
                Symptom.BIASES,
                worst.reading().path(),
                share(worst),
                MOST,
                "The biases of " + Sentences.name(worst, large) + " make up " + Sentences.percent(share(worst))
                        + " of E z^2, so rows differ little" + (isLinear ? " and units are on for all of them." : "."),
                new Remedy("let the biases begin with Init.zeros().", Treatment.of(zeros)),
                Remedy.advice("smaller biases.")));
    }

    /** Whether hardly an element of a rectified layer is off, so that it bends nothing. */
    private static boolean isLinear(Place place) {
        if (place.nonlinearity().filter(f -> f.negativeSlope().isPresent()).isEmpty()) {
            return false;
        }
        Tensor z = place.preActivation();
        int off = 0;
        for (int i = 0; i < z.size(); i++) {
            off += z.array()[z.offset() + i] < 0 ? 1 : 0;
        }
        return off < FEW_OFF * z.size();
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
