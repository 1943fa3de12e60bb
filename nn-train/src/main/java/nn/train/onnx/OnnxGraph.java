package nn.train.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.tensor.operator.Constant;
import nn.tensor.operator.Operator;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The nodes of a file, each after those whose results it reads.
 *
 * @param name of the graph
 * @param nodes in order
 * @param constants by the name of their value
 * @param inputs without the constants
 * @param outputs at least one
 */
record OnnxGraph(
        String name,
        List<OnnxNode> nodes,
        SequencedMap<String, OnnxTensor> constants,
        List<OnnxValue> inputs,
        List<OnnxValue> outputs) {
    /** What layers described. */
    static OnnxGraph of(OperatorGraph graph, String name) {
        List<OnnxNode> nodes = new ArrayList<>();
        for (Operator operator : graph.operators()) {
            SequencedMap<String, OnnxAttribute> attributes = new LinkedHashMap<>();
            operator.attributes().forEach((key, value) -> attributes.put(key, OnnxAttribute.of(value)));
            nodes.add(new OnnxNode(
                    "",
                    operator.type(),
                    operator.name(),
                    operator.inputs().stream().map(Value::name).toList(),
                    operator.outputs().stream().map(Value::name).toList(),
                    attributes));
        }
        SequencedMap<String, OnnxTensor> constants = new LinkedHashMap<>();
        for (Constant constant : graph.constants()) {
            constants.put(constant.value().name(), OnnxTensor.of(constant));
        }
        return new OnnxGraph(
                name,
                nodes,
                constants,
                graph.inputs().stream().map(OnnxGraph::value).toList(),
                graph.outputs().values().stream().map(OnnxGraph::value).toList());
    }

    private static OnnxValue value(Value value) {
        return new OnnxValue(value.name(), value.kind(), Optional.of(value.shape()));
    }
}
