package nn.examples.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import nn.examples.claims.Card;
import nn.examples.claims.Claimant;
import nn.examples.claims.Result;
import nn.examples.claims.Verdict;
import nn.examples.experiment.Basis;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.Over;
import nn.examples.numeric.Decimals;

/**
 * Results as one self-contained page of HTML. The page holds text and tables as markup, and drawings as data that its
 * own script draws.
 */
public final class HtmlReport {
    /** The claims with the most surprising outcome; they open the page. */
    private static final List<String> FIRST = List.of("V2", "13", "O5", "B-1", "D3", "B8");

    /** Signs and their meaning. */
    private static final String[][] NOTATION = {
        {
            "z = W a + b",
            "pre-activation of a layer: weights times the activations of the previous layer, plus bias."
                    + " In the first layer the input x takes the place of a."
        },
        {"a = f(z)", "activation. f is the nonlinearity, f' its derivative; a prime always means a derivative."},
        {"z_l, x_i", "index of a layer, or of an element. W^T is the transpose of W."},
        {
            "n, L",
            "width (units of a layer) and depth (layers). n_in and n_out are a layer's inputs and outputs; the"
                    + " course unit writes d_in and d_out too."
        },
        {"d, dW", "gradient of the loss: d at a pre-activation, dW at a weight, dx at an input."},
        {
            "E, Var",
            "mean and variance. The small print in a table says what they are taken over: draws of the"
                    + " weights, the units, or the inputs."
        },
        {"sigma_w^2, sigma_b^2", "n_in Var(w), the squared gain of the weights, and Var(b)."},
        {
            "q = E z^2",
            "second moment of a pre-activation, over draws of the weights. The theory of wide layers"
                    + " predicts it layer by layer."
        },
        {"chi", "sigma_w^2 E f'(z)^2, the factor by which a layer changes the mean square of the gradient."},
        {"c", "correlation of two inputs' pre-activations; also a constant, where a claim says so."},
        {"N(m, s^2), U(-r, r)", "normal distribution of mean m and variance s^2, and uniform distribution."},
        {"Phi, P", "normal distribution function, and probability."},
    };

    /** How to read a claim: a word and its explanation. */
    private static final String[][] READING = {
        {
            "The text.",
            "“The text” is the course unit on weight initialization. Its words stand in quotation marks; words in"
                    + " square brackets are ours and say which part of a sentence is checked. A claim of a paper names"
                    + " the paper. Numbers in our statements come from theory or from a full run; captions and tables"
                    + " show the numbers of this run."
        },
        {
            "Labels.",
            "A label such as V2 names the claim on the command line: nn claims V2. A number alone counts the"
                    + " sentences of the course unit. Letters name experiments: V (variance), S (symmetry), D (dead"
                    + " units) and O (orthogonal weights); B stands for papers, P for their numbers. “Also” lists"
                    + " further labels that the same experiment answers."
        },
        {
            "Expected.",
            "A plain number is computed from theory. With a sign of approximation it is the result of an"
                    + " independent experiment in double precision with other code. A dash means that nothing predicts"
                    + " the value, and only a bound is required."
        },
        {"Measured.", "The mean over repetitions; ± gives half of its 95 % interval."},
        {
            "Accepted.",
            "The range was fixed before measuring, from an argument about the design: at least four standard"
                    + " errors of the mean that the number of repetitions and units gives, plus the known error of"
                    + " theory at finite width. So every seed falls inside, and a wrong weight does not: tests replace"
                    + " weights, biases and nonlinearities by faulty ones and require that the claims fail. A quick"
                    + " run has fewer repetitions, and its ranges are wider by the square root of the ratio."
        },
        {"Picture.", "Bar: accepted range. Tick: expected. Dot: measured, with its 95 % interval."},
        {
            "Drawings.",
            "A solid line is measured; a dashed line of the same hue is the theory for it. Bands hold 5 to 95 % of"
                    + " the repetitions. A slider draws theory at another setting next to the measured points, and"
                    + " shows the value where the curve ends. The arrow keys move through the values of a drawing and"
                    + " along a slider."
        },
    };

    private final Page page = new Page("Claims about weight initialization, measured");

    private HtmlReport() {}

    /**
     * Returns the page.
     *
     * @param results of a run
     * @param seed the seed of the run
     * @param quick whether it was a quick run
     * @return the text of a file in UTF-8
     */
    public static String of(List<Result> results, long seed, boolean quick) {
        HtmlReport page = new HtmlReport();
        page.title(results, seed, quick);
        SequencedMap<String, List<Result>> families = results.stream()
                .collect(Collectors.groupingBy(r -> r.entry().title(), LinkedHashMap::new, Collectors.toList()));
        page.add("<main>\n");
        List<Result> first = page.first(results);
        page.notation();
        page.board(families);
        families.forEach((title, all) -> page.family(title, all, first));
        return page.page.end();
    }

