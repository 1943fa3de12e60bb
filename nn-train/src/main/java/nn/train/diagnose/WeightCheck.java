package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.Init;
import nn.init.Initializer;
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
        List<Place> hidden = examination.weighted().stream()
                .filter(p -> p.next().isPresent())
                .filter(p -> p.map().isPresent() && !SymmetryCheck.isZero(p.layer()))
                .toList();
        Map<String, List<Place>> alike = hidden.stream()
                .collect(Collectors.groupingBy(
                        p -> SuitableWeights.nonlinearity(p).name()));
        Set<String> offTogether = alike.keySet().stream()
                .filter(f -> isOff(Objects.requireNonNull(alike.get(f))))
                .collect(Collectors.toSet());
        List<Place> off = hidden.stream()
                .filter(p -> isOff(List.of(p))
                        || offTogether.contains(SuitableWeights.nonlinearity(p).name()))
                .toList();
        if (off.isEmpty()) {
            return List.of();
        }
        Place worst = off.getFirst();
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
                Sentences.capital(Sentences.name(worst, off)) + " has weights too "
                        + (size(worst) < suitable ? "small" : "large")
                        + " for " + SuitableWeights.nonlinearity(worst).name()
                        + ": their root mean square times sqrt(inputs) is " + Sentences.number(size(worst))
                        + ", not " + Sentences.number(suitable) + ".",
                Stream.of(
                                Stream.of(SuitableWeights.random("the weights", off)),
                                SuitableWeights.orthogonal("the weights", off).stream(),
                                withoutBiases(off).stream())
                        .flatMap(remedies -> remedies)
                        .toArray(Remedy[]::new)));
    }

    /** Suitable weights, and biases of 0, which would make up more of the smaller signal; empty if there are none. */
    private static Optional<Remedy> withoutBiases(List<Place> places) {
        SequencedMap<String, Initializer> zeros = new LinkedHashMap<>();
        for (Place place : places) {
            place.map()
                    .flatMap(UnitMap::bias)
                    .filter(bias -> bias.value().maxAbs() > 0)
                    .ifPresent(bias -> zeros.put(Examination.path(place, bias), Init.zeros()));
        }
        Remedy random = SuitableWeights.random("the weights", places);
        return zeros.isEmpty()
                ? Optional.empty()
                : Optional.of(new Remedy(
                        random.text() + " Set the biases to 0.",
                        random.treatment().and(Treatment.of(zeros))));
    }

    /** Whether layers before the same nonlinearity are too small or too large on average, surely. */
    private static boolean isOff(List<Place> places) {
        double mean = 0;
        double variance = 0;
        for (Place place : places) {
            double elements = place.map().orElseThrow().weight().value().size();
            mean += logarithm(place) / places.size();
            variance += 0.5 / elements / places.size() / places.size();
        }
        return Math.abs(mean) > StrictMath.log(OFF) + SURE * Math.sqrt(variance);
    }

    private static double size(Place place) {
        return place.map().map(UnitMap::gain).orElse(Double.NaN);
    }

    /** The logarithm of the size over the suitable one. */
    private static double logarithm(Place place) {
        return StrictMath.log(size(place) / SuitableWeights.gain(SuitableWeights.nonlinearity(place)));
    }

    private static double distance(Place place) {
        return Math.abs(logarithm(place));
    }
}
