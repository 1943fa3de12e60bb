package nn.tensor.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorGraphTest {
    private static final int ANY = Shape.ANY;

    private final OperatorGraph graph = new OperatorGraph();
    private final Value images = graph.input("images", ElementKind.FLOAT32, Shape.of(ANY, 5, 6, 3));

    private List<String> types() {
        return graph.operators().stream().map(Operator::type).toList();
    }

    private long[] perm(int operator) {
        Attribute perm = graph.operators().get(operator).attributes().get("perm");
        assertThat(perm).isInstanceOf(Attribute.Wholes.class);
        return ((Attribute.Wholes) perm).numbers();
    }

    @Test
    void anOperatorHasItsInputsAttributesAndResult() {
        Value w = graph.constant("w", Tensor.zeros(3, 2));
        Value y = graph.within(
                "outer",
                () -> graph.within(
                        "fc",
                        () -> graph.call("MatMul", images, Value.NONE, w, Value.NONE)
                                .with("whole", 2)
                                .with("real", 0.5f)
                                .with("text", "t")
                                .with("wholes", new long[] {1, 2})
                                .gives(Shape.of(ANY, 5, 6, 2))));
        Operator operator = graph.operators().getFirst();
        assertThat(operator.type()).isEqualTo("MatMul");
        assertThat(operator.name()).isEqualTo("outer.fc/MatMul");
        assertThat(operator.inputs())
                .as("without the last one, which is left out")
                .containsExactly(images, Value.NONE, w);
        assertThat(operator.attributes())
                .containsExactly(
                        Map.entry("whole", new Attribute.Whole(2)),
                        Map.entry("real", new Attribute.Real(0.5f)),
                        Map.entry("text", new Attribute.Text("t")),
                        Map.entry("wholes", new Attribute.Wholes(1, 2)));
        assertThat(operator.outputs()).containsExactly(y);
        assertThat(y).hasToString("outer.fc/MatMul [? x 5 x 6 x 2]");
        graph.output("y", y);
        assertThat(y.name()).isEqualTo("y");
        assertThat(graph.outputs()).containsEntry("y", y);
    }

    @Test
    void aTensorIsOneConstantHoweverOftenItIsUsed() {
        Tensor shared = Tensor.zeros(2);
        Value first = graph.within("a", () -> graph.constant("weight", shared));
        assertThat(graph.within("b", () -> graph.constant("weight", shared))).isSameAs(first);
        Value other = graph.within("a", () -> graph.constant("weight", Tensor.zeros(2)));
        assertThat(first.name()).isEqualTo("a.weight");
        assertThat(other.name()).isEqualTo("a.weight_2");
        assertThat(graph.constants()).hasSize(2);
    }

    @Test
    void transposesThatFollowEachOtherBecomeOneOrNone() {
        Value second = graph.channelsSecond(images);
        assertThat(second.shape()).isEqualTo(Shape.of(ANY, 3, 5, 6));
        assertThat(graph.channelsLast(second)).isSameAs(images);
        Value other = graph.transpose(graph.transpose(images, 0, 2, 1, 3), 0, 3, 1, 2);
        assertThat(other.shape()).isEqualTo(Shape.of(ANY, 3, 6, 5));
        assertThat(types()).as("nobody has read them").isEmpty();
        graph.call("Softmax", other).gives(other.shape());
        graph.call("Softmax", other).gives(other.shape());
        assertThat(types()).containsExactly("Transpose", "Softmax", "Softmax");
        assertThat(perm(0)).containsExactly(0, 3, 2, 1);
    }

    @Test
    void anElementwiseOperatorIsAppliedBeforeTheTranspose() {
        Value second = graph.channelsSecond(images);
        Value conv = graph.channelsLast(graph.call("Conv", second).gives(second.shape()));
        Value relu = graph.elementwise("Relu", conv);
        Value sum = graph.elementwise("Add", relu, graph.elementwise("Mul", conv, graph.number("two", 2)));
        assertThat(sum.shape()).isEqualTo(images.shape());
        graph.call("Conv", graph.channelsSecond(sum)).gives(second.shape());
        assertThat(types()).containsExactly("Transpose", "Conv", "Relu", "Mul", "Add", "Conv");
    }

    @Test
    void anElementwiseOperatorOfTwoOrdersReadsBothInOrder() {
        Value second = graph.channelsSecond(images);
        Value conv = graph.channelsLast(graph.call("Conv", second).gives(second.shape()));
        graph.elementwise("Add", conv, images);
        assertThat(types()).containsExactly("Transpose", "Conv", "Transpose", "Add");
        assertThat(perm(2)).containsExactly(0, 2, 3, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "? 5 6 3 | ? 90    | -1 90",
                "? ? 8   | ? ? 2 4 | 0 -1 2 4",
                "? 4 8   | ? 4 2 4 | -1 4 2 4",
                "? ? 2   | ? 2     | -1 2",
                "? ? 2 4 | ? ? 8   | 0 -1 8",
                "? 4 ? 2 | ? 4 ?   | 0 4 -1",
                "2 3     | 6       | 6"
            })
    void aReshapeSaysWhichSizesAreKeptAndWhichFollows(String from, String to, String dims) {
        Value x = graph.input("x", ElementKind.FLOAT32, shape(from));
        Value y = graph.reshape(x, shape(to));
        assertThat(y.shape()).isEqualTo(shape(to));
        Constant wanted = graph.constants().getLast();
        assertThat(((Constant.Wholes) wanted).numbers())
                .isEqualTo(Arrays.stream(dims.split(" "))
                        .mapToLong(Long::parseLong)
                        .toArray());
    }

    private static Shape shape(String dims) {
        return Shape.of(Arrays.stream(dims.strip().split(" "))
                .mapToInt(dim -> dim.equals("?") ? ANY : Integer.parseInt(dim))
                .toArray());
    }

    @Test
    void aReshapeOfTwoUnknownSizesIsRefusedByItsPath() {
        Value x = graph.input("x", ElementKind.FLOAT32, Shape.of(ANY, ANY, 2));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> graph.within("outer", () -> graph.reshape(x, Shape.of(2, ANY, ANY))))
                .withMessage("layer 'outer': standard operators cannot say a reshape of [? x ? x 2] to [2 x ? x ?], of"
                        + " which more than one size is unknown; give the model an input of known sizes");
    }

    @Test
    void aNameOfAnInputOrOutputGoesBeforeThatOfAConstant() {
        Value weight = graph.constant("output", Tensor.zeros(2));
        Value y = graph.call("Relu", images).gives(images.shape());
        graph.output("output", y);
        assertThat(weight.name()).isEqualTo("output_2");
        graph.output("same", y);
        assertThat(types()).as("a value has one name").containsExactly("Relu", "Identity");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.output("output", y))
                .withMessage("output 'output': a name is not empty and is used once");
        assertThatIllegalArgumentException().isThrownBy(() -> graph.input("", ElementKind.INT64, Shape.of(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> graph.input("images", ElementKind.INT64, Shape.of(1)));
    }

    @Test
    void aBodyAddsItsConstantsToTheGraphAndHasNamesOfItsOwn() {
        OperatorGraph body = graph.body();
        Value step = body.input("images", ElementKind.FLOAT32, Shape.of(2));
        assertThat(step.name()).isEqualTo("images_2");
        body.output("after", body.elementwise("Add", step, body.number("one", 1)));
        assertThat(graph.constants()).hasSize(1);
        assertThat(body.constants()).isEmpty();
        assertThat(graph.operators()).isEmpty();
    }

    @Test
    void lengthsAreKnownWithinAPart() {
        Value steps = graph.input("steps", ElementKind.INT32, Shape.of(ANY));
        assertThat(graph.lengths()).isEmpty();
        graph.withLengths(steps, () -> {
            assertThat(graph.lengths()).contains(steps);
            return steps;
        });
        assertThat(graph.lengths()).isEmpty();
    }

    @Test
    void nothingIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> graph.call("Relu", (Value) null).gives(Shape.of(1)));
        assertThatNullPointerException().isThrownBy(() -> graph.constant("c", null));
        assertThatNullPointerException().isThrownBy(() -> new Attribute.Text(null));
        assertThat(graph.operators()).isEmpty();
    }
}
