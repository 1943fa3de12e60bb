package nn.tensor.operator;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * One operator of an {@link OperatorGraph}.
 *
 * @param type its name in the standard, such as {@code Gemm}
 * @param name its place, unique in its graph, such as {@code hidden1/Gemm}
 * @param inputs in the order of the standard; {@link Value#NONE} where an optional one is left out
 * @param attributes by name; those left out have the standard's defaults
 * @param outputs in the order of the standard
 */
public record Operator(
        String type, String name, List<Value> inputs, SequencedMap<String, Attribute> attributes, List<Value> outputs) {
    /**
     * Copies the collections.
     *
     * @throws NullPointerException if an argument is null or has null
     */
    public Operator {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(name, "name");
        inputs = List.copyOf(inputs);
        attributes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(attributes));
        outputs = List.copyOf(outputs);
    }
}
