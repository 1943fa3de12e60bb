package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import nn.golden.Golden;
import nn.init.testing.Conformance;
import nn.init.testing.ExpectedDistribution;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels that act at their centre, and the biases of gates. */
class ConvolutionKernelsTest {
    private static final Golden GOLDEN = Golden.load("conv.safetensors");
    private static final Key KEY = Key.of(12);

    static List<String> dirac() {
        return GOLDEN.cases("dirac/");
    }

    static List<String> deltaOrthogonal() {
        return GOLDEN.cases("delta_orthogonal/");
    }

    private static Tensor filled(Initializer initializer, int... dims) {
        Tensor out = Tensor.full(Float.NaN, dims);
        initializer.fill(out, new Fans(1, 1), KEY);
        return out;
    }

    /** [outputs x inputs x taps ...] as [taps ... x inputs x outputs]. */
    private static int[] channelsLast(int[] dims) {
        int[] last = new int[dims.length];
        System.arraycopy(dims, 2, last, 0, dims.length - 2);
        last[dims.length - 2] = dims[1];
        last[dims.length - 1] = dims[0];
        return last;
    }

    @ParameterizedTest
    @MethodSource("dirac")
    void diracIsThatOfPyTorch(String name) {
        int groups = GOLDEN.config(name).get("g").asInt();
        int[] dims = GOLDEN.shape(name, "out/weight");
        Initializer scheme = groups == 1 ? Init.dirac() : Init.gates(groups, Init.dirac());
        Tensor kernel = filled(scheme, channelsLast(dims));
        Tensor first = dims.length == 3 ? kernel.permute(2, 1, 0) : kernel.permute(3, 2, 0, 1);
        double[] truth = GOLDEN.doubles(name, "out/weight");
        for (int i = 0; i < truth.length; i++) {
            assertThat((double) first.array()[i]).isEqualTo(truth[i]);
        }
    }

    /** The centre is where the golden file has it, and an orthogonal matrix times the gain; all else is 0. */
    @ParameterizedTest
    @MethodSource("deltaOrthogonal")
    void deltaOrthogonalIsOrthogonalAtItsCentreOnly(String name) {
        JsonNode config = GOLDEN.config(name);
        double gain = config.get("gain").asDouble();
        int[] dims = channelsLast(GOLDEN.shape(name, "out/weight"));
        Tensor kernel = filled(Init.deltaOrthogonal(gain), dims);
        int place = 0;
        for (int axis = 0; axis < dims.length - 2; axis++) {
            place = place * dims[axis] + config.get("centre").get(axis).asInt();
        }
        int inputs = dims[dims.length - 2];
        int outputs = dims[dims.length - 1];
        Tensor taps = kernel.reshape(kernel.size() / (inputs * outputs), inputs, outputs);
        Tensor centre = taps.row(place);
        assertThat(centre).isBitEqualTo(filled(Init.orthogonal(gain), inputs, outputs));
        assertThat(kernel.dot(kernel)).isEqualTo(centre.dot(centre));
        Tensor product =
                inputs <= outputs ? centre.matmul(centre, Transposed.RIGHT) : centre.matmul(centre, Transposed.LEFT);
        for (int i = 0; i < product.dim(0); i++) {
            for (int j = 0; j < product.dim(1); j++) {
                assertThat((double) product.get(i, j)).isCloseTo(i == j ? gain * gain : 0, within(1e-6 * gain * gain));
            }
        }
    }

    @Test
    void aGroupHasItsOwnMatrix() {
        Tensor kernel = filled(Init.gates(2, Init.deltaOrthogonal()), 3, 4, 8);
        Tensor centre = kernel.row(1);
        for (int group = 0; group < 2; group++) {
            Tensor block = Tensor.zeros(4, 4);
            centre.sliceInto(1, 4 * group, block);
            assertThat(block.matmul(block, Transposed.LEFT).get(0, 0)).isCloseTo(1, within(1e-6f));
        }
    }

    @Test
    void biasesHaveNoCentre() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> filled(Init.deltaOrthogonal(), 5))
                .withMessage(
                        "delta orthogonal: expected a tensor of rank 2 or more, got shape [5]; a bias has no centre,"
                                + " give it zeros");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> filled(Init.dirac(), 5));
        assertThatIllegalArgumentException().isThrownBy(() -> Init.deltaOrthogonal(-1));
    }

    /** Time constants are uniform, so their mean is longest / 2 + 1/2 with one added: (1 + (T - 1)) / 2 + 1. */
    @Test
    void chronoBiasesGiveTimesFromOneToTheLongest() {
        double longest = 400;
        Tensor keep = filled(Init.chronoKeep(longest, KEY), 20_000);
        Tensor admit = filled(Init.chronoAdmit(longest, KEY), 20_000);
        Tensor sum = keep.add(admit);
        assertThat(sum.maxAbs()).isZero();
        double times = 0;
        for (int i = 0; i < keep.size(); i++) {
            times += 1 + Math.exp(keep.array()[i]); // of a gate sigmoid(b) = 1 - 1 / t
        }
        double deviation = (longest - 2) / Math.sqrt(12 * keep.size()); // of the mean
        assertThat(times / keep.size()).isCloseTo(longest / 2 + 1, within(5 * deviation));
        Conformance.of((out, fans, key) -> new Chrono(Chrono.Part.KEEP, 400, key).fill(out, fans, key))
                .expecting(ExpectedDistribution.chrono(400))
                .check(Shape.of(6000), new Fans(28, 6000), 1)
                .throwIfFailed();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.chronoKeep(2, KEY))
                .withMessage("chrono keep: longest 2 must be above 2: the times of the units lie between 1 and it");
        assertThatIllegalArgumentException().isThrownBy(() -> Init.chronoAdmit(Double.NaN, KEY));
    }
}
