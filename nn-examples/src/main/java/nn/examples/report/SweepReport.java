package nn.examples.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.DoubleUnaryOperator;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Heatmap;
import nn.examples.numeric.Decimals;
import nn.examples.sweep.Counted;
import nn.examples.sweep.DepthScales;
import nn.examples.sweep.Outcome;
import nn.examples.sweep.Recipe;
import nn.examples.sweep.Setting;
import nn.examples.sweep.Summary;
import nn.examples.sweep.Trial;

/**
 * The trials of a sweep as files: CSV, JSON and a page. They depend on the trials alone: not on the machine, the number
 * of workers, or the order in which trials ended.
 *
 * @param recipe what the trials have in common
 * @param trials in the order of the grid
 * @param outcomes one for each trial
 */
public record SweepReport(Recipe recipe, List<Trial> trials, Map<Trial, Outcome> outcomes) {
    /** Names of the files of {@link #csv}. */
    public static final List<String> TABLES = List.of("settings.csv", "trials.csv");

    /** Gradients reach the first layer, and inputs can be told apart, in about this many scales of depth. */
    private static final int SCALES = 6;

    private static final int MOST_MAPS = 24;
    private static final int STEPS = 8; // of a curve, from one gain to the next

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there are no trials, or one has no outcome
     */
    public SweepReport {
        trials = List.copyOf(trials);
        if (trials.isEmpty() || !outcomes.keySet().containsAll(trials)) {
            throw new IllegalArgumentException("a report of " + trials.size() + " trials and " + outcomes.size()
                    + " outcomes; give at least one trial, and an outcome for each");
        }
    }

    /**
     * Returns the means over seeds.
     *
     * @return one for each setting, in the order of the grid
     */
    public List<Summary> summaries() {
        return Summary.of(trials, outcomes);
    }

    // ------------------------------------------------------------------------------------------------ data

    /**
     * Returns the tables as CSV (RFC 4180), with all digits: {@code trials.csv} has a row for each trial, {@code
     * settings.csv} one for each setting. Infinity and NaN are words.
     *
     * @return the texts of files, by their names
     */
    public SequencedMap<String, String> csv() {
        StringBuilder settings = new StringBuilder("init,gain,depth,width,activation,rate,seeds,accuracy,"
                + "accuracy_margin,loss,loss_margin,diverged,difference,difference_margin\n");
        for (Summary s : summaries()) {
            row(
                    settings,
                    coordinates(s.setting()),
                    List.of(
                            s.seeds(),
                            s.accuracy(),
                            s.accuracyMargin(),
                            s.loss(),
                            s.lossMargin(),
                            s.diverged(),
                            s.difference().map(d -> String.valueOf(d.mean())).orElse(""),
                            s.difference().map(d -> String.valueOf(d.margin())).orElse("")));
        }
        StringBuilder all = new StringBuilder(
                "init,gain,depth,width,activation,rate,seed,first_loss,loss,accuracy,steps,diverged\n");
        for (Trial trial : trials) {
            Outcome o = outcomes.get(trial);
            row(
                    all,
                    coordinates(trial.setting()),
                    List.of(trial.seed(), o.firstLoss(), o.loss(), o.accuracy(), o.steps(), o.diverged()));
        }
        SequencedMap<String, String> files = new LinkedHashMap<>();
        files.put(TABLES.getFirst(), settings.toString());
        files.put(TABLES.getLast(), all.toString());
        return files;
    }

    private static List<Object> coordinates(Setting s) {
        return List.of(s.scheme(), s.gain(), s.depth(), s.width(), s.activation(), s.rate());
    }

    private static void row(StringBuilder out, List<Object> first, List<Object> second) {
        List<String> cells = new ArrayList<>();
        first.forEach(value -> cells.add(ResultFiles.cell(value.toString())));
        second.forEach(value -> cells.add(ResultFiles.cell(value.toString())));
        out.append(String.join(",", cells)).append('\n');
    }

    /**
     * Returns everything as JSON, with all digits. Infinity and NaN are text.
     *
     * @return the text of a file
     */
    public String json() {
        return JsonWriter.exact(JsonWriter.map(
                "recipe",
                JsonWriter.map(
                        "data", "digits",
                        "steps", recipe.steps(),
                        "batch", recipe.batch(),
                        "optimizer", recipe.method().toString(),
                        "bias_variance", recipe.biasVariance()),
                "settings",
                summaries().stream().map(SweepReport::data).toList(),
                "trials",
                trials.stream().map(this::data).toList()));
    }

    private static Object data(Summary s) {
        SequencedMap<String, Object> data = data(s.setting());
        data.put("seeds", s.seeds());
        data.put("accuracy", s.accuracy());
        data.put("accuracy_margin", s.accuracyMargin());
        data.put("loss", s.loss());
        data.put("loss_margin", s.lossMargin());
        data.put("diverged", s.diverged());
        s.difference().ifPresent(d -> {
            data.put("difference", d.mean());
            data.put("difference_margin", d.margin());
        });
        return data;
    }

