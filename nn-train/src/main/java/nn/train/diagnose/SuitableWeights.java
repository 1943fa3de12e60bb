package nn.train.diagnose;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /**
     * A remedy that draws the weights of these linear maps again.
     *
     * @param which names the weights in the sentence, such as "the hidden weights"
     */
    static Remedy random(String which, List<Place> places) {
        return redrawn(which, places, places, SuitableWeights::random);
    }

    /**
     * A remedy that gives these linear maps orthogonal weights, where a function with a slope at 0 like that of tanh
     * follows: such layers keep small signals nearly as they are. Empty if there are none.
     *
     * @param which names the weights in the sentence, such as "the hidden weights"
     */
    static Optional<Remedy> orthogonal(String which, List<Place> places) {
        List<Place> suited =
                places.stream().filter(SuitableWeights::isNearlyLinear).toList();
        return suited.isEmpty()
                ? Optional.empty()
                : Optional.of(redrawn(which, places, suited, p -> Init.orthogonal(gain(nonlinearity(p)))));
    }

    /** The orthogonal weights, if they suit, and some advice. */
    static Remedy[] orthogonalOr(String which, List<Place> places, String advice) {
        return Stream.concat(orthogonal(which, places).stream(), Stream.of(Remedy.advice(advice)))
                .toArray(Remedy[]::new);
    }

    private static boolean isNearlyLinear(Place place) {
        Nonlinearity f = nonlinearity(place);
        return place.layer().linearMap().isPresent()
                && f.negativeSlope().isEmpty()
                && Math.abs(Gain.suitable(f) * f.derivative(0)) == 1;
    }

    /** Draws the weights of some of the linear maps again. */
    private static Remedy redrawn(
            String which, List<Place> places, List<Place> drawn, Function<Place, Initializer> suitable) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        SequencedMap<String, Set<String>> followers = new LinkedHashMap<>(); // nonlinearities, by initializer
        for (Place place : drawn) {
            Optional<UnitMap> map = place.map();
            if (map.isPresent()) {
                Initializer initializer = suitable.apply(place);
                initializers.put(Examination.path(place, map.get().weight()), initializer);
                followers
                        .computeIfAbsent(initializer.toString(), scheme -> new LinkedHashSet<>())
                        .add(nonlinearity(place).name());
            }
        }
        if (followers.isEmpty()) { // no layer tells how it multiplies
            return Remedy.advice("draw " + which + " at random.");
        }
        boolean areAll = drawn.size() == places.size();
        String schemes = areAll && followers.size() == 1
                ? " by '" + followers.firstEntry().getKey() + "'"
                : followers.entrySet().stream()
                        .sorted(Comparator.comparing(e -> areAll && isPlain(e.getValue()))) // these last
                        .map(e -> (areAll && isPlain(e.getValue())
                                        ? " others"
                                        : " before " + String.join(" and ", e.getValue()))
                                + " by '" + e.getKey() + "'")
                        .collect(Collectors.joining(","));
        return new Remedy("draw " + which + schemes + ".", Treatment.of(initializers));
    }

    private static boolean isPlain(Set<String> nonlinearities) {
        return nonlinearities.contains(Nonlinearity.LINEAR.name());
    }
}
