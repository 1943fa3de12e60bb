package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.tensor.operator.Attribute;

/** A named setting of a node. */
sealed interface OnnxAttribute {
    record Whole(long number) implements OnnxAttribute {}

    record Real(float number) implements OnnxAttribute {}

    record Text(String text) implements OnnxAttribute {}

    record Numbers(OnnxTensor tensor) implements OnnxAttribute {}

    record Body(OnnxGraph graph) implements OnnxAttribute {}

    record Wholes(List<Long> numbers) implements OnnxAttribute {}

    record Reals(List<Float> numbers) implements OnnxAttribute {}

    record Texts(List<String> texts) implements OnnxAttribute {}

    /** A kind that nothing here needs, such as a sparse tensor. */
    record Other(long type) implements OnnxAttribute {}

    static OnnxAttribute of(Attribute attribute) {
        return switch (attribute) {
            case Attribute.Whole whole -> new Whole(whole.number());
            case Attribute.Real real -> new Real(real.number());
            case Attribute.Text text -> new Text(text.text());
            case Attribute.Wholes wholes ->
                new Wholes(Arrays.stream(wholes.numbers()).boxed().toList());
            case Attribute.Reals reals -> {
                List<Float> numbers = new ArrayList<>();
                for (float number : reals.numbers()) {
                    numbers.add(number);
                }
                yield new Reals(List.copyOf(numbers));
            }
            case Attribute.Texts texts -> new Texts(texts.texts());
            case Attribute.Body body -> new Body(OnnxGraph.of(body.graph(), "body"));
        };
    }
}
