package nn.examples.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.chart.Drawing;
import nn.examples.chart.Heatmap;
import nn.examples.chart.Histograms;
import nn.examples.chart.Slider;

/** A self-contained page of HTML with drawings, while it is written. */
final class Page {
    /** Folder of d3, which the build unpacks. */
    private static final String D3 = "/nn/examples/claims/d3/";

    private final StringBuilder out = new StringBuilder();

    /** Begins a page. */
    Page(String title) {
        add("""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\
            """);
        add(Formulas.escape(title));
        add("""
            </title>
            <link rel="icon" href="data:,">
            <style>
            """);
        add(resource("page.css"));
        add("</style>\n</head>\n<body>\n");
    }

    /** Adds markup. */
    void add(String text) {
        out.append(text);
    }

    /** Adds a drawing, as data that the page's script draws. */
    void drawing(Drawing drawing, String id) {
        add(String.format(Locale.ROOT, """
            <figure class="drawing" id="drawing-%s">
            <figcaption>%s</figcaption>
            <div class="plot"></div>
            """, id, Formulas.line(drawing.title())));
        if (drawing instanceof Chart chart) {
            for (int i = 0; i < chart.sliders().size(); i++) {
                Slider slider = chart.sliders().get(i);
                add(String.format(
                        Locale.ROOT,
                        """
                        <div class="slider"><label for="slider-%1$s-%2$d">%3$s</label>\
                        <input type="range" id="slider-%1$s-%2$d" min="0" max="%4$d" step="1" value="%5$d">\
                        <output for="slider-%1$s-%2$d"></output></div>
                        """,
                        id,
                        i + 1,
                        Formulas.line(slider.title()),
                        slider.settings().length - 1,
                        slider.start()));
            }
        }
        add(String.format(Locale.ROOT, """
            <p class="alternative">%s</p>
            <script type="application/json">%s</script>
            </figure>
            """, Formulas.line(drawing.alternative()), JsonWriter.compact(data(drawing))));
    }

    /** Words of a drawing, once with formulas set and once in characters only. */
    private static Map<String, Object> words(String text) {
        return JsonWriter.map("html", Formulas.line(text), "text", Formulas.text(text));
    }

    private static Map<String, Object> data(Drawing drawing) {
        SequencedMap<String, Object> data = JsonWriter.map(
                "title", Formulas.text(drawing.title()), "alternative", Formulas.text(drawing.alternative()));
        switch (drawing) {
            case Chart chart -> {
                data.put("kind", "chart");
                data.put("x", axis(chart.x()));
                data.put("y", axis(chart.y()));
                List<Object> series = new ArrayList<>();
                for (Chart.Series s : chart.series()) {
                    SequencedMap<String, Object> one = JsonWriter.map(
                            "name",
                            s.name(),
                            "of",
                            s.of(),
                            "words",
                            words(s.name()),
                            "style",
                            s.style().name(),
                            "x",
                            s.x(),
                            "y",
                            s.y());
                    if (s.style() == Chart.Style.BAND) {
                        one.put("low", s.low());
                        one.put("high", s.high());
                    }
                    series.add(one);
                }
                data.put("series", series);
                data.put(
                        "sliders",
                        chart.sliders().stream()
                                .map(s -> JsonWriter.map(
                                        "words",
                                        words(s.title()),
                                        "reading",
                                        words(s.reading()),
                                        "settings",
                                        s.settings(),
                                        "at",
                                        s.start(),
                                        "x",
                                        s.x(),
                                        "y",
                                        s.y()))
                                .toList());
            }
            case Histograms h -> {
                data.put("kind", "histograms");
                data.put("x", axis(h.x()));
                data.put("low", h.low());
                data.put("high", h.high());
                data.put(
                        "groups",
                        h.groups().stream()
                                .map(g -> JsonWriter.map("name", Formulas.text(g.name()), "shares", g.shares()))
                                .toList());
            }
            case Heatmap h -> {
                data.put("kind", "heatmap");
                data.put("x", axis(h.x()));
                data.put("y", axis(h.y()));
                data.put("value", Formulas.text(h.value()));
                data.put("cells", h.cells());
                h.colours().ifPresent(range -> data.put("colours", List.of(range.low(), range.high())));
                data.put(
                        "lines",
                        h.lines().stream()
                                .map(line -> JsonWriter.map("words", words(line.name()), "x", line.x(), "y", line.y()))
                                .toList());
            }
        }
        return data;
    }

    private static Map<String, Object> axis(Axis axis) {
        return JsonWriter.map("title", words(axis.title()), "log", axis.logarithmic(), "names", axis.names());
    }

    /** Ends the page, and returns it. */
    String end() {
        add("""
            </main>
            <footer><p>Drawn with <a href="https://d3js.org">d3</a> (ISC licence, in the source of this page).
            <span class="wide">In a drawing, the arrow keys move from value to value.</span></p></footer>
            <div id="tip" role="status" aria-live="polite" hidden></div>
            <script>
            /*
            """);
        add(resource(D3 + "LICENSE"));
        add("*/\n");
        add(resource(D3 + "d3.min.js"));
        add("\n</script>\n<script>\n");
        add(resource("page.js"));
        add("</script>\n</body>\n</html>\n");
        return out.toString();
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