    private Object data(Trial trial) {
        Outcome outcome = outcomes.get(trial);
        SequencedMap<String, Object> data = data(trial.setting());
        data.put("seed", trial.seed());
        data.put("first_loss", outcome.firstLoss());
        data.put("loss", outcome.loss());
        data.put("accuracy", outcome.accuracy());
        data.put("steps", outcome.steps());
        data.put("diverged", outcome.diverged());
        return data;
    }

    private static SequencedMap<String, Object> data(Setting s) {
        return JsonWriter.map(
                "init", s.scheme(),
                "gain", s.gain(),
                "depth", s.depth(),
                "width", s.width(),
                "activation", s.activation(),
                "rate", s.rate());
    }

    // ------------------------------------------------------------------------------------------------ the page

    /**
     * Returns the page: a map of the accuracy by depth and gain for each scheme, activation, width and rate, and the
     * table of settings.
     *
     * @return the text of a file in UTF-8
     */
    public String html() {
        Page page = new Page("A sweep over first weights");
        List<Summary> summaries = summaries();
        long diverged = summaries.stream().mapToLong(Summary::diverged).sum();
        page.add(String.format(
                Locale.ROOT,
                """
                <header class="top">
                <button type="button" id="theme" aria-label="Switch between light and dark">Light / dark</button>
                <h1>A sweep over first&nbsp;weights</h1>
                <p class="lead">%s of dense networks: %s. A cell is the mean over seeds of the share of test
                pictures that are classified correctly; chance is 0.1, and a training that diverged counts
                as&nbsp;0.</p>
                <p class="run">%s, %s diverged. All settings of a seed see the same data in the same
                order. The same command gives the same numbers, to the last bit, on every machine.</p>
                </header>
                <main>
                """,
                Counted.of(trials.size(), "training"),
                Formulas.escape(recipe.toString()),
                Counted.of(summaries.size(), "setting"),
                Counted.of(diverged, "training")));
        maps(page, summaries);
        table(page, summaries);
        return page.end();
    }

    /** What the settings of one map have in common. */
    private record Family(String scheme, String activation, int width, double rate) {
        static Family of(Summary s) {
            Setting setting = s.setting();
            return new Family(setting.scheme(), setting.activation(), setting.width(), setting.rate());
        }
    }

    private void maps(Page page, List<Summary> summaries) {
        Map<Family, List<Summary>> families = new LinkedHashMap<>();
        summaries.forEach(s ->
                families.computeIfAbsent(Family.of(s), f -> new ArrayList<>()).add(s));
        page.add("<section class=\"family\">\n<h2>Accuracy by depth and gain</h2>\n");
        page.add("<p class=\"above\">Theory of wide layers: at the critical gain, signals and gradients neither vanish"
                + " nor explode. Away from it, a gradient changes by e in a scale of depth, and so does the"
                + " correlation of two inputs. Networks of more than about " + SCALES + " scales rarely learn"
                + " (Schoenholz and others, 2017)."
                + (recipe.biasVariance() > 0
                        ? " Below the critical gain, the scales of gradients and of correlations are the same, so one"
                                + " line covers the other."
                        : "")
                + (families.size() > 1 ? " All maps have the same colours for the same accuracy." : "")
                + "</p>\n");
        if (families.size() > MOST_MAPS) {
            page.add("<p class=\"above\">The first " + MOST_MAPS + " of " + families.size()
                    + " maps; the table has all settings.</p>\n");
        }
        page.add("<div class=\"drawings\">\n");
        DoubleSummaryStatistics accuracies =
                summaries.stream().mapToDouble(Summary::accuracy).summaryStatistics();
        Heatmap.Range colours = new Heatmap.Range(accuracies.getMin(), accuracies.getMax());
        List<Heatmap> maps = families.entrySet().stream()
                .limit(MOST_MAPS)
                .map(entry -> map(entry.getKey(), entry.getValue(), colours))
                .toList();
        for (int i = 0; i < maps.size(); i++) {
            page.drawing(maps.get(i), "sweep-" + (i + 1));
        }
        page.add("</div>\n</section>\n");
    }