    private void title(List<Result> results, long seed, boolean quick) {
        long left = results.stream().filter(r -> !r.accepted()).count();
        int measurements =
                results.stream().mapToInt(r -> r.measurements().size()).sum();
        add(String.format(
                Locale.ROOT,
                """
                <header class="top">
                <button type="button" id="theme" aria-label="Switch between light and dark">Light / dark</button>
                <h1>What is said about weight&nbsp;initialization, measured</h1>
                <p class="lead">The weights that a network starts with decide whether it learns. A course unit on weight
                initialization teaches the usual rules: break the symmetry, keep the variance, use Xavier's, He's or
                orthogonal weights, set biases to zero. This page checks that unit sentence by sentence. Each sentence
                gets a prediction, an experiment and a verdict; so do the results of some papers.</p>
                <p class="lead">%s%s</p>
                <p class="run">%d measurements, <span class="%s">%s</span>. Seed %d, %s run: the same seed gives the
                same numbers, to the last bit, on every machine.</p>
                </header>
                """,
                count(results, Claimant.COURSE_UNIT, "Of the course unit's"),
                count(results, Claimant.PAPER, "Of the papers'"),
                measurements,
                left == 0 ? "held" : "left",
                left == 0 ? "all inside their range" : left + (left == 1 ? " claim" : " claims") + " failed",
                seed,
                quick ? "quick" : "full"));
    }

    /** Counts the claims of a claimant by verdict, in words; empty if none was measured. */
    private static String count(List<Result> results, Claimant claimant, String whose) {
        List<Verdict> verdicts = results.stream()
                .filter(r -> r.entry().claimant() == claimant)
                .map(r -> r.entry().card().verdict())
                .toList();
        if (verdicts.isEmpty()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "%s %s, <strong>%d</strong> %s true as written, <strong>%d</strong> under a condition,"
                        + " <strong>%d</strong> false. ",
                whose,
                verdicts.size() == 1 ? "1 claim" : verdicts.size() + " claims",
                Collections.frequency(verdicts, Verdict.TRUE),
                Collections.frequency(verdicts, Verdict.TRUE) == 1 ? "is" : "are",
                Collections.frequency(verdicts, Verdict.CONDITIONAL),
                Collections.frequency(verdicts, Verdict.FALSE));
    }

    /** Adds the claims that open the page, and returns them; the others follow by family. */
    private List<Result> first(List<Result> results) {
        List<Result> first = FIRST.stream()
                .flatMap(id -> results.stream().filter(r -> r.entry().id().equals(id)))
                .toList();
        if (results.size() < 2 * FIRST.size()) {
            return List.of();
        }
        add("<section id=\"first\" class=\"family\">\n<h2>The most striking claims first</h2>\n");
        first.forEach(this::claim);
        add("</section>\n");
        return first;
    }

    private void notation() {
        add("<section id=\"notation\" class=\"notation\">\n<h2>Notation, and how to read a claim</h2>\n<dl>\n");
        for (String[] entry : NOTATION) {
            add(String.format(
                    Locale.ROOT,
                    "<div><dt>%s</dt><dd>%s</dd></div>\n",
                    Formulas.html(entry[0]),
                    Formulas.html(entry[1])));
        }
        add("</dl>\n");
        for (String[] entry : READING) {
            add(String.format(Locale.ROOT, "<p><strong>%s</strong> %s</p>\n", entry[0], escape(entry[1])));
        }
        add("</section>\n");
    }

    private void board(SequencedMap<String, List<Result>> families) {
        add("<nav class=\"board\" aria-label=\"All claims\">\n<h2>All claims</h2>\n"
                + "<div class=\"legend\" role=\"group\" aria-label=\"Show\">");
        for (Verdict verdict : Verdict.values()) {
            add(String.format(
                    Locale.ROOT,
                    "<button type=\"button\" class=\"tile %s\" data-filter=\"%s\""
                            + " aria-pressed=\"true\">%s%s</button>",
                    css(verdict),
                    css(verdict),
                    symbol(verdict),
                    words(verdict)));
        }
        add("</div>\n");
        families.forEach((title, results) -> {
            add(String.format(
                    Locale.ROOT,
                    "<div class=\"row\"><h3><a href=\"#%s\">%s</a></h3>\n<ul>\n",
                    results.getFirst().entry().family(),
                    escape(title)));
            for (Result result : results) {
                Card card = result.entry().card();
                add(String.format(
                        Locale.ROOT,
                        """
                        <li data-verdict="%s"><a href="#claim-%s"><span class="tile %s%s">%s%s\
                        <span class="sr">, %s%s: </span></span> <span class="sentence">%s</span></a></li>
                        """,
                        css(card.verdict()),
                        card.id(),
                        css(card.verdict()),
                        result.accepted() ? "" : " outside",
                        symbol(card.verdict()),
                        card.id(),
                        words(card.verdict()),
                        result.accepted() ? "" : ", outside its range",
                        Formulas.line(sentence(card.text()))));
            }
            add("</ul></div>\n");
        });
        add("</nav>\n");
    }

