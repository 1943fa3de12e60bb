package nn.jmh;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Figures by library, method and parameter, one number for each turn. In a turn, everything that has the same method
 * and parameter is measured once, one library after the other; so a ratio is that of two numbers of one turn, and the
 * median over the turns does not depend on how busy the machine was in one of them.
 */
public final class Scores {
    private static final String OURS = "Benchmark";
    private static final String HAND_OFF = "HandOff";

    /**
     * What was measured.
     *
     * @param type simple name of the class: {@code MatmulBenchmark} is ours, {@code OpenBlasMatmul} another library's
     * @param method the operation
     * @param parameter its size, or empty
     */
    record Case(String type, String method, String parameter) {}

    private final Map<Case, Map<Integer, Double>> figures = new LinkedHashMap<>();
    private final Map<Case, Map<Integer, Double>> bytes = new LinkedHashMap<>();

    /** Adds a benchmark's nanoseconds and bytes for a call. */
    void add(Case key, int turn, double nanos, double allocated) {
        put(figures, key, turn, nanos);
        put(bytes, key, turn, allocated);
    }

    /** Adds a {@link HandOff} for the rows of a parameter. */
    void addHandOff(String parameter, int turn, double nanos) {
        put(figures, new Case(HAND_OFF, "", parameter), turn, nanos);
    }

    /** Nanoseconds for a cache line from core to core beside the rows of a parameter; empty on one thread. */
    OptionalDouble handOff(String parameter) {
        return median(figures.get(new Case(HAND_OFF, "", parameter)));
    }

    /** Whether any row has a {@link #handOff}. */
    boolean hasHandOffs() {
        return figures.keySet().stream().anyMatch(key -> key.type.equals(HAND_OFF));
    }

    private static void put(Map<Case, Map<Integer, Double>> map, Case key, int turn, double value) {
        map.computeIfAbsent(key, k -> new TreeMap<>()).put(turn, value);
    }

    /** Lines that {@link #addLines} reads: how a measured JVM hands its figures over. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        figures.forEach((key, turns) -> turns.forEach((turn, value) -> lines.add(String.join(
                "\t",
                key.type,
                key.method,
                key.parameter,
                "" + turn,
                "" + value,
                "" + bytes.getOrDefault(key, Map.of()).getOrDefault(turn, 0.0)))));
        return lines;
    }

    /** Adds the lines of a JVM. Its turns are counted from {@code firstTurn} on. */
    void addLines(List<String> lines, int firstTurn) {
        for (String line : lines) {
            String[] cells = line.split("\t", -1);
            int turn = firstTurn + Integer.parseInt(cells[3]);
            add(
                    new Case(cells[0], cells[1], cells[2]),
                    turn,
                    Double.parseDouble(cells[4]),
                    Double.parseDouble(cells[5]));
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

    /** Bytes that a call of ours allocates, the median over all turns. */
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
