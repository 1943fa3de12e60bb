package nn.layers.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The layer of the README: the text is the same here and there. */
class ReadmeTest {
    // spotless:off
record Scale(Parameter factor) implements Layer {
    public Shape outputShape(Shape in) { return in.requireFeatures("Scale", factor.value().size()); }
    public List<Parameter> parameters() { return List.of(factor); }
    public Pass newPass() { return new Pass(this) {
        private Tensor x;
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            return x.multiplyRow(context.value(factor));
        }
        protected Tensor backward(Tensor dy, Gradients gradients) {
            dy.multiply(x).addSumOfRowsInto(gradients.of(factor));
            return dy.multiplyRow(factor.value());
        }
    }; }
}
    // spotless:on

    @Test
    void theLayerKeepsTheContractInAtMostFifteenLines() throws IOException {
        Key key = Key.of(3);
        Tensor x = Tensor.zeros(4, 3);
        key.normal(x, 0f, 1f);
        Parameter factor = Parameter.create(
                "factor", Parameter.Kind.WEIGHT, Shape.of(3), new Fans(1, 1), Init.normal(0.5), key.child("factor"));
        LayerContract.standard().check(new Scale(factor), x).throwIfFailed();

        String source = Files.readString(Path.of("src/test/java/nn/layers/testing/ReadmeTest.java"));
        String own = source.substring(source.indexOf("record Scale("), source.indexOf("    // spotless:on"));
        assertThat(own.lines().count()).isLessThanOrEqualTo(15);
        assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + own + "```");
    }
}
