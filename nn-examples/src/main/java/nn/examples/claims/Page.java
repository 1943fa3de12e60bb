package nn.examples.claims;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * Results as one page of HTML that needs nothing beside itself: text and tables stand in it as they are, drawings as
 * data, which the script in it draws.
 */
public final class Page {
    private final StringBuilder out = new StringBuilder();

    private Page() {}

    /**
     * The page.
     *
     * @param results of a run
     * @param seed that it ran with
     * @param quick whether it was a quick one
     * @return the text of a file in UTF-8
     */
    public static String of(List<Result> results, long seed, boolean quick) {
        Page page = new Page();
        page.head();
        page.title(results, seed, quick);
        SequencedMap<String, List<Result>> families = results.stream()
                .collect(Collectors.groupingBy(r -> r.entry().title(), LinkedHashMap::new, Collectors.toList()));
        page.board(families);
        families.forEach(page::family);
        page.foot();
        return page.out.toString();
    }

    private void head() {
        add("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>Claims about weight initialization, measured</title>
                <link rel="icon" href="data:,">
                <style>
                """);
        add(resource("page.css"));
        add("</style>\n</head>\n<body>\n");
    }

    private void title(List<Result> results, long seed, boolean quick) {
        long left = results.stream().filter(r -> !r.accepted()).count();
        int findings = results.stream().mapToInt(r -> r.findings().size()).sum();
        add(String.format(Locale.ROOT, """
                <header class="top">
                <button type="button" id="theme" aria-label="Switch between light and dark">Light / dark</button>
                <h1>What is said about weight&nbsp;initialization, measured</h1>
                <p class="lead">%s of a course text and of the papers, each with a prediction, an experiment and
                the range the measurement must fall in. %s</p>
                <p class="run">%d measurements, <span class="%s">%s</span>. Seed %d, %s run: the same seed gives the same
                numbers, to the last bit, on every machine.</p>
                </header>
                """,
                results.size() == 1 ? "1 claim" : results.size() + " claims",
                String.format(Locale.ROOT, "The text is right in %d, right under a condition in %d, and wrong in %d.",
                        count(results, Verdict.TRUE),
                        count(results, Verdict.CONDITIONAL),
                        count(results, Verdict.FALSE)),
                findings,
                left == 0 ? "held" : "left",
                left == 0 ? "all inside their range" : left + (left == 1 ? " claim does" : " claims do") + " not stand",
                seed,
                quick ? "quick" : "full"));
    }

    private static long count(List<Result> results, Verdict verdict) {
        return results.stream().filter(r -> r.entry().card().verdict() == verdict).count();
    }

    private void board(SequencedMap<String, List<Result>> families) {
        add("<nav class=\"board\" aria-label=\"Verdicts\">\n<div class=\"legend\" role=\"group\" aria-label=\"Show\">");
        for (Verdict verdict : Verdict.values()) {
            add(String.format(Locale.ROOT,
                    "<button type=\"button\" class=\"tile %s\" data-filter=\"%s\" aria-pressed=\"true\">%s%s</button>",
                    css(verdict), css(verdict), symbol(verdict), words(verdict)));
        }
        add("</div>\n");
        families.forEach((title, results) -> {
            add(String.format(Locale.ROOT, "<div class=\"row\"><h2><a href=\"#%s\">%s</a></h2>\n<ul>\n",
                    results.getFirst().entry().family(), escape(title)));
            for (Result result : results) {
                Card card = result.entry().card();
                add(String.format(Locale.ROOT,
                        "<li><a class=\"tile %s%s\" href=\"#claim-%s\" title=\"%s\">%s%s<span class=\"sr\">, %s%s</span></a></li>\n",
                                css(card.verdict()),
                                result.accepted() ? "" : " outside",
                                card.id(),
                                escape(card.text()),
                                symbol(card.verdict()),
                                card.id(),
                                words(card.verdict()),
                                result.accepted() ? "" : ", outside its range"));
            }
            add("</ul></div>\n");
        });
        add("</nav>\n<main>\n");
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

    /** Beside the colour, for those who do not see it. */
    private static String symbol(Verdict verdict) {
        return String.format(Locale.ROOT, "<span class=\"symbol\" aria-hidden=\"true\">%s</span>",
                switch (verdict) {
                    case TRUE -> "✓";
                    case CONDITIONAL -> "if";
                    case FALSE -> "✕";
                });
    }

    private void family(String title, List<Result> results) {
        add(String.format(Locale.ROOT, "<section id=\"%s\" class=\"family\">\n<h2>%s</h2>\n",
                results.getFirst().entry().family(), escape(title)));
        results.forEach(this::claim);
        add("</section>\n");
    }

    private void claim(Result result) {
        Card card = result.entry().card();
        List<String> rows = card.ids().subList(1, card.ids().size());
        add(String.format(Locale.ROOT, """
                <article id="claim-%s" class="claim %s%s%s">
                <header><a class="id" href="#claim-%s">%s</a>%s<span class="verdict">%s%s</span></header>
                <div class="words">
                <blockquote>%s</blockquote>
                <p class="statement">%s</p>
                """,
                card.id(), css(card.verdict()), result.accepted() ? "" : " outside",
                result.drawings().size() == 1 ? " beside" : "",
                card.id(), card.id(),
                rows.isEmpty() ? "" : "<span class=\"also\">also " + escape(String.join(", ", rows)) + "</span>",
                symbol(card.verdict()), words(card.verdict()),
                prose(sentence(card.text())), prose(sentence(card.statement()))));
        if (!card.derivation().isEmpty()) {
            add("<div class=\"derivation\">\n");
            card.derivation().forEach(line -> add(String.format(Locale.ROOT, "<p>%s</p>\n", prose(line))));
            add("</div>\n");
        }
        add("</div>\n");
        if (!result.failure().isEmpty()) {
            add(String.format(Locale.ROOT,
                    "<p class=\"failure\">The experiment failed: %s</p>\n", escape(result.failure())));
        }
        if (!result.findings().isEmpty()) {
            findings(result.findings());
        }
        if (!result.drawings().isEmpty()) {
            add("<div class=\"drawings\">\n");
            for (int i = 0; i < result.drawings().size(); i++) {
                drawing(result.drawings().get(i), card.id() + "-" + (i + 1));
            }
            add("</div>\n");
        }
        add("</article>\n");
    }

    private void findings(List<Finding> findings) {
        boolean many = findings.size() > 12;
        if (many) {
            add(String.format(Locale.ROOT, "<details><summary>%d measurements</summary>\n", findings.size()));
        }
        add("""
                <table>
                <thead><tr><th scope="col">measured quantity</th><th scope="col">expected</th>\
                <th scope="col">measured</th><th scope="col">accepted</th><th scope="col"><span class="sr">picture\
                </span></th></tr></thead>
                <tbody>
                """);
        for (Finding f : findings) {
            String over = f.over() == Over.NOTHING ? "" : "<small>" + f.over().words() + "</small>";
            String margin = f.margin() > 0 ? "<small>± " + prose(Report.number(f.margin(), 2)) + "</small>" : "";
            String expected = switch (f.basis()) {
                case NONE -> "<span class=\"none\" title=\"nothing predicts it\">–</span>";
                case REFERENCE -> String.format(Locale.ROOT,
                        "<span title=\"from an independent experiment\">≈ %s</span>",
                        number(f.predicted(), f));
                case THEORY -> number(f.predicted(), f);
            };
            add(String.format(Locale.ROOT, """
                    <tr%s><th scope="row">%s%s</th><td data-name="expected">%s</td>\
                    <td data-name="measured">%s%s</td><td data-name="accepted">%s</td><td class="scale">%s</td></tr>
                    """,
                    f.accepted() ? "" : " class=\"left\"",
                    prose(f.quantity()), over, expected, number(f.measured(), f), margin, range(f), scale(f)));
        }
        add("</tbody>\n</table>\n");
        if (many) {
            add("</details>\n");
        }
    }

    /** With as many digits as the range can tell apart, at least four. */
    private static String number(double x, Finding f) {
        double half = (f.high() - f.low()) / 2;
        int digits = half > 0 && Double.isFinite(half) && x != 0
                ? Math.clamp((long) Math.ceil(Math.log10(Math.abs(x) / half)) + 1, 4, 8)
                : 4;
        return prose(Report.number(x, digits));
    }

    private static String range(Finding f) {
        String text = Report.range(f);
        return prose(text.replace("..", " to ").replace(">=", "≥").replace("<=", "≤"));
    }

    /**
     * The range as a bar, the prediction as a tick, the measurement as a dot, with its interval. The bar takes the
     * middle half, so that a dot beside it shows how far away it is.
     */
    private static String scale(Finding f) {
        double width = 96;
        boolean open = Double.isInfinite(f.low()) || Double.isInfinite(f.high());
        double low = f.low();
        double high = f.high();
        if (low == high || !Double.isFinite(f.measured())) {
            String mark = f.accepted() ? "<circle class=\"dot\" cx=\"48\" cy=\"8\" r=\"3.5\"/>"
                    : "<circle class=\"dot\" cx=\"88\" cy=\"8\" r=\"3.5\"/>";
            return svg("<line class=\"tick\" x1=\"48\" x2=\"48\" y1=\"1\" y2=\"15\"/>" + mark);
        }
        if (open) {
            double bound = Double.isInfinite(low) ? high : low;
            double span = Math.max(Math.abs(f.measured() - bound), Math.abs(bound) * 0.5 + 1e-300) * 2;
            low = Double.isInfinite(low) ? bound - span : low;
            high = Double.isInfinite(high) ? bound + span : high;
        }
        double middle = (low + high) / 2;
        double unit = width / 2 / (high - low);
        StringBuilder marks = new StringBuilder();
        marks.append(String.format(Locale.ROOT,
                "<rect class=\"range\" x=\"%.1f\" y=\"5\" width=\"%.1f\" height=\"6\"/>",
                Double.isInfinite(f.low()) ? 0 : width / 4, open ? 3 * width / 4 : width / 2));
        if (f.basis() != Basis.NONE) {
            double x = place(f.predicted(), middle, unit, width);
            marks.append(String.format(
                    Locale.ROOT, "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"1\" y2=\"15\"/>", x, x));
        }
        if (f.margin() > 0) {
            marks.append(String.format(
                    Locale.ROOT,
                    "<line class=\"interval\" x1=\"%.1f\" x2=\"%.1f\" y1=\"8\" y2=\"8\"/>",
                    place(f.measured() - f.margin(), middle, unit, width),
                    place(f.measured() + f.margin(), middle, unit, width)));
        }
        marks.append(String.format(
                Locale.ROOT, "<circle class=\"dot\" cx=\"%.1f\" cy=\"8\" r=\"3.5\"/>",
                place(f.measured(), middle, unit, width)));
        return svg(marks.toString());
    }

    private static String svg(String marks) {
        return "<svg width=\"96\" height=\"16\" viewBox=\"0 0 96 16\" aria-hidden=\"true\">" + marks + "</svg>";
    }

    private static double place(double value, double middle, double unit, double width) {
        return Math.clamp(width / 2 + (value - middle) * unit, 4, width - 4);
    }

    private void drawing(Drawing drawing, String id) {
        add(String.format(Locale.ROOT, """
                <figure class="drawing" id="drawing-%s">
                <figcaption>%s</figcaption>
                <div class="plot"></div>
                <p class="alternative">%s</p>
                <script type="application/json">%s</script>
                </figure>
                """,
                id, prose(drawing.title()), prose(drawing.alternative()), Json.compact(data(drawing))));
    }

    private static Map<String, Object> data(Drawing drawing) {
        SequencedMap<String, Object> data =
                Json.map("title", drawing.title(), "alternative", drawing.alternative());
        switch (drawing) {
            case Chart chart -> {
                data.put("kind", "chart");
                data.put("x", axis(chart.x()));
                data.put("y", axis(chart.y()));
                List<Object> series = new ArrayList<>();
                for (Chart.Series s : chart.series()) {
                    SequencedMap<String, Object> one =
                            Json.map("name", s.name(), "style", s.style().name(), "x", s.x(), "y", s.y());
                    if (s.style() == Chart.Style.BAND) {
                        one.put("low", s.low());
                        one.put("high", s.high());
                    }
                    series.add(one);
                }
                data.put("series", series);
            }
            case Histograms h -> {
                data.put("kind", "histograms");
                data.put("x", axis(h.x()));
                data.put("low", h.low());
                data.put("high", h.high());
                data.put("groups", h.groups().stream()
                        .map(g -> Json.map("name", g.name(), "shares", g.shares())).toList());
            }
            case Heatmap h -> {
                data.put("kind", "heatmap");
                data.put("x", axis(h.x()));
                data.put("y", axis(h.y()));
                data.put("value", h.value());
                data.put("cells", h.cells());
            }
        }
        return data;
    }

    private static Map<String, Object> axis(Axis axis) {
        return Json.map("title", axis.title(), "log", axis.logarithmic());
    }

    private void foot() {
        add("""
                </main>
                <footer><p>Drawn with <a href="https://d3js.org">d3</a> (ISC licence, in the source of this page).
                <span class="wide">In a drawing, the arrow keys move from value to value.</span></p></footer>
                <div id="tip" role="status" aria-live="polite" hidden></div>
                <script>
                /*
                """);
        add(resource("d3/LICENSE"));
        add("*/\n");
        add(resource("d3/d3.min.js"));
        add("\n</script>\n<script>\n");
        add(resource("page.js"));
        add("</script>\n</body>\n</html>\n");
    }

    private void add(String text) {
        out.append(text);
    }

    /** A capital at the beginning, unless a sentence begins with a quantity such as z. */
    private static String sentence(String text) {
        return text.length() < 2 || text.charAt(0) != 'a' && !Character.isLetter(text.charAt(1))
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** ASCII formulas as one prints them: powers, indices, Greek letters, signs. */
    static String prose(String text) {
        return escape(text)
                .replaceAll("\\+-", "±")
                .replace("-&gt;", "→")
                .replace("&lt;-", "←")
                .replace("&lt;=", "≤")
                .replace("&gt;=", "≥")
                .replaceAll("(?<=\\d)e([+-]?)0*(\\d+)\\b", " · 10<sup>$1$2</sup>")
                .replace("<sup>+", "<sup>")
                .replaceAll("\\bsigma\\b|\\bsigma(?=_)", "σ")
                .replaceAll("\\bchi\\b|\\bchi(?=_)", "χ")
                .replaceAll("\\bxi\\b|\\bxi(?=_)", "ξ")
                .replaceAll("\\bPhi\\b", "Φ")
                .replaceAll("\\bphi\\b", "φ")
                .replaceAll("\\bpi\\b|\\bpi(?=\\^)", "π")
                .replaceAll("\\bsqrt\\b ?", "√")
                .replaceAll("\\^\\(([^()]*)\\)", "<sup>$1</sup>")
                .replaceAll("\\^(-?[A-Za-z0-9.]*[A-Za-z0-9])", "<sup>$1</sup>")
                .replaceAll("(?<=\\b[A-Za-zσχξ])_([a-z0-9]+)\\b", "<sub>$1</sub>")
                .replaceAll("(?<=[ (=,]|^)-(?=[0-9.])", "−");
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
