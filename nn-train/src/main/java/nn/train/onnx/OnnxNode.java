package nn.train.onnx;

import java.util.List;
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
