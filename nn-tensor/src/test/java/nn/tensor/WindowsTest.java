package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WindowsTest {
    private static Tensor numbers(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(6).child(name).normal(t, 0, 1);
        return t;
    }

    private static Windows.Axis axis(int taps, int stride, int dilation, int before, int after) {
        return new Windows.Axis(taps, stride, dilation, before, after);
    }

    private static Arguments geometry(
            Windows.Axis y, Windows.Axis x, int batch, int height, int width, int channels, int outputs, int groups) {
        return Arguments.of(new Windows(y, x), new int[] {batch, height, width, channels, outputs, groups});
    }

    static Stream<Arguments> geometries() {
        Windows.Axis same = axis(3, 1, 1, 1, 1);
        return Stream.of(
                geometry(same, same, 2, 5, 6, 3, 4, 1),
                geometry(same, same, 9, 12, 14, 16, 16, 1), // overlapping rows
                geometry(same, same, 3, 7, 7, 20, 33, 1), // unfolded
                geometry(axis(1, 1, 1, 0, 0), axis(1, 1, 1, 0, 0), 2, 6, 5, 7, 9, 1),
                geometry(axis(1, 1, 1, 0, 0), axis(5, 1, 1, 2, 2), 2, 1, 40, 7, 9, 1),
                geometry(axis(5, 1, 1, 0, 0), axis(5, 1, 1, 0, 0), 2, 20, 28, 1, 6, 1),
                geometry(axis(3, 1, 2, 2, 2), axis(3, 1, 3, 3, 3), 1, 20, 21, 4, 5, 1),
                geometry(axis(3, 2, 1, 1, 1), axis(3, 2, 1, 1, 1), 2, 9, 8, 5, 6, 1),
                geometry(axis(4, 3, 2, 2, 1), axis(2, 2, 1, 0, 1), 2, 13, 9, 3, 2, 1),
                geometry(same, same, 2, 8, 9, 6, 9, 3),
                geometry(axis(3, 2, 1, 1, 1), same, 2, 8, 9, 4, 8, 4),
                geometry(same, same, 2, 8, 9, 17, 34, 17), // depthwise, two outputs each
                geometry(axis(3, 2, 1, 1, 1), axis(3, 2, 1, 1, 1), 2, 9, 9, 19, 19, 19),
                geometry(axis(5, 1, 1, 0, 0), axis(5, 1, 1, 0, 0), 3, 12, 12, 6, 16, 1), // gradients are scattered
                geometry(axis(1, 2, 1, 0, 0), axis(1, 2, 1, 0, 0), 3, 8, 8, 16, 32, 1), // pixels that nobody reads
                geometry(axis(3, 1, 1, -1, -2), axis(3, 1, 1, -2, 1), 2, 9, 10, 3, 4, 1), // cropped
                geometry(axis(3, 2, 1, -1, 0), axis(3, 2, 1, 3, -2), 2, 9, 10, 3, 4, 1),
                geometry(axis(5, 1, 1, 2, 2), axis(5, 1, 1, 2, 2), 1, 3, 2, 2, 3, 1), // wider than the image
                geometry(axis(2, 1, 1, 3, 0), axis(2, 5, 1, 0, 0), 1, 4, 4, 2, 2, 1));
    }

    /** The chain of fused multiply-adds that the documentation promises. */
    private static Tensor convolved(Windows w, Tensor x, Tensor weight, Tensor bias) {
        Tensor y = Tensor.zeros(w.outputShape(x.shape(), weight.dim(3)));
        int inGroup = weight.dim(2);
        int outGroup = weight.dim(3) / (x.dim(3) / inGroup);
        for (int n = 0; n < y.dim(0); n++) {
            for (int i = 0; i < y.dim(1); i++) {
                for (int j = 0; j < y.dim(2); j++) {
                    for (int o = 0; o < y.dim(3); o++) {
                        float sum = bias.get(o);
                        for (int ky = 0; ky < w.y().taps(); ky++) {
                            for (int kx = 0; kx < w.x().taps(); kx++) {
                                int row = place(w.y(), i, ky);
                                int column = place(w.x(), j, kx);
                                boolean inside = row >= 0 && row < x.dim(1) && column >= 0 && column < x.dim(2);
                                for (int c = 0; c < inGroup; c++) {
                                    float value = inside ? x.get(n, row, column, o / outGroup * inGroup + c) : 0;
                                    sum = Math.fma(value, weight.get(ky, kx, c, o), sum);
                                }
                            }
                        }
                        y.set(sum, n, i, j, o);
                    }
                }
            }
        }
        return y;
    }

    private static int place(Windows.Axis axis, int output, int tap) {
        return output * axis.stride() - axis.before() + tap * axis.dilation();
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void aConvolutionIsOneChainOverTapsAndChannels(Windows w, int[] s) {
        Tensor x = numbers("x", s[0], s[1], s[2], s[3]);
        Tensor weight = numbers("w", w.y().taps(), w.x().taps(), s[3] / s[5], s[4]);
        Tensor bias = numbers("b", s[4]);
        Tensor expected = convolved(w, x, weight, bias);
        Tensor y = Tensor.full(Float.NaN, expected.shape().dims());
        w.convolveInto(x, weight, bias, y);
        assertThat(y).isBitEqualTo(expected);
        w.convolveInto(x, weight, null, y);
        assertThat(y).isBitEqualTo(convolved(w, x, weight, Tensor.zeros(s[4])));
    }

    /** Each gradient at the images is the chain over the windows that read its pixel, in their order. */
    @ParameterizedTest
    @MethodSource("geometries")
    void aGradientAtTheImagesIsOneChainOverWindowsAndOutputs(Windows w, int[] s) {
        Tensor weight = numbers("w", w.y().taps(), w.x().taps(), s[3] / s[5], s[4]);
        Tensor dx = Tensor.full(Float.NaN, s[0], s[1], s[2], s[3]);
        Tensor dy = numbers("dy", w.outputShape(dx.shape(), s[4]).dims());
        Tensor expected = Tensor.zeros(dx.shape());
        int inGroup = weight.dim(2);
        int outGroup = s[4] / s[5];
        for (int n = 0; n < s[0]; n++) {
            for (int i = 0; i < dy.dim(1); i++) {
                for (int j = 0; j < dy.dim(2); j++) {
                    for (int ky = 0; ky < w.y().taps(); ky++) {
                        for (int kx = 0; kx < w.x().taps(); kx++) {
                            int row = place(w.y(), i, ky);
                            int column = place(w.x(), j, kx);
                            if (row < 0 || row >= s[1] || column < 0 || column >= s[2]) {
                                continue;
                            }
                            for (int c = 0; c < s[3]; c++) {
                                float sum = expected.get(n, row, column, c);
                                for (int o = c / inGroup * outGroup; o < (c / inGroup + 1) * outGroup; o++) {
                                    sum = Math.fma(dy.get(n, i, j, o), weight.get(ky, kx, c % inGroup, o), sum);
                                }
                                expected.set(sum, n, row, column, c);
                            }
                        }
                    }
                }
            }
        }
        w.convolveInputGradInto(dy, weight, dx);
        assertThat(dx).isBitEqualTo(expected);
    }

    /** The inner product of y and a convolution is linear in each operand, so each gradient is its own transpose. */
    @ParameterizedTest
    @MethodSource("geometries")
    void theGradientsAreTheTransposesOfTheConvolution(Windows w, int[] s) {
        Tensor x = numbers("x", s[0], s[1], s[2], s[3]);
        Tensor weight = numbers("w", w.y().taps(), w.x().taps(), s[3] / s[5], s[4]);
        Tensor y = Tensor.zeros(w.outputShape(x.shape(), s[4]));
        Tensor dy = numbers("dy", y.shape().dims());
        Tensor dx = Tensor.full(Float.NaN, x.shape().dims());
        w.convolveInputGradInto(dy, weight, dx);
        Tensor dWeight = Tensor.full(1, weight.shape().dims());
        w.addConvolveWeightGrad(x, dy, dWeight);
        for (String direction : new String[] {"1", "2", "3"}) {
            Tensor v = numbers(direction, x.shape().dims());
            w.convolveInto(v, weight, null, y);
            double scale = y.norm() * dy.norm();
            assertThat(dx.dot(v)).isCloseTo(y.dot(dy), within(1e-5 * scale));
            Tensor u = numbers(direction, weight.shape().dims());
            w.convolveInto(x, u, null, y);
            scale = y.norm() * dy.norm() + u.norm();
            assertThat(dWeight.dot(u) - u.sum()).isCloseTo(y.dot(dy), within(1e-5 * scale));
        }
        // Element by element, where only one input element counts.
        Tensor one = Tensor.zeros(x.shape());
        for (int i = 0; i < x.size(); i += 1 + x.size() / 17) {
            one.fill(0);
            one.array()[i] = 1;
            w.convolveInto(one, weight, null, y);
            assertThat((double) dx.array()[i]).isCloseTo(y.dot(dy), within(1e-5 * (1 + y.norm() * dy.norm())));
        }
    }

    static Stream<Arguments> pools() {
        Windows.Axis two = axis(2, 2, 1, 0, 0);
        return Stream.of(
                geometry(two, two, 2, 6, 7, 3, 0, 1),
                geometry(axis(3, 2, 1, 1, 1), axis(3, 2, 1, 1, 1), 2, 7, 7, 17, 0, 1),
                geometry(axis(3, 1, 2, 1, 1), axis(2, 2, 1, 0, 0), 1, 8, 6, 2, 0, 1),
                geometry(axis(4, 3, 1, 2, 2), axis(1, 1, 1, 0, 0), 1, 11, 1, 2, 0, 1),
                geometry(axis(2, 3, 1, 0, 0), axis(2, 2, 1, -1, 0), 2, 8, 7, 3, 0, 1), // gaps, and a column left out
                geometry(axis(2, 2, 1, 0, -2), axis(3, 4, 1, 1, 1), 1, 6, 8, 5, 0, 1), // rows left out, gaps
                geometry(axis(5, 1, 1, 0, 0), axis(3, 1, 2, 0, 0), 2, 5, 5, 4, 0, 1), // one window with holes
                geometry(axis(1, 1, 1, 0, 0), axis(9, 1, 1, 0, 0), 3, 1, 9, 17, 0, 1)); // one row as a whole
    }

    @ParameterizedTest
    @MethodSource("pools")
    void maximaAndMeansOfWindows(Windows w, int[] s) {
        Tensor x = numbers("x", s[0], s[1], s[2], s[3]);
        for (boolean up : new boolean[] {false, true}) {
            int rows = up ? w.y().outputsRoundedUp(s[1]) : w.y().outputs(s[1]);
            int columns = up ? w.x().outputsRoundedUp(s[2]) : w.x().outputs(s[2]);
            Tensor most = Tensor.full(Float.NaN, s[0], rows, columns, s[3]);
            int[] places = new int[most.size()];
            w.maxInto(x, most, places);
            Tensor mean = Tensor.full(Float.NaN, s[0], rows, columns, s[3]);
            w.meanInto(x, false, mean);
            int at = 0;
            for (int n = 0; n < s[0]; n++) {
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j++) {
                        for (int c = 0; c < s[3]; c++, at++) {
                            double sum = 0;
                            int count = 0;
                            float largest = Float.NEGATIVE_INFINITY;
                            for (int ky = 0; ky < w.y().taps(); ky++) {
                                for (int kx = 0; kx < w.x().taps(); kx++) {
                                    int row = place(w.y(), i, ky);
                                    int column = place(w.x(), j, kx);
                                    if (row >= 0 && row < s[1] && column >= 0 && column < s[2]) {
                                        sum += x.get(n, row, column, c);
                                        count++;
                                        largest = Math.max(largest, x.get(n, row, column, c));
                                    }
                                }
                            }
                            assertThat(most.array()[at]).isEqualTo(largest);
                            assertThat(x.get(n, places[at] / s[2], places[at] % s[2], c))
                                    .isEqualTo(largest);
                            assertThat((double) mean.array()[at]).isCloseTo(sum / count, within(1e-6));
                        }
                    }
                }
            }
            Tensor dy = numbers("dy", most.shape().dims());
            Tensor dx = Tensor.full(Float.NaN, x.shape().dims());
            w.maxGradInto(dy, places, dx);
            assertThat(dx.sum()).isCloseTo(dy.sum(), within(1e-4));
            assertThat(dx.dot(x)).isCloseTo(dy.dot(most), within(1e-4));
            for (boolean padding : new boolean[] {false, true}) {
                w.meanInto(x, padding, mean);
                dx.fill(Float.NaN);
                w.meanGradInto(dy, padding, dx);
                assertThat(dx.dot(x)).isCloseTo(dy.dot(mean), within(1e-4));
            }
        }
    }

    @Test
    void theFirstOfEqualMaximaAndTheLastNanCount() {
        Windows all = new Windows(axis(1, 1, 1, 0, 0), axis(4, 4, 1, 0, 0));
        float[][] cases = {
            {1, 3, 3, 2},
            {-0f, 0, -1, 0},
            {1, Float.NaN, 5, Float.NaN},
            {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}
        };
        int[] expected = {1, 0, 3, 0};
        for (int i = 0; i < cases.length; i++) {
            Tensor y = Tensor.zeros(1, 1, 1, 1);
            int[] places = new int[1];
            all.maxInto(Tensor.of(cases[i], 1, 1, 4, 1), y, places);
            assertThat(places).containsExactly(expected[i]);
            assertThat(Float.floatToRawIntBits(y.array()[0])).isEqualTo(Float.floatToRawIntBits(cases[i][expected[i]]));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Windows w = new Windows(axis(3, 1, 1, 0, 0), axis(3, 1, 1, 0, 0));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> w.outputShape(Shape.of(2, 2, 5, 1), 4))
                .withMessageContaining(
                        "a window over 3 places is wider than the axis of 2 with its padding of 0 and 0");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> w.outputShape(Shape.of(2, 5, 1), 4));
        assertThat(w.outputShape(Shape.of(Shape.ANY, 5, Shape.ANY, 1), 4)).isEqualTo(Shape.of(-1, 3, -1, 4));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> w.convolveInto(
                        numbers("x", 1, 4, 4, 5), numbers("w", 3, 3, 2, 4), null, Tensor.zeros(1, 2, 2, 4)))
                .withMessageContaining("need a weight [3 x 3 x channels / groups x outputs], got [3 x 3 x 2 x 4]");
        assertThatIllegalArgumentException().isThrownBy(() -> axis(0, 1, 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> axis(1, 1, 1, Integer.MAX_VALUE, 0));
        Windows padded = new Windows(axis(1, 1, 1, 0, 0), axis(1, 1, 1, 2, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> padded.maxInto(numbers("x", 1, 1, 3, 1), Tensor.zeros(1, 1, 5, 1), new int[5]))
                .withMessage(
                        "max: window 0 along the width lies in the padding as a whole, so it has no largest element;"
                                + " use less padding");
    }
}
