package nn.train.onnx;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.train.internal.Texts;

/**
 * One operator.
 *
 * @param domain of its type; empty for the operators of the standard
 * @param type such as {@code Gemm}
 * @param name may be empty
 * @param inputs names of values; empty where an optional one is left out
 * @param outputs names of values; empty where one is not used
 * @param attributes by name
 */
record OnnxNode(
        String domain,
        String type,
        String name,
        List<String> inputs,
        List<String> outputs,
        SequencedMap<String, OnnxAttribute> attributes) {
    boolean isStandard() {
        return domain.isEmpty() || domain.equals("ai.onnx");
    }

    /** Whether this puts the axes of one value into this order. */
    boolean transposes(int... axes) {
        return isStandard()
                && type.equals("Transpose")
                && attributes.get("perm") instanceof OnnxAttribute.Wholes(List<Long> order)
                && order.equals(Arrays.stream(axes).asLongStream().boxed().toList());
    }

    /** Whether this gives a value another shape, in which 0 keeps a size. */
    boolean reshapes() {
        return isStandard() && type.equals("Reshape") && inputs.size() == 2 && !attributes.containsKey("allowzero");
    }

    /** Whether this reads a value, or a graph in it does. */
    boolean reads(String value) {
        return inputs.contains(value)
                || attributes.values().stream()
                        .anyMatch(attribute -> attribute instanceof OnnxAttribute.Body(OnnxGraph graph)
                                && graph.nodes().stream().anyMatch(node -> node.reads(value)));
    }

    /** The same node with other values instead of some that it reads. */
    OnnxNode reading(Map<String, String> other) {
        SequencedMap<String, OnnxAttribute> changed = new LinkedHashMap<>();
        attributes.forEach((key, attribute) -> changed.put(
                key,
                attribute instanceof OnnxAttribute.Body(OnnxGraph graph)
                        ? new OnnxAttribute.Body(graph.reading(other))
                        : attribute));
        List<String> read =
                inputs.stream().map(input -> other.getOrDefault(input, input)).toList();
        return new OnnxNode(domain, type, name, read, outputs, changed);
    }

    /** The type with its domain, for messages and tables. */
    String fullType() {
        return isStandard() ? type : domain + ":" + type;
    }

    /** Such as {@code Gemm 'hidden1/Gemm'}. */
    String title() {
        String own = name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name;
        return fullType() + " '" + Texts.visible(own) + "'";
    }
}
