package nn.train.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import nn.tensor.Shape;
import nn.tensor.operator.Attribute;
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

    /**
     * The same graph for images, which are inputs of four axes, whose axes come in another order. A node moves them
     * back; one that moves them as they come now is left out. An input that is an output as well stays as it is.
     *
     * @param axes for each axis of an image as it shall be, the axis of an image as it is
     */
    OnnxGraph withImages(int... axes) {
        Set<String> results = outputs.stream().map(OnnxValue::name).collect(Collectors.toSet());
        List<OnnxValue> images = inputs.stream()
                .filter(input -> !results.contains(input.name()))
                .filter(input -> input.shape().orElse(Shape.of()).rank() == axes.length)
                .toList();
        Map<String, String> other = new HashMap<>(); // what is read instead of a value
        images.forEach(image -> other.put(image.name(), unused(image.name() + "_moved")));
        List<OnnxNode> rest = new ArrayList<>();
        for (OnnxNode node : nodes) {
            boolean isDoor = node.transposes(axes)
                    && images.stream()
                            .anyMatch(image -> image.name().equals(node.inputs().getFirst()))
                    && !results.contains(node.outputs().getFirst());
            if (isDoor) {
                other.put(node.outputs().getFirst(), node.inputs().getFirst());
            } else {
                rest.add(node);
            }
        }
        rest.replaceAll(node -> node.reading(other));
        long[] back = new long[axes.length];
        for (int i = 0; i < axes.length; i++) {
            back[axes[i]] = i;
        }
        for (OnnxValue image : images) {
            String moved = Objects.requireNonNull(other.get(image.name()));
            if (rest.stream().anyMatch(node -> node.reads(moved))) {
                SequencedMap<String, OnnxAttribute> attributes = new LinkedHashMap<>();
                attributes.put("perm", OnnxAttribute.of(new Attribute.Wholes(back)));
                rest.addFirst(new OnnxNode("", "Transpose", moved, List.of(image.name()), List.of(moved), attributes));
            }
        }
        List<OnnxValue> moved = inputs.stream()
                .map(input -> images.contains(input)
                        ? new OnnxValue(
                                input.name(), input.kind(), input.shape().map(shape -> shape.permute(axes)))
                        : input)
                .toList();
        return new OnnxGraph(name, rest, constants, moved, outputs);
    }

    /** A name like this that no value has. */
    private String unused(String wanted) {
        String free = wanted;
        while (has(free)) {
            free += "_";
        }
        return free;
    }

    private boolean has(String value) {
        return constants.containsKey(value)
                || inputs.stream().anyMatch(input -> input.name().equals(value))
                || nodes.stream().anyMatch(node -> node.outputs().contains(value));
    }

    /** The same graph in which nodes read other values. */
    OnnxGraph reading(Map<String, String> other) {
        List<OnnxNode> others = nodes.stream().map(node -> node.reading(other)).toList();
        return new OnnxGraph(name, others, constants, inputs, outputs);
    }

    private static OnnxValue value(Value value) {
        return new OnnxValue(value.name(), value.kind(), Optional.of(value.shape()));
    }
}
