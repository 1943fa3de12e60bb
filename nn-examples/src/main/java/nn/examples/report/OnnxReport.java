package nn.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.train.onnx.OnnxModel;

/**
 * What an ONNX file holds, and what nn makes of it, as text and as data.
 *
 * @param file what it holds
 * @param model the network, or else the graph, that nn makes of it; empty if there are parts that it cannot read
 * @param reasons why it is no network, a line each; empty if it is one
 */
public record OnnxReport(OnnxModel file, Optional<Layer> model, List<String> reasons) {
    /** Copies the list. */
    public OnnxReport {
        reasons = List.copyOf(reasons);
    }

    /**
     * Makes a network of a file, or else a graph.
     *
     * @param file what it holds
     * @return the report
     */
    public static OnnxReport of(OnnxModel file) {
        try {
            return new OnnxReport(file, Optional.of(file.network()), List.of());
        } catch (UnsupportedOperationException e) {
            List<String> reasons = e.getMessage().lines().toList();
            try {
                return new OnnxReport(file, Optional.of(file.graph()), reasons);
            } catch (UnsupportedOperationException graph) {
                return new OnnxReport(
                        file, Optional.empty(), graph.getMessage().lines().toList());
            }
        }
    }

    /**
     * Returns the text of the report.
     *
     * @return several lines
     */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.addAll(file.summary().lines().toList());
        lines.add("");
        if (model.isEmpty()) {
            lines.add("nn cannot read it:");
        } else {
            lines.add(reasons.isEmpty() ? "nn reads it as a network:" : "nn reads it as a graph, not as a network:");
        }
        lines.addAll(reasons);
        model.ifPresent(read -> lines.addAll(read.summary().lines().toList()));
        return String.join("\n", lines) + "\n";
    }

    /**
     * Returns the report as JSON.
     *
     * @return the text of a file in UTF-8
     */
    public String json() {
        List<Object> parameters = new ArrayList<>();
        if (model.isPresent()) {
            for (Map.Entry<String, Parameter> parameter :
                    model.get().parametersByPath().entrySet()) {
                parameters.add(JsonWriter.map(
                        "path", parameter.getKey(),
                        "shape", parameter.getValue().value().shape().toString()));
            }
        }
        return JsonWriter.exact(JsonWriter.map(
                "summary",
                file.summary().lines().toList(),
                "operators",
                file.operators(),
                "read_as",
                model.isEmpty() ? "nothing" : reasons.isEmpty() ? "network" : "graph",
                "reasons",
                reasons,
                "parameters",
                parameters));
    }
}
