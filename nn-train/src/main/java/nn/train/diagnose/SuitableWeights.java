package nn.train.diagnose;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Gain;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.train.diagnose.Examination.Place;

/** The weights that suit linear maps, by {@link Gain#suitable} of the nonlinearity that follows. */
final class SuitableWeights {
    private SuitableWeights() {}

    static Nonlinearity nonlinearity(Place place) {
        return place.nonlinearity().orElse(Nonlinearity.LINEAR);
    }

    /** To six digits, as it is printed; He's exactly. */
    static double gain(Nonlinearity f) {
        double gain = Gain.suitable(f);
        double brief = new BigDecimal(gain).round(new MathContext(6)).doubleValue();
        return gain == Gain.he(0) ? gain : brief;
    }

    static Initializer random(Place place) {
        return new VarianceScaling(gain(nonlinearity(place)), Fan.IN, Distribution.NORMAL);
    }

    /** A remedy that draws the weights of these linear maps again. */
    static Remedy random(List<Place> places) {
        return redrawn(places, false);
    }

    /**
     * A remedy that gives these linear maps orthogonal weights, where a function with a slope at 0 like that of tanh
     * follows: such layers keep small signals nearly as they are. Empty if there are none.
     */
    static Optional<Remedy> orthogonal(List<Place> places) {
        List<Place> suited =
                places.stream().filter(SuitableWeights::isNearlyLinear).toList();
        return suited.isEmpty() ? Optional.empty() : Optional.of(redrawn(suited, true));
    }

    /** The orthogonal weights, if they suit, and some advice. */
    static Remedy[] orthogonalOr(List<Place> places, String advice) {
        return Stream.concat(orthogonal(places).stream(), Stream.of(Remedy.advice(advice)))
                .toArray(Remedy[]::new);
    }

    private static boolean isNearlyLinear(Place place) {
        Nonlinearity f = nonlinearity(place);
        return place.layer().linearMap().isPresent()
                && f.negativeSlope().isEmpty()
                && Math.abs(Gain.suitable(f) * f.derivative(0)) == 1;
    }

    private static Remedy redrawn(List<Place> places, boolean orthogonal) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        SequencedMap<String, String> names = new LinkedHashMap<>(); // of nonlinearities, by initializer
        for (Place place : places) {
            Optional<UnitMap> map = place.map();
            if (map.isPresent()) {
                Initializer suitable = orthogonal ? Init.orthogonal(gain(nonlinearity(place))) : random(place);
                initializers.put(Examination.path(place, map.get().weight()), suitable);
                names.putIfAbsent(suitable.toString(), nonlinearity(place).name());
            }
        }
        StringBuilder text = new StringBuilder();
        names.forEach((scheme, f) -> text.append(text.isEmpty() ? "'" : "; '")
                .append(scheme)
                .append("' weights suit ")
                .append(f.equals(Nonlinearity.LINEAR.name()) ? "a layer without a nonlinearity" : f));
        return new Remedy(text.append('.').toString(), Treatment.of(initializers));
    }
}
