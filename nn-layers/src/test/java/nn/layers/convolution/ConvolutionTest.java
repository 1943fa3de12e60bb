package nn.layers.convolution;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.layers.network.Network;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
    private static final Key KEY = Key.of(3);

    private static Tensor numbers(int... dims) {
        Tensor t = Tensor.zeros(dims);
        KEY.child("x").normal(t, 0, 1);
        return t;
    }

    private static Arguments layer(LayerFactory factory, int... dims) {
        Tensor x = numbers(dims);
        return Arguments.of(factory.create(x.shape(), KEY), x);
    }

    static Stream<Arguments> layers() {
        return Stream.of(
                layer(Convolution.channels(4).kernel(3, 3).same(), 3, 5, 6, 2),
                layer(Convolution.channels(4).kernel(3, 2).stride(2).padding(1, 0), 3, 5, 6, 2),
                layer(Convolution.channels(6).kernel(3, 3).groups(2).dilation(2).same(), 2, 5, 6, 4),
                layer(Convolution.depthwise(2).kernel(3, 3).same(), 2, 5, 6, 3),
                layer(Convolution.channels(4).kernel(3).causal(), 3, 7, 2),
                layer(TransposedConvolution.channels(3).kernel(4, 4).stride(2).same(), 2, 3, 4, 2),
                layer(TransposedConvolution.channels(4).kernel(3).stride(2).groups(2), 2, 5, 2),
                layer((in, key) -> Pool.max(2, 2), 2, 4, 6, 3),
                layer((in, key) -> Pool.mean(3, 3).stride(2).padding(1), 2, 5, 6, 3),
                layer((in, key) -> Pool.mean(3).withoutPadding().padding(1).roundedUp(), 2, 8, 3),
                layer((in, key) -> GlobalPool.MEAN, 2, 3, 4, 5),
                layer((in, key) -> GlobalPool.MAX, 2, 7, 5));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void everyLayerKeepsTheContract(Layer layer, Tensor x) {
        LayerContract.standard().check(layer, x).throwIfFailed();
    }

    @Test
    void fansCountProducts() {
        Convolution strided =
                Convolution.channels(8).kernel(3, 3).stride(2).groups(2).create(Shape.of(-1, 9, 9, 4), KEY);
        assertThat(strided.weight().fans()).isEqualTo(Fans.convolution(4, 8, 9, 4, 2));
        assertThat(strided.weight().value().shape()).isEqualTo(Shape.of(3, 3, 2, 8));
        TransposedConvolution transposed =
                TransposedConvolution.channels(8).kernel(4, 4).stride(2).create(Shape.of(-1, 9, 9, 4), KEY);
        assertThat(transposed.weight().fans()).isEqualTo(Fans.transposedConvolution(4, 8, 16, 4, 1));
        Convolution depthwise = Convolution.depthwise(2).kernel(3, 3).create(Shape.of(-1, 9, 9, 4), KEY);
        assertThat(depthwise.groups()).isEqualTo(4);
        assertThat(depthwise.outputs()).isEqualTo(8);
        assertThat(depthwise.weight().fans().in()).isEqualTo(9);
    }

    @Test
    void aConvolutionBeforeReluIsHeNormal() {
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 8, 8, 1))
                .layer("conv", Convolution.channels(4).kernel(3, 3).same())
                .relu()
                .layer("pool", Pool.max(2, 2))
                .layer("last", Convolution.channels(2).kernel(3, 3))
                .build();
        assertThat(network.parameter("conv.weight").initializer()).isEqualTo(Init.heNormal());
        assertThat(network.parameter("last.weight").initializer()).isEqualTo(Init.xavierUniform());
        assertThat(network.outputShape(Shape.of(Shape.ANY, 8, 8, 1))).isEqualTo(Shape.of(Shape.ANY, 2, 2, 2));
        assertThat(network.summary()).contains("Convolution 1 -> 4", "Pool max");
    }

    @Test
    void aCausalConvolutionIgnoresLaterInputs() {
        Layer layer = Convolution.channels(3).kernel(3).causal().dilation(2).create(Shape.of(-1, 9, 2), KEY);
        Tensor x = numbers(1, 9, 2);
        Tensor y = layer.forward(x, Context.inference()).output();
        x.set(100, 0, 6, 0);
        Tensor changed = layer.forward(x, Context.inference()).output();
        assertThat(changed.row(0).rows(0, 6)).isBitEqualTo(y.row(0).rows(0, 6));
        assertThat(changed.row(0).row(6).bitEquals(y.row(0).row(6))).isFalse();
    }

    @Test
    void theKernelIsStoredWithItsChannelsFirst() {
        Convolution layer = Convolution.channels(5).kernel(2, 3).create(Shape.of(-1, 9, 9, 4), KEY);
        WeightMapping.Part part = layer.torchMapping().getFirst().parts().getFirst();
        Shape stored = part.form().stored(layer.weight().value().shape());
        assertThat(stored).isEqualTo(Shape.of(5, 4, 2, 3));
        Tensor torch = layer.weight().value().permute(part.form().axes(4));
        assertThat(torch.get(4, 3, 1, 2)).isEqualTo(layer.weight().value().get(1, 2, 3, 4));
    }

    static Stream<Arguments> layersWithAKernel() {
        return layers().filter(a -> !((Layer) a.get()[0]).parameters().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("layersWithAKernel")
    void aFrozenKernelGetsNoGradientAndTheOthersTheSame(Layer layer, Tensor x) {
        Parameter weight = layer.parameters().getFirst();
        Parameter bias = layer.parameters().getLast();
        Gradients all = new Gradients(layer);
        Tensor dx = pullback(layer, x, all);
        Gradients some = new Gradients(layer);
        some.freeze(List.of(weight));
        assertThat(pullback(layer, x, some)).isBitEqualTo(dx);
        assertThat(some.of(bias)).isBitEqualTo(all.of(bias));
        assertThat(some.of(weight).maxAbs()).isZero();
        assertThat(all.of(weight).maxAbs()).isPositive();
    }

    private static Tensor pullback(Layer layer, Tensor x, Gradients gradients) {
        Pass pass = layer.forward(x, Context.training(KEY));
        return pass.pullback(pass.output(), gradients);
    }

    @Test
    void theMeanOverManyPlacesIsSummedInChains() {
        int places = 1 << 20; // a single chain of floats would end at 0.1 + 1e-3
        Tensor x = Tensor.zeros(1, places, 2);
        x.fill(0.1f);
        Tensor mean = GlobalPool.MEAN.forward(x, Context.inference()).output();
        // chains of 2048 terms to 2^-24 each in relative error, which are added in double
        assertThat(mean.get(0, 1)).isCloseTo(0.1f, within(0.1f * (2048 + 2) * 0x1p-24f));
    }

    @Test
    void theMeanOverAllPlacesAddsThemAsRows() {
        for (int channels : new int[] {1, 16, 70}) {
            Tensor x = Tensor.zeros(2, 30, 80, channels); // 2400 places are more than a chain
            KEY.normal(x, 1, 1);
            Tensor expected = Tensor.zeros(2, channels);
            for (int n = 0; n < 2; n++) {
                x.row(n).reshape(2400, channels).addSumOfRowsInto(expected.row(n));
                for (int c = 0; c < channels; c++) {
                    expected.set(expected.get(n, c) / 2400, n, c);
                }
            }
            assertThat(GlobalPool.MEAN.forward(x, Context.inference()).output()).isBitEqualTo(expected);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedWithWhatToWrite() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).kernel(3, 3).groups(4).create(Shape.of(-1, 5, 5, 8), KEY))
                .withMessageContaining("Convolution 8 -> 6 in 4 groups")
                .withMessageContaining("choose groups(2)");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(
                        () -> Convolution.channels(6).kernel(7, 7).padding(1).create(Shape.of(-1, 4, 9, 8), KEY))
                .withMessageContaining(
                        "a window over 7 places is wider than the axis of 4 with its padding of 1 and 1; give at most"
                                + " 6 taps, or 1 more place of padding");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(
                        () -> Convolution.channels(6).kernel(1, 4).dilation(3).create(Shape.of(-1, 4, 9, 8), KEY))
                .withMessageContaining("a window over 10 places")
                .withMessageContaining("give at most 3 taps, or 1 more place of padding");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TransposedConvolution.channels(6).kernel(3, 3).groups(4).create(Shape.of(-1, 5, 5, 8), KEY))
                .withMessageContaining("TransposedConvolution 8 -> 6 in 4 groups")
                .withMessageContaining("choose groups(2)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).kernel(3, 3).create(Shape.of(-1, 5, 5, 0), KEY))
                .withMessageContaining("give an input with at least one");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> TransposedConvolution.channels(6)
                        .kernel(4)
                        .crop(new int[] {3}, new int[] {2})
                        .create(Shape.of(-1, 2, 8), KEY))
                .withMessageContaining("axis 1 gives 5 places, of which the crop leaves out 3 and 2; crop fewer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).create(Shape.of(-1, 5, 5, 8), KEY))
                .withMessageContaining("call kernel(height, width)");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Convolution.channels(6).kernel(3).create(Shape.of(-1, 5, 5, 8), KEY))
                .withMessage("Convolution: expected [batch x length x channels], got [? x 5 x 5 x 8]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).kernel(3).stride(1, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).kernel(3, 3, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(6).kernel(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Convolution.channels(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.depthwise(2).groups(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Convolution.channels(2).kernel(3).padding(-1));
        Layer layer = Convolution.channels(6).kernel(3, 3).create(Shape.of(-1, 5, 5, 8), KEY);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> layer.forward(numbers(2, 5, 5, 7), Context.inference()))
                .withMessageContaining("expected [batch x height x width x 8], got [2 x 5 x 5 x 7]");
    }
}