    private static String css(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }

    private static String words(Verdict verdict) {
        return switch (verdict) {
            case TRUE -> "true";
            case CONDITIONAL -> "true under a condition";
            case FALSE -> "false";
        };
    }

    /** A symbol next to the colour, for readers who cannot see the colour. */
    private static String symbol(Verdict verdict) {
        return String.format(
                Locale.ROOT,
                "<span class=\"symbol\" aria-hidden=\"true\">%s</span>",
                switch (verdict) {
                    case TRUE -> "✓";
                    case CONDITIONAL -> "if";
                    case FALSE -> "✕";
                });
    }

    private void family(String title, List<Result> results, List<Result> above) {
        add(String.format(
                Locale.ROOT,
                "<section id=\"%s\" class=\"family\">\n<h2>%s</h2>\n",
                results.getFirst().entry().family(),
                escape(title)));
        List<Result> shown = results.stream().filter(above::contains).toList();
        if (!shown.isEmpty()) {
            add(String.format(
                    Locale.ROOT,
                    "<p class=\"above\">At the top of the page: %s.</p>\n",
                    shown.stream()
                            .map(r -> String.format(
                                    Locale.ROOT,
                                    "<a href=\"#claim-%s\">%s</a>",
                                    r.entry().id(),
                                    escape(r.entry().headline())))
                            .collect(Collectors.joining("; "))));
        }
        results.stream().filter(r -> !above.contains(r)).forEach(this::claim);
        add("</section>\n");
    }

    private void claim(Result result) {
        Card card = result.entry().card();
        List<String> rows = card.ids().subList(1, card.ids().size());
        add(String.format(
                Locale.ROOT,
                """
                <article id="claim-%s" class="claim %s%s%s">
                <header><h3><a class="id" href="#claim-%s">%s</a> %s</h3>%s<span class="verdict">%s%s</span></header>
                <div class="words">
                <blockquote%s>%s</blockquote>
                <p class="statement">%s</p>
                """,
                card.id(),
                css(card.verdict()),
                result.accepted() ? "" : " outside",
                result.drawings().size() == 1 ? " split" : "",
                card.id(),
                card.id(),
                escape(result.entry().headline()),
                rows.isEmpty() ? "" : "<span class=\"also\">also " + escape(String.join(", ", rows)) + "</span>",
                symbol(card.verdict()),
                words(card.verdict()),
                result.entry().claimant() == Claimant.PAPER ? " class=\"paper\"" : "",
                prose(sentence(card.text())),
                prose(sentence(card.statement()))));
        if (!card.derivation().isEmpty()) {
            add("<div class=\"derivation\">\n");
            // lines of the terminal may break a sentence; paragraphs do not
            for (String sentence : String.join("\n", card.derivation()).split("(?<=[.:;)])\n")) {
                add(String.format(Locale.ROOT, "<p>%s</p>\n", prose(sentence.replace('\n', ' '))));
            }
            add("</div>\n");
        }
        add("</div>\n");
        if (!result.failure().isEmpty()) {
            add(String.format(
                    Locale.ROOT, "<p class=\"failure\">The experiment failed: %s</p>\n", escape(result.failure())));
        }
        if (!result.measurements().isEmpty()) {
            measurements(result.measurements());
        }
        if (!result.drawings().isEmpty()) {
            add("<div class=\"drawings\">\n");
            for (int i = 0; i < result.drawings().size(); i++) {
                page.drawing(result.drawings().get(i), card.id() + "-" + (i + 1));
            }
            add("</div>\n");
        }
        add("</article>\n");
    }

