package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import nn.golden.Golden;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class FansTest {
    @Test
    void aDenseLayerHasItsSizes() {
        assertThat(Fans.dense(784, 256)).isEqualTo(new Fans(784, 256));
    }

    /** A convolution of one group, and a dense layer as that of one place, in the layout [out, in, places...]. */
    @Test
    void fansAgreeWithAnotherFrameworkOverItsWholeTable() {
        int compared = 0;
        for (JsonNode line : Golden.index().get("tables").get("fans_pytorch_layout_out_in_k")) {
            JsonNode shape = line.get(0);
            if (!line.get(1).isNumber()) {
                assertThat(shape.size())
                        .as("%s: no fans of a shape with fewer axes", line)
                        .isLessThan(2);
                continue;
            }
            int outputs = shape.get(0).asInt();
            int inputs = shape.get(1).asInt();
            int places = IntStream.range(2, shape.size())
                    .map(i -> shape.get(i).asInt())
                    .reduce(1, (a, b) -> a * b);
            if (inputs == 0 || outputs == 0) {
                String missing = inputs == 0 ? "inputs" : "outputs";
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Fans.convolution(inputs, outputs, places, 1, 1))
                        .withMessage("fans of a convolution: " + missing + " 0 must be at least 1");
            } else {
                assertThat(Fans.convolution(inputs, outputs, places, 1, 1))
                        .isEqualTo(new Fans(line.get(1).asInt(), line.get(2).asInt()));
            }
            compared++;
        }
        assertThat(compared).isEqualTo(9);
    }

    /** What a unit adds up is counted by a plain convolution of ones with ones, far from the border. */
    @Test
    void aUnitOfAGroupedConvolutionSumsAsManyProductsAsItsFanIn() {
        int inputs = 12;
        int outputs = 8;
        int groups = 4;
        int side = 3;
        int[] inputsOfOutput = new int[outputs];
        int[] outputsOfInput = new int[inputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                boolean connected = o / (outputs / groups) == i / (inputs / groups);
                inputsOfOutput[o] += connected ? side * side : 0;
                outputsOfInput[i] += connected ? side * side : 0;
            }
        }
        Fans fans = Fans.convolution(inputs, outputs, side * side, 1, groups);
        assertThat(inputsOfOutput).containsOnly((int) fans.in());
        assertThat(outputsOfInput).containsOnly((int) fans.out());
    }

    @Test
    void aTransposedConvolutionWithAStrideIsReachedFromFewerPlaces() {
        int inputs = 6;
        int side = 4;
        int stride = 2;
        int length = 40;
        int[] products = new int[length * stride + side];
        for (int x = 0; x < length; x++) {
            for (int k = 0; k < side; k++) {
                products[x * stride + k] += inputs; // in one dimension
            }
        }
        assertThat(IntStream.range(side, length * stride - side)
                        .map(x -> products[x])
                        .distinct()
                        .toArray())
                .containsExactly((int)
                        Fans.transposedConvolution(inputs, 5, side, stride, 1).in());
        assertThat(Fans.transposedConvolution(inputs, 5, side, stride, 1).out()).isEqualTo(5 * side);
        assertThat(Fans.transposedConvolution(8, 4, 9, 1, 1)).isEqualTo(new Fans(72, 36));
        assertThat(Fans.transposedConvolution(8, 4, 9, 4, 2)).isEqualTo(new Fans(9, 18));
        assertThat(Fans.transposedConvolution(2, 3, 2, 3, 1)).isEqualTo(new Fans(4.0 / 3, 6));
        assertThat(Fans.transposedConvolution(1, 1, 1, 9, 1)).isEqualTo(new Fans(1.0 / 9, 1));
    }

    @Test
    void aStrideDividesTheUnitsThatAnInputFeeds() {
        assertThat(Fans.convolution(64, 128, 9, 4, 1)).isEqualTo(new Fans(576, 288));
        assertThat(Fans.convolution(4, 6, 1, 4, 2)).isEqualTo(new Fans(2, 0.75));
    }

    /** Counted there product by product, over kernels, strides, dilations and groups in one and two dimensions. */
    @Test
    void fansOfConvolutionsAreTheMeanNumbersOfProducts() {
        int fractions = 0;
        JsonNode rows =
                Golden.index(Golden.SECOND).get("tables").get("conv_fans").get("rows");
        for (JsonNode row : rows) {
            int inputs = row.get("in_channels").asInt();
            int outputs = row.get("out_channels").asInt();
            int groups = row.get("groups").asInt();
            int field = product(row.get("kernel"));
            int stride = product(row.get("stride"));
            Fans fans = row.get("kind").asText().equals("conv")
                    ? Fans.convolution(inputs, outputs, field, stride, groups)
                    : Fans.transposedConvolution(inputs, outputs, field, stride, groups);
            JsonNode counted = row.get("principled");
            assertThat(fans.in()).as("%s", row).isCloseTo(counted.get("fan_in").asDouble(), withinPercentage(1e-12));
            assertThat(fans.out())
                    .as("%s", row)
                    .isCloseTo(counted.get("fan_out").asDouble(), withinPercentage(1e-12));
            fractions += fans.in() % 1 != 0 || fans.out() % 1 != 0 ? 1 : 0;
        }
        assertThat(rows).hasSize(63);
        assertThat(fractions).isPositive();
    }

    private static int product(JsonNode numbers) {
        int product = 1;
        for (JsonNode number : numbers) {
            product *= number.asInt();
        }
        return product;
    }

    /** A third of the variance too much is what rounding 4 / 3 to 1 would give. */
    @Test
    void theVarianceFollowsFractionalFans() {
        Tensor w = Tensor.zeros(200_000);
        Init.lecunNormal().fill(w, Fans.transposedConvolution(2, 3, 2, 3, 1), Key.of(3));
        double slack = 5 * Math.sqrt(2.0 / w.size());
        assertThat(w.variance() * 4 / 3).isBetween(1 - slack, 1 + slack);
    }

    @Test
    void wholeNumbersArePrintedAsSuch() {
        assertThat(new Fans(784, 256)).hasToString("(in 784, out 256)");
        assertThat(new Fans(0.75, 2.25)).hasToString("(in 0.75, out 2.25)");
    }

    @Test
    void aGateHasTheFansOfASeparateMatrix() {
        assertThat(Fans.gated(10, 80, 4)).isEqualTo(Fans.dense(10, 20));
    }

    @Test
    void anEmbeddingCopiesOneRowWhateverItsVocabulary() {
        assertThat(Fans.embedding(50_000, 300))
                .isEqualTo(Fans.embedding(2, 300))
                .isEqualTo(new Fans(1, 300));
    }

    @Test
    void impossibleNumbersAreRefusedByNameAndValue() {
        refused(
                () -> Fans.convolution(8, 16, 9, 1, 3),
                "fans of a convolution: 3 groups do not divide 8 inputs;"
                        + " take a number of groups that divides both channels");
        refused(
                () -> Fans.convolution(9, 16, 9, 1, 3),
                "fans of a convolution: 3 groups do not divide 16 outputs;"
                        + " take a number of groups that divides both channels");
        refused(() -> Fans.convolution(9, 16, 0, 1, 1), "fans of a convolution: receptive field 0 must be at least 1");
        refused(() -> Fans.convolution(9, 16, 9, 1, 0), "fans of a convolution: groups 0 must be at least 1");
        refused(() -> Fans.convolution(9, 16, 9, 0, 1), "fans of a convolution: stride 0 must be at least 1");
        refused(
                () -> Fans.convolution(1 << 20, 1, 1 << 20, 1, 1),
                "fans of a convolution: in 1099511627776 = 1048576"
                        + " channels * 1048576 places is beyond the range of int");
        refused(
                () -> Fans.transposedConvolution(1, 1, 1, 0, 1),
                "fans of a transposed convolution: stride 0 must be at least 1");
        refused(
                () -> Fans.gated(8, 30, 4),
                "fans of a gated kernel: 4 gates do not divide 30 columns; the columns are gates * units");
        refused(() -> Fans.gated(8, 32, 0), "fans of a gated kernel: gates 0 must be at least 1");
        refused(() -> Fans.gated(0, 32, 4), "fans of a gated kernel: inputs 0 must be at least 1");
        refused(() -> Fans.gated(8, 0, 4), "fans of a gated kernel: columns 0 must be at least 1");
        refused(() -> Fans.embedding(0, 3), "fans of an embedding: vocabulary 0 must be at least 1");
        refused(() -> Fans.embedding(3, 0), "fans of an embedding: features 0 must be at least 1");
        refused(
                () -> Fans.transposedConvolution(1, 1, 0, 1, 1),
                "fans of a transposed convolution: receptive field 0 must be at least 1");
        refused(() -> Fans.convolution(0, 1, 1, 1, 1), "fans of a convolution: inputs 0 must be at least 1");
        refused(() -> Fans.convolution(1, 0, 1, 1, 1), "fans of a convolution: outputs 0 must be at least 1");
    }

    @Test
    void aFanMayBeTheLargestInt() {
        assertThat(Fans.convolution(Integer.MAX_VALUE, 1, 1, 1, 1)).isEqualTo(new Fans(Integer.MAX_VALUE, 1));
        assertThat(new Fans(1, Integer.MAX_VALUE).out()).isEqualTo(Integer.MAX_VALUE);
        for (double bad : new double[] {0, -1, 0x1p31, Double.NaN}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Fans(bad, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> new Fans(1, bad));
        }
        refused(
                () -> Fans.convolution(1 << 30, 1, 2, 1, 1),
                "fans of a convolution: in 2147483648 = 1073741824 channels * 2 places is beyond the range of int");
    }

    private static void refused(Runnable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
    }

    /** Every formula of the table, by our names for it, at the fans that its shape has there. */
    @Test
    void everySchemeHasTheStandardDeviationAndBoundOfAnotherFramework() {
        int compared = 0;
        for (JsonNode target : Golden.index().get("tables").get("init_targets")) {
            JsonNode shape = target.get("shape");
            int places = IntStream.range(2, shape.size())
                    .map(i -> shape.get(i).asInt())
                    .reduce(1, (a, b) -> a * b);
            Fans fans = Fans.convolution(shape.get(1).asInt(), shape.get(0).asInt(), places, 1, 1);
            double deviation = target.get("target_std").asDouble();
            Tensor out = Tensor.zeros(400_000);
            scheme(target).fill(out, fans, Key.of(11));
            // relative deviation of a sample variance: sqrt((3 - 1) / n) at most; five of them
            double slack = 5 * Math.sqrt(2.0 / out.size());
            assertThat(out.variance() / (deviation * deviation))
                    .as("%s", target)
                    .isBetween(1 - slack, 1 + slack);
            if (!target.get("bound").isNull()) {
                double bound = target.get("bound").asDouble();
                // of n uniform values, none in the last 50/n of either side: exp(-50); rounding to float adds an ulp
                double least = target.get("dist").asText().equals("uniform") ? 1 - 100.0 / out.size() : 0.999;
                assertThat((double) out.maxAbs()).as("%s", target).isBetween(bound * least, bound * (1 + 0x1p-23));
            }
            compared++;
        }
        assertThat(compared).isEqualTo(48);
    }

    private static Initializer scheme(JsonNode target) {
        JsonNode arguments = target.get("args");
        String name = target.get("init").asText();
        String[] words = name.split("_");
        Distribution shape = words[words.length - 1].equals("uniform") ? Distribution.UNIFORM : Distribution.NORMAL;
        return switch (words[0]) {
            case "xavier" -> new VarianceScaling(arguments.get("gain").asDouble(), Fan.AVERAGE, shape);
            case "lecun" -> Init.named(name);
            case "kaiming" ->
                new VarianceScaling(
                        VarianceScalingTest.gain(arguments),
                        arguments.get("mode").asText().equals("fan_in") ? Fan.IN : Fan.OUT,
                        shape);
            case "nn.Linear default (kaiming" -> Init.torchDefault();
            case "trunc" -> new TruncatedNormal(0, target.get("target_std").asDouble(), 2);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
