package nn.train.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
import org.jspecify.annotations.Nullable;

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

    /**
     * The same graph for inputs whose size along an axis differs from run to run. A value that is reshaped to the size
     * that an input had along this axis keeps its own size there.
     *
     * @throws IllegalArgumentException if no input has such an axis
     */
    OnnxGraph withFree(int axis) {
        if (inputs.stream().allMatch(input -> input.size(axis).isEmpty())) {
            throw new IllegalArgumentException("no input has an axis " + axis + ": "
                    + inputs.stream().map(OnnxValue::toString).collect(Collectors.joining(", ")));
        }
        Set<Long> sizes = new HashSet<>(); // that inputs have in this graph
        for (OnnxValue input : inputs) {
            input.size(axis).filter(size -> size != Shape.ANY).ifPresent(sizes::add);
        }
        Set<String> computed = inputs.stream().map(OnnxValue::name).collect(Collectors.toCollection(HashSet::new));
        SequencedMap<String, OnnxTensor> more = new LinkedHashMap<>(constants);
        Map<String, OnnxTensor> known = new HashMap<>(constants);
        List<OnnxNode> others = new ArrayList<>();
        for (OnnxNode node : nodes) {
            boolean isComputed = node.inputs().stream().anyMatch(computed::contains);
            if (isComputed) {
                computed.addAll(node.outputs());
            }
            if (node.attributes().get("value") instanceof OnnxAttribute.Numbers(OnnxTensor tensor)) {
                known.put(node.outputs().getFirst(), tensor);
            }
            OnnxTensor freed =
                    isComputed && node.reshapes() ? kept(known.get(node.inputs().get(1)), axis, sizes) : null;
            if (freed == null) {
                others.add(node);
            } else {
                String other = unused(node.inputs().get(1) + "_free_" + axis);
                more.put(other, freed);
                others.add(node.reading(Map.of(node.inputs().get(1), other)));
            }
        }
        more.keySet().removeIf(constant -> !isNeeded(constant, others));
        return new OnnxGraph(
                name,
                others,
                more,
                inputs.stream().map(input -> input.withFree(axis, sizes)).toList(),
                outputs.stream().map(output -> output.withFree(axis, sizes)).toList());
    }

    /** A shape that keeps the size along an axis in place of one of these sizes; null if it has none of them there. */
    private static @Nullable OnnxTensor kept(@Nullable OnnxTensor shape, int axis, Set<Long> sizes) {
        if (!(shape instanceof OnnxTensor.Wholes wholes)
                || wholes.numbers().length <= axis
                || !sizes.contains(wholes.numbers()[axis])) {
            return null;
        }
        long[] numbers = wholes.numbers().clone();
        numbers[axis] = 0;
        return new OnnxTensor.Wholes(wholes.kind(), wholes.shape(), numbers);
    }

    private boolean isNeeded(String constant, List<OnnxNode> readers) {
        return readers.stream().anyMatch(node -> node.reads(constant))
                || outputs.stream().anyMatch(output -> output.name().equals(constant));
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
