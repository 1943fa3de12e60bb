package nn.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Figures by library, method and parameter; of each, one number per JVM. */
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

    private final Map<Case, List<Double>> figures = new LinkedHashMap<>();
    private final Map<Case, List<Double>> bytes = new LinkedHashMap<>();

    /** Adds what the runner gives: of each JVM, the median of its iterations. */
    public void add(Collection<RunResult> results) {
        for (RunResult result : results) {
            Case key = key(result.getParams());
            for (BenchmarkResult fork : result.getBenchmarkResults()) {
                put(figures, key, fork.getPrimaryResult().getStatistics().getPercentile(50));
                Optional<Result> allocated = fork.getSecondaryResults().entrySet().stream()
                        .filter(e -> e.getKey().endsWith(BYTES))
                        .<Result>map(Map.Entry::getValue)
                        .findFirst();
                allocated.ifPresent(r -> put(bytes, key, r.getStatistics().getPercentile(50)));
            }
        }
    }

    /** Measures a {@link HandOff} for the rows of a parameter, if more than one thread and core are used. */
    void addHandOff(String parameter) {
        if (Integer.getInteger("nn.threads", 1) > 1 && Runtime.getRuntime().availableProcessors() > 1) {
            put(figures, new Case(HAND_OFF, "", parameter), HandOff.nanos());
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

    private static void put(Map<Case, List<Double>> map, Case key, double value) {
        map.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
    }

    /** Lines that {@link #addLines} reads: how a measured JVM hands its figures over. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        figures.forEach((key, values) -> values.forEach(
                value -> lines.add(String.join("\t", key.type, key.method, key.parameter, value.toString()))));
        return lines;
    }

    void addLines(List<String> lines) {
        for (String line : lines) {
            String[] cells = line.split("\t", -1);
            put(figures, new Case(cells[0], cells[1], cells[2]), Double.parseDouble(cells[3]));
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

    /** Our figure, the median over JVMs. */
    public OptionalDouble ours(String group, String method, String parameter) {
        return median(figures.get(new Case(group + OURS, method, parameter)));
    }

    /** Another library's figure. */
    public OptionalDouble of(String peer, String group, String method, String parameter) {
        return median(figures.get(new Case(peer + group, method, parameter)));
    }

    /** Bytes that one operation of ours allocates, if they were counted. */
    public OptionalDouble bytes(String group, String method, String parameter) {
        return median(bytes.get(new Case(group + OURS, method, parameter)));
    }

    static OptionalDouble median(List<Double> values) {
        if (values == null) {
            return OptionalDouble.empty();
        }
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        int half = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
    }
}