    private void measurements(List<Measurement> measurements) {
        boolean many = measurements.size() > 12;
        if (many) {
            add(String.format(Locale.ROOT, "<details><summary>%d measurements</summary>\n", measurements.size()));
        }
        add("""
            <table>
            <thead><tr><th scope="col">measured quantity</th><th scope="col">expected</th>\
            <th scope="col">measured</th><th scope="col">accepted</th><th scope="col"><span class="sr">picture\
            </span></th></tr></thead>
            <tbody>
            """);
        for (Measurement m : measurements) {
            String over = m.over() == Over.NOTHING ? "" : "<small>" + m.over().words() + "</small>";
            String margin = m.margin() > 0 ? "<small>± " + prose(Decimals.text(m.margin(), 2)) + "</small>" : "";
            String expected = switch (m.basis()) {
                case NONE -> "<span class=\"none\" title=\"no prediction\">–</span>";
                case REFERENCE ->
                    String.format(
                            Locale.ROOT,
                            "<span title=\"from an independent experiment\">≈ %s</span>",
                            number(m.predicted(), m));
                case THEORY -> number(m.predicted(), m);
            };
            add(String.format(
                    Locale.ROOT,
                    """
                    <tr%s><th scope="row">%s%s</th><td data-name="expected">%s</td>\
                    <td data-name="measured">%s%s</td><td data-name="accepted">%s</td><td class="scale">%s</td></tr>
                    """,
                    m.accepted() ? "" : " class=\"left\"",
                    Formulas.line(m.quantity()),
                    over,
                    expected,
                    number(m.measured(), m),
                    margin,
                    range(m),
                    scale(m)));
        }
        add("</tbody>\n</table>\n");
        if (many) {
            add("</details>\n");
        }
    }

    /** Formats a number with as many digits as the range resolves, at least four. */
    private static String number(double x, Measurement m) {
        double half = (m.high() - m.low()) / 2;
        int digits = half > 0 && Double.isFinite(half) && x != 0
                ? Math.clamp((long) Math.ceil(StrictMath.log10(Math.abs(x) / half)) + 1, 4, 8)
                : 4;
        return prose(Decimals.text(x, digits));
    }

    private static String range(Measurement m) {
        String text = TextReport.range(m);
        return prose(text.replace("..", " to ").replace(">=", "≥").replace("<=", "≤"));
    }

    /**
     * Draws the range as a bar, the prediction as a tick, and the measurement as a dot with its interval. The bar takes
     * the middle half, so that a dot outside of it shows its distance.
     */
    private static String scale(Measurement m) {
        double width = 96;
        boolean open = Double.isInfinite(m.low()) || Double.isInfinite(m.high());
        double low = m.low();
        double high = m.high();
        if (low == high || !Double.isFinite(m.measured())) {
            String mark = m.accepted()
                    ? "<circle class=\"dot\" cx=\"48\" cy=\"8\" r=\"3.5\"/>"
                    : "<circle class=\"dot\" cx=\"88\" cy=\"8\" r=\"3.5\"/>";
            return svg("<line class=\"tick\" x1=\"48\" x2=\"48\" y1=\"1\" y2=\"15\"/>" + mark);
        }
        if (open) {
            double bound = Double.isInfinite(low) ? high : low;
            double span = Math.max(Math.abs(m.measured() - bound), Math.abs(bound) * 0.5 + 1e-300) * 2;
            low = Double.isInfinite(low) ? bound - span : low;
            high = Double.isInfinite(high) ? bound + span : high;
        }
        double middle = (low + high) / 2;
        double unit = width / 2 / (high - low);
        StringBuilder marks = new StringBuilder();
        marks.append(String.format(
                Locale.ROOT,
                "<rect class=\"range\" x=\"%.1f\" y=\"5\" width=\"%.1f\" height=\"6\"/>",
                Double.isInfinite(m.low()) ? 0 : width / 4,
                open ? 3 * width / 4 : width / 2));
        if (m.basis() != Basis.NONE) {
            double x = place(m.predicted(), middle, unit, width);
            marks.append(String.format(
                    Locale.ROOT, "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"1\" y2=\"15\"/>", x, x));
        }
        if (m.margin() > 0) {
            marks.append(String.format(
                    Locale.ROOT,
                    "<line class=\"interval\" x1=\"%.1f\" x2=\"%.1f\" y1=\"8\" y2=\"8\"/>",
                    place(m.measured() - m.margin(), middle, unit, width),
                    place(m.measured() + m.margin(), middle, unit, width)));
        }
        marks.append(String.format(
                Locale.ROOT,
                "<circle class=\"dot\" cx=\"%.1f\" cy=\"8\" r=\"3.5\"/>",
                place(m.measured(), middle, unit, width)));
        return svg(marks.toString());
    }

    private static String svg(String marks) {
        return "<svg width=\"96\" height=\"16\" viewBox=\"0 0 96 16\" aria-hidden=\"true\">" + marks + "</svg>";
    }

    private static double place(double value, double middle, double unit, double width) {
        return Math.clamp(width / 2 + (value - middle) * unit, 4, width - 4);
    }

    private void add(String text) {
        page.add(text);
    }

    /** Capitalizes a sentence, unless it begins with a quantity such as z. */
    private static String sentence(String text) {
        return text.length() < 2 || text.charAt(0) != 'a' && !Character.isLetter(text.charAt(1))
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String escape(String text) {
        return Formulas.escape(text);
    }

    private static String prose(String text) {
        return Formulas.html(text);
    }
}
