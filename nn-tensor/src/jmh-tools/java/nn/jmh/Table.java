package nn.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Rows of one group, such as {@code Matmul}: our figure, and how many times faster we are than each other library and
 * than the best of them. At most 80 columns with four others and two more columns, without the marks of rows that miss
 * their limit.
 */
public final class Table {
    private static final int WIDTH = 8;

    /** A further column between our figure and the ratios. */
    public record Extra(String heading, ToDoubleFunction<Row> value) {}

    /**
     * A line.
     *
     * @param name what stands in front
     * @param method of the benchmark
     * @param parameter of the benchmark, or empty
     * @param time our nanoseconds; NaN if there are none
     */
    public record Row(String name, String method, String parameter, double time) {}

    private final Scores scores;
    private final String group;
    private final List<String> peers;
    private final String unit;
    private final ToDoubleFunction<Row> ours;
    private final List<Extra> extras;
    private double must; // the ratio that a row must have
    private String rival = ""; // the library that it is the ratio to; empty for the best of all
    private double most = Double.POSITIVE_INFINITY; // what our figure may be
    private double mean; // what the geometric mean of the ratios to the best must be
    private int below; // rows that miss one of them
    private final List<double[]> ratios = new ArrayList<>(); // best first, then each peer's; NaN for none

    /** A table that prints its heading at once. {@code ours} gives our figure in the unit. */
    public Table(
            Scores scores, String group, String title, String unit, ToDoubleFunction<Row> ours, List<Extra> extras) {
        this.scores = scores;
        this.group = group;
        this.peers = scores.peers(group);
        this.unit = unit;
        this.ours = ours;
        this.extras = new ArrayList<>(extras);
        if (scores.hasHandOffs()) {
            this.extras.add(
                    new Extra("line ns", row -> scores.handOff(row.parameter()).orElse(Double.NaN)));
        }
        System.out.println();
        line(title, head());
    }

    /** From now on, marks the rows whose ratio to the best of the others is below a limit. */
    public Table must(double ratio) {
        return must(ratio, "");
    }

    /** From now on, marks the rows whose ratio to one of the others is below a limit. */
    public Table must(double ratio, String peer) {
        must = ratio;
        rival = peer;
        return this;
    }

    /** From now on, marks the rows where our figure is above a limit. */
    public Table most(double figure) {
        most = figure;
        return this;
    }

    /** Marks the geometric mean of the ratios to the best of the others if it is below a limit. */
    public Table meanMust(double ratio) {
        mean = ratio;
        return this;
    }

    private List<String> head() {
        List<String> cells = new ArrayList<>(List.of(unit));
        extras.forEach(e -> cells.add(e.heading));
        if (!peers.isEmpty()) {
            cells.add("/ best");
            peers.forEach(p -> cells.add("/" + p.substring(0, Math.min(WIDTH - 2, p.length()))));
        }
        return cells;
    }

    /** Prints one line. */
    public void row(String name, String method, String parameter) {
        Row row = new Row(
                name, method, parameter, scores.ours(group, method, parameter).orElse(Double.NaN));
        double[] ratio = new double[peers.size() + 1];
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < peers.size(); i++) {
            OptionalDouble theirs = scores.ratio(peers.get(i), group, method, parameter);
            ratio[i + 1] = theirs.orElse(Double.NaN);
            best = Math.min(best, theirs.orElse(Double.POSITIVE_INFINITY));
        }
        ratio[0] = Double.isInfinite(best) ? Double.NaN : best;
        ratios.add(ratio);
        List<String> cells = new ArrayList<>(List.of(figure(ours.applyAsDouble(row))));
        extras.forEach(e -> cells.add(figure(e.value.applyAsDouble(row))));
        if (!peers.isEmpty()) {
            Arrays.stream(ratio).forEach(r -> cells.add(figure(r)));
        }
        boolean slow = ratio[peers.indexOf(rival) + 1] < must; // to the best, if there is no such library
        boolean late = ours.applyAsDouble(row) > most;
        if (slow || late) {
            cells.add(slow ? limit("<", must) : limit(">", most));
            below++;
        }
        line(name, cells);
    }

    /** Prints the geometric means of the ratios, the smallest ones, and how many rows are marked. */
    public void summary() {
        if (peers.isEmpty()) {
            return;
        }
        List<String> means = blank();
        List<String> least = blank();
        for (int i = 0; i <= peers.size(); i++) {
            double[] known = known(i);
            means.add(figure(
                    Math.exp(Arrays.stream(known).map(Math::log).average().orElse(Double.NaN))));
            least.add(figure(Arrays.stream(known).min().orElse(Double.NaN)));
        }
        double reached = Arrays.stream(known(0)).map(Math::log).average().orElse(Double.NaN);
        if (Math.exp(reached) < mean) {
            means.add(limit("<", mean));
        }
        line("geometric mean", means);
        line("least", least);
        if (below > 0) {
            System.out.println(below + " of " + ratios.size() + " rows miss what they must reach");
        }
    }

    private double[] known(int at) {
        return ratios.stream()
                .mapToDouble(r -> r[at])
                .filter(r -> !Double.isNaN(r))
                .toArray();
    }

    private List<String> blank() {
        List<String> cells = new ArrayList<>(List.of(""));
        extras.forEach(e -> cells.add(""));
        return cells;
    }

    private static String limit(String sign, double value) {
        return String.format(Locale.ROOT, "  %s %.2f", sign, value);
    }

    private static String figure(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        int digits = value >= 1000 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static void line(String name, List<String> cells) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-16s", name));
        for (String cell : cells) {
            line.append(String.format(Locale.ROOT, "%" + WIDTH + "s", cell));
        }
        System.out.println(line.toString().stripTrailing());
    }
}
