package nn.examples.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every claim notices faults in its experiment; one that accepts them says nothing. */
class SabotageTest {
    private static final long SEED = 1;

    /** The claims that must notice a fault, each on its own. Every family is here or in the list below. */
    private static final Map<Sabotage, List<String>> NOTICED = new TreeMap<>(Map.of(
            Sabotage.WRONG_VARIANCE,
                    List.of(
                            "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V12", "D1", "D2", "9", "10", "13", "15",
                            "17", "18", "20", "25", "26", "28", "34", "35", "35b", "38", "39", "45", "46", "49", "50",
                            "51", "53", "55", "O2", "O3", "O4", "O5", "O7", "R1", "B3", "B5", "B6", "B7", "B12", "B13",
                            "B14", "B15", "B16", "B17", "B18", "B20", "B21", "B22", "B23"),
            Sabotage.SWAPPED_FAN, List.of("38", "45", "50", "51", "V12"),
            Sabotage.BIAS_DROPPED,
                    List.of("S6", "D1", "D2", "D3", "D4", "D6", "D7", "34", "35", "35b", "49", "B-1", "B6", "B19"),
            Sabotage.ONE_SEED, List.of("V2", "D3", "10", "O1", "O4", "B9", "B10"),
            Sabotage.WRONG_NONLINEARITY,
                    List.of("V1", "V7", "V12", "9", "20", "26", "39", "46", "51", "B6", "B16", "B17"),
            Sabotage.UNSIGNED_QR, List.of("O1"),
            Sabotage.NOT_ORTHOGONAL, List.of("28", "55", "O2", "O3", "O5", "O8", "B3", "B7", "B8"),
            Sabotage.OTHER_ORDER_OF_SUMS, List.of("S4")));

    /** Families that no fault has been tried on. May only become shorter. */
    private static final Set<String> UNTRIED = Set.of();

    private static Stream<Sabotage> faults() {
        return NOTICED.keySet().stream();
    }

    private static List<Entry> claims(List<String> ids) {
        List<Entry> claims =
                Lab.claims().stream().filter(e -> ids.contains(e.id())).toList();
        assertThat(claims).extracting(Entry::id).containsExactlyInAnyOrderElementsOf(ids);
        return claims;
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultIsNoticedByEachClaimThatDependsOnThePart(Sabotage fault) {
        List<Result> results = Lab.run(claims(NOTICED.get(fault)), SEED, true, 2, fault, done -> {});
        assertThat(results.stream().filter(Result::accepted).map(r -> r.entry().id()))
                .as("claims that stand although %s", fault)
                .isEmpty();
        // by its measurement, not by an exception
        assertThat(results).extracting(Result::failure).containsOnly("");
    }

    @Test
    void everyFamilyHasAFaultThatItNotices() {
        Set<String> tried = claims(NOTICED.values().stream()
                        .flatMap(List::stream)
                        .distinct()
                        .toList())
                .stream()
                .map(Entry::family)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> untried = Lab.claims().stream().map(Entry::family).collect(Collectors.toCollection(TreeSet::new));
        untried.removeAll(tried);
        assertThat(untried).as("families without a row in NOTICED").isEqualTo(UNTRIED);
    }
}
