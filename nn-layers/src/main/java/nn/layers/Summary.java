package nn.layers;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.tensor.Shape;

/** The table of a network, in 80 columns. */
final class Summary {
    private static final int WIDTH = 80;
    private static final String RULE = "-".repeat(WIDTH) + "\n";

    private Summary() {}

    static String of(Shape input, List<Network.Step> steps) {
        StringBuilder text = new StringBuilder();
        Map<Parameter, String> seen = new IdentityHashMap<>();
        long total = 0;
        text.append(row("layer", "kind", "output", "parameters")).append(RULE);
        text.append(row("input", "", input.toString(), ""));
        for (Network.Step step : steps) {
            long count = 0;
            StringBuilder details = new StringBuilder();
            for (Map.Entry<String, Parameter> entry : step.layer().parametersByPath().entrySet()) {
                Parameter p = entry.getValue();
                String first = seen.putIfAbsent(p, step.name() + "." + entry.getKey());
                count += first == null ? p.value().size() : 0;
                String scheme = first == null ? Misfit.describe(p.initializer()) : "shared with " + first;
                details.append(clip("  " + entry.getKey() + " " + p.value().shape() + ": " + scheme, WIDTH))
                        .append('\n');
            }
            total += count;
            String kind = Misfit.describe(step.layer());
            text.append(row(step.name(), kind, step.out().toString(), count == 0 ? "0" : number(count))).append(details);
        }
        text.append(RULE).append(number(total)).append(" parameters, ").append(number(Float.BYTES * total));
        return text.append(" bytes as float32\n").toString();
    }

    private static String row(String name, String kind, String output, String count) {
        String row = String.format(
                Locale.ROOT, "%-18s %-22s %-22s %15s", clip(name, 18), clip(kind, 22), clip(output, 22), count);
        return row.stripTrailing() + "\n";
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String clip(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 2) + "..";
    }
}
