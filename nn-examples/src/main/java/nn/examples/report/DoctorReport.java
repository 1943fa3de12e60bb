package nn.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import nn.examples.chart.Drawing;
import nn.examples.numeric.Decimals;
import nn.train.diagnose.InitFinding;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.LayerReading;
import nn.train.diagnose.Remedy;
import nn.train.diagnose.WatchReport;

/**
 * What the doctor says about a network, as a page and as data.
 *
 * @param network says which network, on which data
 * @param report of the doctor
 * @param drawings of signal and gradient, of the place among the phases, and of pre-activations
 * @param watched what was seen in training, if the network was trained
 */
public record DoctorReport(String network, InitReport report, List<Drawing> drawings, Optional<WatchReport> watched) {
    /** Copies the list. */
    public DoctorReport {
        drawings = List.copyOf(drawings);
    }

    /**
     * Returns the page.
     *
     * @return the text of a file in UTF-8
     */
    public String html() {
        Page page = new Page("A network before training");
        int failures = causes(Severity.FAILURE);
        int warnings = causes(Severity.WARNING);
        page.add(String.format(
                Locale.ROOT,
                """
                <header class="top">
                <button type="button" id="theme" aria-label="Switch between light and dark">Light / dark</button>
                <h1>A network before&nbsp;training</h1>
                <p class="lead">%s</p>
                <p class="run"><span class="%s">%s</span> %d rows of mean square %s%s.</p>
                </header>
                <main>
                """,
                escape(network),
                failures + warnings > 0 ? "left" : "held",
                verdict(failures, warnings),
                report.rows(),
                number(report.input()),
                Double.isNaN(report.loss()) ? "" : "; loss before the first step " + number(report.loss())));
        if (!report.findings().isEmpty()) {
            page.add("<section class=\"family\">\n<h2>Findings</h2>\n");
            findings(page, report.findings());
            page.add("</section>\n");
        }
        if (!drawings.isEmpty()) {
            page.add("<section class=\"family\">\n<h2>Predicted and measured</h2>\n<div class=\"drawings\">\n");
            for (int i = 0; i < drawings.size(); i++) {
                page.drawing(drawings.get(i), "doctor-" + (i + 1));
            }
            page.add("</div>\n</section>\n");
        }
        layers(page);
        watched.ifPresent(seen -> training(page, seen));
        return page.end();
    }

