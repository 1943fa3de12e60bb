package nn.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * Figures by library, method and parameter, one number for each turn. In a turn, everything that has the same method
 * and parameter is measured once, one library after the other; so a ratio is that of two numbers of one turn, and the
 * median over the turns does not depend on how busy the machine was in one of them.
 */
public final class Scores {
    private static final String OURS = "Benchmark";
    private static final String HAND_OFF = "HandOff";
    private static final String BYTES = "gc.alloc.rate.norm";

    /**
     * What was measured.
     *
     * @param type simple name of the class: {@code MatmulBenchmark} is ours, {@code OpenBlasMatmul} another library's
     * @param method the operation
     * @param parameter its size, or empty
     */
    private record Case(String type, String method, String parameter) {}

    private final Map<Case, Map<Integer, Double>> figures = new LinkedHashMap<>();
    private final Map<Case, Map<Integer, Double>> bytes = new LinkedHashMap<>();

    /** Adds what the runner gives for a turn, in which each benchmark runs in one JVM: the median of its iterations. */
    public void add(Collection<RunResult> results, int turn) {
        for (RunResult result : results) {
            Case key = key(result.getParams());
            for (BenchmarkResult fork : result.getBenchmarkResults()) {
                put(figures, key, turn, fork.getPrimaryResult().getStatistics().getPercentile(50));
                Optional<Result> allocated = fork.getSecondaryResults().entrySet().stream()
                        .filter(e -> e.getKey().endsWith(BYTES))
                        .<Result>map(Map.Entry::getValue)
                        .findFirst();
                allocated.ifPresent(r -> put(bytes, key, turn, r.getStatistics().getPercentile(50)));
            }
        }
    }

    /** Measures a {@link HandOff} for the rows of a parameter, if more than one thread and core are used. */
    void addHandOff(String parameter, int turn) {
        if (Integer.getInteger("nn.threads", 1) > 1 && Runtime.getRuntime().availableProcessors() > 1) {
            put(figures, new Case(HAND_OFF, "", parameter), turn, HandOff.nanos());
        }
    }

    /** Nanoseconds for a cache line from core to core beside the rows of a parameter; empty on one thread. */
    OptionalDouble handOff(String parameter) {
        return median(figures.get(new Case(HAND_OFF, "", parameter)));
    }

    /** Whether any row has a {@link #handOff}. */
    boolean hasHandOffs() {
        return figures.keySet().stream().anyMatch(key -> key.type.equals(HAND_OFF));
    }

    private static Case key(BenchmarkParams params) {
        String[] path = params.getBenchmark().split("\\.");
        List<String> values =
                params.getParamsKeys().stream().map(params::getParam).toList();
        return new Case(path[path.length - 2], path[path.length - 1], String.join(" ", values));
    }

    private static void put(Map<Case, Map<Integer, Double>> map, Case key, int turn, double value) {
        map.computeIfAbsent(key, k -> new TreeMap<>()).put(turn, value);
    }

    /** Lines that {@link #addLines} reads: how a measured JVM hands its figures over. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        figures.forEach((key, turns) -> turns.forEach((turn, value) ->
                lines.add(String.join("\t", key.type, key.method, key.parameter, "" + turn, "" + value))));
        return lines;
    }

    /** Adds the lines of a JVM whose first turn is to be counted as {@code firstTurn}. */
    void addLines(List<String> lines, int firstTurn) {
        for (String line : lines) {
            String[] cells = line.split("\t", -1);
            Case key = new Case(cells[0], cells[1], cells[2]);
            put(figures, key, firstTurn + Integer.parseInt(cells[3]), Double.parseDouble(cells[4]));
        }
    }

    /** The other libraries that have a figure in a group such as {@code Matmul}. */
    public List<String> peers(String group) {
        TreeSet<String> peers = new TreeSet<>();
        for (Case key : figures.keySet()) {
            if (key.type.endsWith(group)) {
                peers.add(key.type.substring(0, key.type.length() - group.length()));
            }
        }
        return List.copyOf(peers);
    }

    /** Our figure, the median over all turns. */
    public OptionalDouble ours(String group, String method, String parameter) {
        return median(figures.get(new Case(group + OURS, method, parameter)));
    }

    /** Another library's figure divided by ours in the same turn, the median over the turns that have both. */
    OptionalDouble ratio(String peer, String group, String method, String parameter) {
        Map<Integer, Double> ours = figures.getOrDefault(new Case(group + OURS, method, parameter), Map.of());
        Map<Integer, Double> ratios =
                new TreeMap<>(figures.getOrDefault(new Case(peer + group, method, parameter), Map.of()));
        ratios.keySet().retainAll(ours.keySet());
        ratios.replaceAll((turn, theirs) -> theirs / ours.get(turn));
        return median(ratios);
    }

    /** Bytes that one operation of ours allocates, if they were counted. */
    public OptionalDouble bytes(String group, String method, String parameter) {
        return median(bytes.get(new Case(group + OURS, method, parameter)));
    }

    private static OptionalDouble median(Map<Integer, Double> turns) {
        if (turns == null || turns.isEmpty()) {
            return OptionalDouble.empty();
        }
        double[] sorted = turns.values().stream().mapToDouble(v -> v).sorted().toArray();
        int half = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
    }
}
