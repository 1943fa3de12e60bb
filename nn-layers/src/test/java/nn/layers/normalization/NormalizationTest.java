package nn.layers.normalization;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.StatisticUpdate;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** LayerNorm and BatchNorm. */
class NormalizationTest {
    private static final Key KEY = Key.of(17);

    private static LayerNorm layerNorm(int features) {
        return LayerNorm.standard().create(Shape.of(Shape.ANY, features), KEY);
    }

    private static BatchNorm batchNorm(int features) {
        return BatchNorm.standard().create(Shape.of(Shape.ANY, features), KEY);
    }

    private static Tensor value(Layer layer, String name) {
        return layer.parametersByPath().get(name).value();
    }

    /** Sets random parameters, so that scale and bias are not 1 and 0. */
    private static <L extends Layer> L randomized(L layer) {
        layer.parameters().forEach(p -> KEY.child(p.name()).uniform(p.value(), 0.5f, 2f));
        return layer;
    }

    /** Computes (x - mean) / sqrt(variance + 1e-5) * scale + bias in double. */
    private static double[] truth(float[] x, double mean, double variance, double scale, double bias) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + 1e-5) * scale + bias;
        }
        return y;
    }

    private static double mean(float[] x) {
        double sum = 0;
        for (float v : x) {
            sum += v;
        }
        return sum / x.length;
    }

    private static double variance(float[] x) {
        double sum = 0;
        for (float v : x) {
            sum += (v - mean(x)) * (v - mean(x));
        }
        return sum / x.length;
    }

    /**
     * Accepts six roundings (2^-24) of |normal * scale| + |bias|: of x - mean, the variance, the factor, their product,
     * the product with the scale, and the sum with the bias.
     */
    private static void assertClose(float y, double truth, double bias) {
        assertThat((double) y).isCloseTo(truth, within(6 * 0x1p-24 * (Math.abs(truth - bias) + Math.abs(bias))));
    }

    /** The error of some roundings of numbers below 2. */
    private static double roundings(int count) {
        return count * 0x1p-24;
    }

    @Test
    void layerNormNormalizesRows() {
        LayerNorm layer = randomized(layerNorm(7));
        Tensor x = normal("x", 3, 7);
        x.row(1).addInPlace(Tensor.full(1000, 7)); // costs no accuracy, as statistics are in double
        Tensor y = layer.forward(x, Context.inference()).output();
        for (int i = 0; i < 3; i++) {
            float[] row = x.row(i).toArray();
            for (int j = 0; j < 7; j++) {
                double truth = truth(
                        row,
                        mean(row),
                        variance(row),
                        value(layer, "scale").get(j),
                        value(layer, "bias").get(j))[j];
                assertClose(y.get(i, j), truth, value(layer, "bias").get(j));
            }
        }
        assertThat(layer.forward(Tensor.full(5, 2, 7), Context.inference())
                        .output()
                        .row(0))
                .isBitEqualTo(value(layer, "bias"));
    }

    @Test
    void batchNormNormalizesFeaturesInTraining() {
        BatchNorm layer = randomized(batchNorm(3));
        Tensor x = normal("x", 4, 2, 3); // 8 rows
        Tensor y = layer.forward(x, Context.training(KEY)).output();
        Tensor columns = x.reshape(8, 3).transpose();
        for (int j = 0; j < 3; j++) {
            float[] column = columns.row(j).toArray();
            double[] truth = truth(
                    column,
                    mean(column),
                    variance(column),
                    value(layer, "scale").get(j),
                    value(layer, "bias").get(j));
            for (int i = 0; i < 8; i++) {
                assertClose(
                        y.reshape(8, 3).get(i, j),
                        truth[i],
                        value(layer, "bias").get(j));
            }
        }
    }

    @Test
    void aPassRecordsHowFarStatisticsMoveAndMovesNone() {
        BatchNorm layer = batchNorm(3);
        Tensor x = normal("x", 6, 3);
        Gradients gradients = new Gradients(layer.parameters());
        Pass pass = layer.forward(x, Context.training(KEY));
        pass.pullback(pass.output(), gradients);
        assertThat(value(layer, "mean").norm()).isZero();
        gradients.statistics().forEach(StatisticUpdate::apply);
        for (int j = 0; j < 3; j++) {
            float[] column = x.transpose().row(j).toArray();
            assertThat((double) value(layer, "mean").get(j)).isCloseTo(0.1 * mean(column), within(roundings(2)));
            assertThat((double) value(layer, "variance").get(j))
                    .isCloseTo(0.9 + 0.1 * variance(column) * 6 / 5, within(roundings(2)));
        }
    }

    @Test
    void runningStatisticsInSeveralPlacesMoveOnePlaceAfterTheOther() {
        BatchNorm shared = new BatchNorm.Config(1e-5, 0.9).create(Shape.of(Shape.ANY, 3), KEY);
        Network network = Network.builder(KEY)
                .input(3)
                .layer("first", shared)
                .tanh()
                .layer("second", shared)
                .layer("third", shared)
                .build();
        Tensor x = normal("x", 7, 3);
        double[] mean = {0, 0, 0};
        double[] variance = {1, 1, 1};
        Tensor value = x;
        for (Layer layer : network.children().values()) {
            if (layer == shared) {
                for (int j = 0; j < 3; j++) {
                    float[] column = value.transpose().row(j).toArray();
                    mean[j] += 0.9 * (mean(column) - mean[j]);
                    variance[j] += 0.9 * (variance(column) * 7 / 6 - variance[j]);
                }
            }
            value = layer.forward(value, Context.training(KEY)).output();
        }
        Gradients gradients = new Gradients(network);
        Pass pass = network.forward(x, Context.training(KEY));
        pass.pullback(pass.output(), gradients);
        gradients.statistics().forEach(StatisticUpdate::apply);
        for (int j = 0; j < 3; j++) {
            assertThat((double) value(shared, "mean").get(j)).isCloseTo(mean[j], within(roundings(7)));
            assertThat((double) value(shared, "variance").get(j)).isCloseTo(variance[j], within(roundings(7)));
        }
    }

    @Test
    void aRunningVarianceIsNeverNegativeInAnyNumberOfPlaces() {
        for (double momentum : new double[] {0.1, 0.9, 1}) {
            BatchNorm shared = new BatchNorm.Config(1e-5, momentum).create(Shape.of(Shape.ANY, 3), KEY);
            Network.Builder builder = Network.builder(KEY).input(3);
            for (int i = 0; i < 200; i++) {
                builder.layer("place" + i, shared);
            }
            Network network = builder.build();
            Gradients gradients = new Gradients(network);
            Tensor constant = Tensor.full(5, 4, 3); // of variance 0
            for (int s = 0; s < 3; s++) {
                gradients.clear();
                for (int part = 0; part < 3; part++) {
                    gradients.beginPart();
                    Pass pass = network.forward(constant, Context.training(KEY));
                    pass.pullback(pass.output(), gradients);
                }
                gradients.averageParts();
                gradients.statistics().forEach(StatisticUpdate::apply);
                for (float variance : value(shared, "variance").toArray()) {
                    assertThat(variance).isBetween(0f, 1f);
                }
            }
        }
    }

    @Test
    void partsOfABatchMoveARunningStatisticByTheirMean() {
        BatchNorm layer = batchNorm(3);
        Gradients gradients = new Gradients(layer);
        double[] sum = new double[3];
        for (int part = 0; part < 4; part++) {
            Tensor x = normal("part" + part, 6, 3);
            gradients.beginPart();
            Pass pass = layer.forward(x, Context.training(KEY));
            pass.pullback(pass.output(), gradients);
            for (int j = 0; j < 3; j++) {
                sum[j] += mean(x.transpose().row(j).toArray());
            }
        }
        gradients.averageParts();
        gradients.statistics().forEach(StatisticUpdate::apply);
        for (int j = 0; j < 3; j++) {
            assertThat((double) value(layer, "mean").get(j)).isCloseTo(0.1 * sum[j] / 4, within(roundings(9)));
        }
    }

    @Test
    void addedGradientsOfTwoPassesMoveAStatisticAsOnePassAfterTheOther() {
        BatchNorm layer = batchNorm(3);
        Gradients together = new Gradients(layer);
        Gradients first = new Gradients(layer);
        Gradients second = new Gradients(layer);
        for (String name : List.of("second", "first")) { // a backward pass runs the last place first
            Pass pass = layer.forward(normal(name, 6, 3), Context.training(KEY));
            pass.pullback(pass.output(), together);
            Pass alone = layer.forward(normal(name, 6, 3), Context.training(KEY));
            alone.pullback(alone.output(), name.equals("first") ? first : second);
        }
        first.add(second);
        for (String name : List.of("mean", "variance")) {
            Parameter p = layer.parameter(name);
            assertThat(first.statistic(p)
                            .change()
                            .subtract(together.statistic(p).change())
                            .maxAbs())
                    .isLessThan(10 * 0x1p-27f); // ten roundings of numbers below 1/4
        }
    }

    @Test
    void runningStatisticsAreUsedInInference() {
        BatchNorm layer = randomized(batchNorm(3));
        Tensor x = normal("x", 1, 3);
        Tensor y = layer.forward(x, Context.inference()).output();
        for (int j = 0; j < 3; j++) {
            double truth = truth(
                    new float[] {x.get(0, j)},
                    value(layer, "mean").get(j),
                    value(layer, "variance").get(j),
                    value(layer, "scale").get(j),
                    value(layer, "bias").get(j))[0];
            assertClose(y.get(0, j), truth, value(layer, "bias").get(j));
        }
        Gradients gradients = new Gradients(layer.parameters());
        layer.forward(x, Context.inference()).pullback(y, gradients);
        assertThat(gradients
                        .statistic(layer.parametersByPath().get("mean"))
                        .change()
                        .norm())
                .isZero();
    }

    @Test
    void gradientsAgreeWithFiniteDifferencesInTrainingAndInInference() {
        for (Layer layer : List.of(randomized(layerNorm(5)), randomized(batchNorm(5)))) {
            GradientCheck.standard().check(layer, normal("x", 6, 5)).throwIfFailed();
            GradientCheck.standard()
                    .inInference()
                    .check(layer, normal("x", 6, 5))
                    .throwIfFailed();
        }
    }

    @Test
    void aBatchOfOneRowIsRefusedInTraining() {
        Network network = Network.builder(KEY).input(4).batchNorm("bn").build();
        assertThatThrownBy(() -> network.forward(Tensor.zeros(1, 4), Context.training(KEY)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'bn' (BatchNorm 4): a batch of 1 row has no variance to normalize by in training;"
                        + " expected at least 2, got [1 x 4]. Leave out a last batch of one row; if the batch is"
                        + " cut into shards or micro-batches, cut it into fewer; or use LayerNorm, which normalizes"
                        + " each row by itself");
        assertThat(network.predict(Tensor.zeros(1, 4)).shape()).isEqualTo(Shape.of(1, 4));
    }

    @Test
    void invalidNumbersAndShapesAreRefused() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new LayerNorm.Config(bad))
                    .hasMessageStartingWith("layer norm: epsilon " + bad + " must be");
            assertThatThrownBy(() -> new BatchNorm.Config(bad, 0.1))
                    .hasMessageStartingWith("batch norm: epsilon " + bad + " must be");
            assertThatThrownBy(() -> new BatchNorm.Config(1e-5, bad))
                    .hasMessageStartingWith("batch norm: momentum " + bad + " must be above 0 and at most 1");
        }
        assertThatThrownBy(() -> new BatchNorm.Config(1e-5, 1e-60)).hasMessageContaining("in float32 too");
        for (double lost : new double[] {1e-60, 1e60}) {
            assertThatThrownBy(() -> new LayerNorm.Config(lost)).hasMessageContaining("in float32 too");
            assertThatThrownBy(() -> new BatchNorm.Config(lost, 0.1)).hasMessageContaining("in float32 too");
        }
        assertThatThrownBy(() -> layerNorm(0)).hasMessage("LayerNorm 0: a layer has at least one feature");
        assertThatThrownBy(() -> batchNorm(0)).hasMessage("BatchNorm 0: a layer has at least one feature");
        assertThatThrownBy(() -> layerNorm(Shape.ANY))
                .hasMessage("LayerNorm: expected [... x features] with a known number of features, got [? x ?]");
        assertThatThrownBy(() -> layerNorm(3).outputShape(Shape.of(2, 4)))
                .hasMessage("LayerNorm 3: expected [... x 3], got [2 x 4]");
    }

    /** Row (m, -m, -m): mean -m / 3, standard deviation m sqrt(8) / 3. A gradient of 1 / m itself would be tiny. */
    @Test
    void layerNormTakesRowsWhoseDifferencesAreBeyondFloats() {
        Layer layer = layerNorm(3);
        for (float m : new float[] {Float.MAX_VALUE, 0x1p126f, 1}) {
            Pass pass = layer.forward(Tensor.of(new float[] {m, -m, -m}, 1, 3), Context.training(KEY));
            float[] y = pass.output().toArray();
            assertThat(y[0]).isCloseTo((float) Math.sqrt(2), within(1e-5f));
            assertThat(y[1]).isCloseTo((float) -Math.sqrt(0.5), within(1e-5f));
            float[] dy = {0x1p60f, 0x1p61f, 0x1p62f};
            Tensor dx = pass.pullback(Tensor.of(dy, 1, 3), new Gradients(layer));
            // d - mean - normal * mean of d normal, over the deviation: (0, -1, 1) times 2^60 for these
            double slope = 0x1p60 / (m * Math.sqrt(8) / 3);
            assertThat((double) dx.get(0, 2)).isCloseTo(slope, within(1e-5 * slope));
        }
    }

    @Test
    void gradientsAddedToThemselvesAreThoseOfTwoPasses() {
        BatchNorm layer = batchNorm(3);
        Gradients once = new Gradients(layer);
        Gradients other = new Gradients(layer);
        Gradients twice = new Gradients(layer);
        for (Gradients gradients : List.of(once, other, twice)) {
            Pass pass = layer.forward(normal("x", 4, 3), Context.training(KEY));
            pass.pullback(Tensor.full(1, 4, 3), gradients);
        }
        once.add(once);
        twice.add(other);
        for (Parameter parameter : twice.parameters()) {
            assertThat(once.of(parameter)).isBitEqualTo(twice.of(parameter));
        }
        for (StatisticUpdate update : twice.statistics()) {
            assertThat(once.statistic(update.parameter()).change()).isBitEqualTo(update.change());
        }
    }
}