    /** The number of findings, without what follows from them. */
    private int causes(Severity severity) {
        return (int) report.findings().stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    private static String verdict(int failures, int warnings) {
        if (failures + warnings == 0) {
            return "No faults found.";
        }
        String failed = failures == 0 ? "" : count(failures, "failure");
        String warned = warnings == 0 ? "" : count(warnings, "warning");
        return failed + (failed.isEmpty() || warned.isEmpty() ? "" : ", ") + warned + ".";
    }

    private static void findings(Page page, List<InitFinding> findings) {
        for (InitFinding finding : findings) {
            String css = finding.severity() == Severity.FAILURE ? "false" : "conditional";
            page.add(String.format(
                    Locale.ROOT,
                    """
                    <article class="claim %s">
                    <header><h3>%s</h3><span class="verdict">%s</span></header>
                    <p class="statement">%s</p>
                    """,
                    css,
                    escape(finding.symptom().toString()),
                    finding.severity().name().toLowerCase(Locale.ROOT),
                    escape(finding.text())));
            if (!finding.consequences().isEmpty()) {
                page.add("<div class=\"derivation\">\n<p>It causes:</p>\n<ul>\n");
                for (InitFinding c : finding.consequences()) {
                    page.add("<li>" + escape(c.symptom() + ": " + c.text()) + "</li>\n");
                }
                page.add("</ul>\n</div>\n");
            }
            for (Remedy remedy : finding.remedies()) {
                page.add("<p class=\"statement\"><strong>"
                        + (remedy.treatment().isEmpty() ? "Advice:" : "Remedy, tried:") + "</strong> "
                        + escape(remedy.text()) + "</p>\n");
            }
            page.add("</article>\n");
        }
    }

    private void layers(Page page) {
        page.add("""
            <section class="family">
            <h2>Layer by layer</h2>
            <table class="readings">
            <thead><tr><th>layer</th><th>E z<sup>2</sup></th><th>theory</th><th>E y<sup>2</sup></th>\
            <th>gradient<sup>2</sup></th>\
            <th>correlation</th><th>off</th></tr></thead>
            <tbody>
            """);
        for (LayerReading layer : report.layers()) {
            page.add("<tr><th>" + escape(layer.path()) + "<small>" + escape(layer.layer())
                    + (layer.nonlinearity().isEmpty() ? "" : ", " + escape(layer.nonlinearity())) + "</small></th>"
                    + cell("E z^2", layer.preActivation())
                    + cell("theory", layer.predicted())
                    + cell("E y^2", layer.output())
                    + cell("gradient^2", layer.gradient())
                    + cell("correlation", layer.correlation())
                    + cell("off", Double.isNaN(layer.saturated()) ? layer.dead() : layer.saturated())
                    + "</tr>\n");
        }
        page.add("""
            </tbody>
            </table>
            <p class="alternative">z: pre-activations; y: outputs of the nonlinearity; theory: E z<sup>2</sup> for\
             independent weights and the input as measured; gradient<sup>2</sup>: squared length of the gradient at z\
             over that at the output; correlation: of two rows of y; off: share of dead units, or of saturated\
             elements.</p>
            </section>
            """);
    }

    /** What was seen in training. */
    private static void training(Page page, WatchReport seen) {
        page.add(String.format(
                Locale.ROOT,
                """
                <section class="family">
                <h2>In training</h2>
                <p class="statement">%d steps, %d of them looked into. The loss was %s in the first %d and %s in the\
                 last %d; that of the best constant output is %s. %s</p>
                """,
                seen.steps(),
                seen.looks(),
                number(seen.firstLoss()),
                Math.min(10, seen.steps()),
                number(seen.loss()),
                Math.min(100, seen.steps()),
                number(seen.constantLoss()),
                seen.findings().isEmpty() ? "No faults found." : ""));
        page.add("""
            <table class="readings">
            <thead><tr><th>units</th><th>dead at the start</th><th>killed</th><th>saturated</th></tr></thead>
            <tbody>
            """);
        for (WatchReport.Units units : seen.units()) {
            page.add("<tr><th>" + escape(units.path()) + "<small>" + units.count() + " units, "
                    + escape(units.nonlinearity()) + "</small></th>"
                    + cell("dead at the start", units.deadAtStart())
                    + cell("killed", units.killed())
                    + cell("saturated", units.saturated())
                    + "</tr>\n");
        }
        page.add("""
            </tbody>
            </table>
            <table class="readings">
            <thead><tr><th>weight</th><th>update</th><th>largest</th><th>gradient</th>\
            <th>signal / noise</th></tr></thead>
            <tbody>
            """);
        for (WatchReport.Weight weight : seen.weights()) {
            page.add("<tr><th>" + escape(weight.path()) + "</th>"
                    + cell("update", weight.update())
                    + cell("largest", weight.largestUpdate())
                    + cell("gradient", weight.gradient())
                    + cell("signal / noise", weight.signalToNoise())
                    + "</tr>\n");
        }
        page.add("""
            </tbody>
            </table>
            <p class="alternative">Dead, killed, saturated: shares, from 0 to 1; update and gradient: the length of a\
             step's change, and of the gradient, over that of the weight, running means; signal / noise: the squared\
             length of the mean gradient over the mean squared distance of a gradient from it, in the last\
             looks.</p>
            """);
        findings(page, seen.findings());
        page.add("</section>\n");
    }

    /**
     * Returns the data.
     *
     * @return the text of a file of JSON
     */
    public String json() {
        return JsonWriter.exact(JsonWriter.map(
                "network", network,
                "rows", report.rows(),
                "input", report.input(),
                "loss", report.loss(),
                "forward_gain", report.forwardGain(),
                "backward_gain", report.backwardGain(),
                "findings", report.findings().stream().map(DoctorReport::data).toList(),
                "in_training",
                        watched.map(WatchReport::findings).orElse(List.of()).stream()
                                .map(DoctorReport::data)
                                .toList(),
                "weights_in_training",
                        watched.map(WatchReport::weights).orElse(List.of()).stream()
                                .map(DoctorReport::data)
                                .toList(),
                "layers", report.layers().stream().map(DoctorReport::data).toList()));
    }

    private static Object data(InitFinding finding) {
        List<Object> remedies = new ArrayList<>();
        for (Remedy remedy : finding.remedies()) {
            remedies.add(JsonWriter.map(
                    "text", remedy.text(),
                    "standardizes_inputs", remedy.treatment().standardizesInputs(),
                    "standardizes_targets", remedy.treatment().standardizesTargets(),
                    "parameters", List.copyOf(remedy.treatment().initializers().keySet())));
        }
        return JsonWriter.map(
                "severity", finding.severity().name().toLowerCase(Locale.ROOT),
                "symptom", finding.symptom().toString(),
                "layer", finding.layer(),
                "measured", finding.measured(),
                "limit", finding.limit(),
                "text", finding.text(),
                "remedies", remedies,
                "consequences",
                        finding.consequences().stream().map(DoctorReport::data).toList());
    }

    private static Object data(WatchReport.Weight weight) {
        return JsonWriter.map(
                "path", weight.path(),
                "update", weight.update(),
                "largest_update", weight.largestUpdate(),
                "largest_at", weight.largestAt(),
                "gradient", weight.gradient(),
                "signal_to_noise", weight.signalToNoise());
    }

    private static Object data(LayerReading layer) {
        return JsonWriter.map(
                "path", layer.path(),
                "layer", layer.layer(),
                "nonlinearity", layer.nonlinearity(),
                "pre_activation", layer.preActivation(),
                "predicted", layer.predicted(),
                "output", layer.output(),
                "gradient", layer.gradient(),
                "correlation", layer.correlation(),
                "dead", layer.dead(),
                "saturated", layer.saturated());
    }

    private static String cell(String name, double value) {
        return "<td data-name=\"" + name + "\">"
                + (Double.isNaN(value) ? "<span class=\"none\">–</span>" : number(value)) + "</td>";
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String number(double value) {
        return Decimals.text(value, 3);
    }

    private static String escape(String text) {
        return Formulas.escape(text);
    }
}