    private Heatmap map(Family family, List<Summary> summaries, Heatmap.Range colours) {
        double[] gains = summaries.stream()
                .mapToDouble(s -> s.setting().gain())
                .distinct()
                .sorted()
                .toArray();
        List<Integer> depths = new ArrayList<>(summaries.stream()
                .map(s -> s.setting().depth())
                .distinct()
                .sorted()
                .toList());
        Collections.reverse(depths); // the deepest is at the top
        double[][] cells = new double[depths.size()][gains.length];
        for (double[] row : cells) {
            Arrays.fill(row, Double.NaN); // a random set leaves cells out
        }
        for (Summary s : summaries) {
            int column = Arrays.binarySearch(gains, s.setting().gain());
            cells[depths.indexOf(s.setting().depth())][column] = s.accuracy();
        }
        Summary best = Collections.max(summaries, (a, b) -> Double.compare(a.accuracy(), b.accuracy()));
        String words = "The best mean, " + Caption.number(best.accuracy()) + ", is that of depth "
                + best.setting().depth() + " and gain "
                + Caption.number(best.setting().gain()) + ".";
        DepthScales theory = DepthScales.of(best.setting(), recipe.biasVariance());
        OptionalDouble critical = theory.criticalGain();
        if (critical.isPresent()) {
            words += " The critical gain is " + Caption.number(critical.getAsDouble()) + ".";
        }
        Heatmap map = new Heatmap(
                family.scheme() + ", " + family.activation() + ", width " + family.width() + ", rate "
                        + Caption.number(family.rate()),
                words,
                Axis.named(
                        "gain", Arrays.stream(gains).mapToObj(Caption::number).toArray(String[]::new)),
                Axis.named("depth", depths.stream().map(String::valueOf).toArray(String[]::new)),
                "accuracy",
                cells,
                Optional.of(colours),
                List.of());
        double[] rows = depths.stream().mapToDouble(depth -> depth).toArray();
        if (critical.isPresent()) {
            double column = place(gains, critical.getAsDouble());
            if (!Double.isNaN(column)) {
                map = map.line("critical gain", new double[] {column, column}, new double[] {0.5, rows.length + 0.5});
            }
        }
        map = scale(map, SCALES + " scales of gradients", gains, rows, theory::gradients);
        return scale(map, SCALES + " scales of correlations", gains, rows, theory::correlations);
    }

    /** Draws a scale of depth by the gain, where it is within the map. */
    private static Heatmap scale(
            Heatmap map, String name, double[] gains, double[] depths, DoubleUnaryOperator layers) {
        if (gains.length < 2 || depths.length < 2) {
            return map;
        }
        int n = (gains.length - 1) * STEPS + 1;
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            int left = Math.min(i / STEPS, gains.length - 2);
            double share = (double) (i - left * STEPS) / STEPS;
            x[i] = 1 + left + share;
            y[i] = place(depths, SCALES * layers.applyAsDouble(gains[left] + share * (gains[left + 1] - gains[left])));
        }
        return Arrays.stream(y).allMatch(Double::isNaN) ? map : map.line(name, x, y);
    }

    /** Returns the place of a value among sorted ones, interpolated: 1 for the first; NaN outside. */
    private static double place(double[] sorted, double value) {
        for (int i = 0; i + 1 < sorted.length; i++) {
            double share = (value - sorted[i]) / (sorted[i + 1] - sorted[i]);
            if (share >= 0 && share <= 1) {
                return 1 + i + share;
            }
        }
        return sorted.length == 1 && sorted[0] == value ? 1 : Double.NaN;
    }

    private static void table(Page page, List<Summary> summaries) {
        page.add("<section class=\"family\">\n<h2>All settings</h2>\n<details><summary>" + summaries.size() + " "
                + (summaries.size() == 1 ? "setting" : "settings") + "</summary>\n<table>\n<thead><tr><th>setting</th>"
                + "<th>accuracy</th><th>against the first scheme</th><th>last loss</th><th>diverged</th></tr></thead>\n"
                + "<tbody>\n");
        String none = "<span class=\"none\">–</span>";
        for (Summary s : summaries) {
            page.add("<tr><th>" + Formulas.escape(s.setting().toString()) + "</th>"
                    + cell("accuracy", mean(s.accuracy(), s.accuracyMargin()))
                    + cell(
                            "against the first scheme",
                            s.difference().map(d -> mean(d.mean(), d.margin())).orElse(none))
                    + cell("last loss", mean(s.loss(), s.lossMargin()))
                    + cell("diverged", s.diverged() + " of " + s.seeds())
                    + "</tr>\n");
        }
        page.add("</tbody>\n"
                + "</table>\n"
                + "</details>\n"
                + "<p class=\"alternative\">±: half of the 95 % interval of the mean over seeds, by Student's t."
                + " Differences are taken between trainings of one seed.</p>\n"
                + "</section>\n");
    }

    private static String mean(double mean, double margin) {
        return Decimals.text(mean, 3) + (margin > 0 ? "<small>± " + Decimals.text(margin, 2) + "</small>" : "");
    }

    private static String cell(String name, String html) {
        return "<td data-name=\"" + name + "\">" + html + "</td>";
    }
}
