package nn.train.diagnose;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Formats a report in 80 columns. */
final class ReportText {
    private static final int WIDTH = 80;
    private static final int NAME = 12;
    private static final int LAYER = 25;
    private static final int NUMBER = 8;
    private static final int SHARE = 5;

    /** Of more layers than this, only the first and last are printed, and those with findings. */
    private static final int MAX_LAYERS = 24;

    private static final int ENDS = 8;

    private ReportText() {}

    static String of(InitReport report) {
        StringBuilder text = new StringBuilder();
        text.append(line("layer", "", "E z^2", "theory", "E y^2", "grad^2", "corr", "off"));
        Set<String> mentioned = new HashSet<>();
        report.findings().forEach(f -> mentioned.add(f.layer()));
        List<LayerReading> layers = report.layers();
        int hidden = 0;
        for (int i = 0; i < layers.size(); i++) {
            LayerReading layer = layers.get(i);
            boolean shown = layers.size() <= MAX_LAYERS
                    || i < ENDS
                    || i >= layers.size() - ENDS
                    || mentioned.contains(layer.path());
            if (!shown) {
                hidden++;
                continue;
            }
            text.append(hidden(hidden));
            hidden = 0;
            String kind = layer.layer()
                    + (layer.nonlinearity().isEmpty() || layer.nonlinearity().equals(layer.layer())
                            ? ""
                            : ", " + layer.nonlinearity());
            text.append(line(
                    layer.path(),
                    kind,
                    number(layer.preActivation()),
                    number(layer.predicted()),
                    number(layer.output()),
                    number(layer.gradient()),
                    share(layer.correlation()),
                    share(off(layer))));
        }
        text.append(paragraph(
                "",
                "z: pre-activations; y: outputs of the nonlinearity; theory: E z^2 for independent weights;"
                        + " grad^2: squared length of the gradient at z over that at the output; corr: correlation of"
                        + " two rows of y; off: share of dead units, or of saturated elements"));
        text.append('\n')
                .append(paragraph(
                        "",
                        report.rows() + " rows of mean square " + number(report.input())
                                + ", correlation " + number(report.inputCorrelation()) + ". Gain over all layers:"
                                + " signal " + number(report.forwardGain()) + ", gradient "
                                + number(report.backwardGain()) + "."
                                + (Double.isNaN(report.loss()) ? "" : " Loss " + number(report.loss()) + ".")));
        text.append('\n');
        if (report.findings().isEmpty()) {
            return text.append("No faults found.\n").toString();
        }
        report.findings().forEach(finding -> text.append(finding(finding)));
        return text.toString();
    }

    /** Formats a finding with its remedy, and then its consequences. */
    static String finding(InitFinding finding) {
        StringBuilder text = new StringBuilder(cause(finding));
        finding.consequences().forEach(consequence -> text.append(consequence(consequence)));
        return text.toString();
    }

    /** Formats what a finding says and its remedy, without its consequences. */
    static String cause(InitFinding finding) {
        return paragraph("  ", finding.toString());
    }

    /** Formats a finding that follows from another one, whose remedy it has. */
    static String consequence(InitFinding finding) {
        return paragraph("    ", "  so: " + finding.symptom() + ": " + finding.text());
    }

    private static double off(LayerReading layer) {
        return Double.isNaN(layer.saturated()) ? layer.dead() : layer.saturated();
    }

    private static String hidden(int layers) {
        return layers == 0 ? "" : "... " + layers + (layers == 1 ? " layer" : " layers") + " more\n";
    }

    private static String line(
            String name,
            String layer,
            String z,
            String theory,
            String y,
            String gradient,
            String correlation,
            String off) {
        String numbers = right(z, NUMBER)
                + right(theory, NUMBER)
                + right(y, NUMBER)
                + right(gradient, NUMBER)
                + right(correlation, SHARE + 1)
                + right(off, SHARE);
        return left(name, NAME) + left(layer, LAYER) + numbers + "\n";
    }

    static String left(String text, int width) {
        String cut = text.length() < width ? text : text.substring(0, width - 3) + "..";
        return cut + " ".repeat(width - cut.length());
    }

    static String right(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }

    /** Formats a number with up to three digits in at most seven characters; "-" for NaN. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (Double.isInfinite(size)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (size >= 1e-3 && size < 9999.5) {
            int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.09995 ? 3 : 4;
            return String.format(Locale.ROOT, "%." + decimals + "f", value);
        }
        String format = size >= 0.995e-99 && size < 9.95e99 ? "%.1e" : "%.0e"; // three digits of the exponent
        return String.format(Locale.ROOT, format, value)
                .replace("e-0", "e-")
                .replace("e+0", "e")
                .replace("e+", "e");
    }

    static String share(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", Math.abs(value) < 0.005 ? 0 : value);
    }

    /** Breaks words into lines of 80 columns; all lines but the first have a margin. */
    static String paragraph(String margin, String words) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder();
        String apart = "";
        for (String word : words.split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH && !line.isEmpty()) {
                text.append(line).append('\n');
                line = new StringBuilder(margin);
                apart = "";
            }
            line.append(apart).append(word);
            apart = " ";
        }
        return text.append(line).append('\n').toString();
    }
}
