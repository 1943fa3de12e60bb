package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nn.fixtures.OwnLeakyRelu;
import nn.fixtures.OwnTanh;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Activation;
import nn.layers.recurrent.Rnn;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Custom nonlinearities with custom kernels. */
class OwnNonlinearityTest {
    private static final Key KEY = Key.of(5);

    static Stream<Arguments> ownAndBuiltIn() {
        return Stream.of(
                Arguments.of(new OwnTanh(), Nonlinearity.TANH),
                Arguments.of(new OwnLeakyRelu(0.3f), Nonlinearity.leakyRelu(0.3)));
    }

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 2);
        return x;
    }

    /** Returns the SHA-256 of the output, the gradient at the input, and the parameters' gradients. */
    private static List<String> bits(Layer layer, Tensor x) {
        Gradients gradients = new Gradients(layer.parameters());
        Pass pass = layer.forward(x, Context.inference());
        List<String> all = new ArrayList<>(List.of(pass.output().sha256()));
        int[] dims = new int[pass.output().shape().rank()];
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = pass.output().dim(axis);
        }
        all.add(pass.pullback(normal("dy", dims), gradients).sha256());
        layer.parameters().forEach(parameter -> all.add(gradients.of(parameter).sha256()));
        return all;
    }

    @ParameterizedTest
    @MethodSource("ownAndBuiltIn")
    void aCustomActivationHasTheBitsOfTheBuiltInOne(Nonlinearity own, Nonlinearity builtIn) {
        Tensor x = normal("x", 9, 67);
        assertThat(bits(new Activation(own), x)).isEqualTo(bits(new Activation(builtIn), x));
    }

    @ParameterizedTest
    @MethodSource("ownAndBuiltIn")
    void anRnnWithACustomActivationHasTheBitsOfTheBuiltInOne(Nonlinearity own, Nonlinearity builtIn) {
        Tensor x = normal("x", 6, 4, 3);
        for (Rnn.Config config : List.of(Rnn.units(7), Rnn.units(7).last())) {
            assertThat(bits(config.activation(own).create(3, KEY), x))
                    .isEqualTo(bits(config.activation(builtIn).create(3, KEY), x));
        }
    }

    @ParameterizedTest
    @MethodSource("ownAndBuiltIn")
    void gradientsAreTheSlopes(Nonlinearity own, Nonlinearity builtIn) {
        GradientCheck.standard().check(new Activation(own), normal("x", 4, 5)).throwIfFailed();
        GradientCheck.standard()
                .check(Rnn.units(4).activation(own).create(3, KEY), normal("x", 5, 2, 3))
                .throwIfFailed();
    }

    /** A kernel whose gradient confuses input and output. */
    private record Mistaken(boolean gradientFromOutput) implements Nonlinearity, ElementwiseKernel {
        @Override
        public String name() {
            return "mistaken";
        }

        @Override
        public double value(double z) {
            return StrictMath.tanh(z);
        }

        @Override
        public double derivative(double z) {
            return 1 - value(z) * value(z);
        }

        @Override
        public ElementwiseKernel newKernel() {
            return this;
        }

        @Override
        public void apply(Tensor x, Tensor y) {
            x.tanhInto(y);
        }

        @Override
        public void gradient(Tensor saved, Tensor dy, Tensor dx) {
            if (gradientFromOutput) {
                saved.tanhInto(dx);
                dx.tanhGradInto(dy, dx);
            } else {
                saved.tanhGradInto(dy, dx);
            }
        }
    }

    @Test
    void aKernelThatMistakesItsInputForItsOutputFailsTheGradientCheck() {
        for (boolean fromOutput : new boolean[] {true, false}) {
            Layer layer = new Activation(new Mistaken(fromOutput));
            assertThat(GradientCheck.standard().check(layer, normal("x", 4, 5)).passed())
                    .as("gradientFromOutput %s", fromOutput)
                    .isFalse();
        }
    }

    /** A nonlinearity that counts its kernels. */
    private static final class Counted implements Nonlinearity {
        private int kernels;

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public double value(double z) {
            return z;
        }

        @Override
        public double derivative(double z) {
            return 1;
        }

        @Override
        public ElementwiseKernel newKernel() {
            kernels++;
            return Nonlinearity.super.newKernel();
        }
    }

    @Test
    void eachPassCreatesOneKernel() {
        Counted f = new Counted();
        for (Layer layer : List.of(new Activation(f), Rnn.units(2).activation(f).create(3, KEY))) {
            f.kernels = 0;
            Pass first = layer.newPass();
            layer.newPass();
            Context context = Context.inference();
            context.run(first, normal("x", 4, 2, 3));
            context.run(first, normal("x", 4, 2, 3));
            assertThat(f.kernels).isEqualTo(2);
        }
    }
}
