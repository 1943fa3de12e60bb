package nn.layers.regularization;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final Key KEY = Key.of(11);
    private static final Key STEP = Key.of(12).child(1);
    private static final Dropout HALF = new Dropout(0.5, KEY);

    private static Tensor output(Layer layer, Tensor x, Key step) {
        return layer.forward(x, Context.training(step)).output();
    }

    @Test
    void inferenceIsTheIdentity() {
        Tensor x = normal("x", 4, 7);
        Pass pass = HALF.forward(x, Context.inference());
        assertThat(pass.output()).isBitEqualTo(x);
        Tensor dy = normal("dy", 4, 7);
        assertThat(pass.pullback(dy, new Gradients(HALF.parameters()))).isBitEqualTo(dy);
    }

    @Test
    void theRateIsTheFractionOfZerosAndTheOtherValuesAreScaled() {
        for (double rate : new double[] {0.1, 0.25, 0.5, 0.9}) {
            int n = 100_000;
            float kept = (float) (1 / (1 - rate));
            int zeros = 0;
            for (float v :
                    output(new Dropout(rate, KEY), Tensor.full(1, n), STEP).toArray()) {
                assertThat(v == 0 || v == kept).isTrue();
                zeros += v == 0 ? 1 : 0;
            }
            assertThat((double) zeros / n)
                    .isBetween(
                            rate - 5 * Math.sqrt(rate * (1 - rate) / n), rate + 5 * Math.sqrt(rate * (1 - rate) / n));
        }
    }

    @Test
    void itTellsItsRateAsALayer() {
        Layer layer = HALF;
        assertThat(layer.dropoutRate()).isEqualTo(0.5);
    }

    @Test
    void aRateOfZeroKeepsEverything() {
        Tensor x = normal("x", 1000);
        assertThat(output(new Dropout(0, KEY), x, STEP)).isBitEqualTo(x);
    }

    /** Computes the mask as the documentation says. */
    @Test
    void theMaskIsAFunctionOfTheKeysOfStepAndLayer() {
        Tensor u = Tensor.zeros(999);
        STEP.child(KEY.hi()).child(KEY.lo()).uniform(u, -1, 1);
        Tensor y = output(new Dropout(0.25, KEY), Tensor.full(3, 999), STEP);
        for (int i = 0; i < 999; i++) {
            assertThat(y.get(i)).isEqualTo(u.get(i) >= -0.5f ? 4 : 0);
        }
    }

    @Test
    void aRepeatedStepDropsTheSameValuesAndAnotherStepOrLayerDropsOthers() {
        Tensor x = Tensor.full(1, 1000);
        Tensor y = output(HALF, x, STEP);
        assertThat(output(HALF, x, STEP)).isBitEqualTo(y);
        assertThat(output(HALF, x, STEP.child(1))).isNotBitEqualTo(y);
        assertThat(output(new Dropout(0.5, KEY.child("other")), x, STEP)).isNotBitEqualTo(y);
    }

    @Test
    void oneDropoutInSeveralPlacesDrawsIndependentMasks() {
        Tensor x = Tensor.full(1, 30_000);
        Network network = Network.builder(KEY)
                .input(30_000)
                .layer("a", HALF)
                .layer("b", HALF)
                .layer("c", HALF)
                .build();
        Tensor y = output(network, x.reshape(1, 30_000), STEP);
        // An element is kept in all three places with probability 1/8, and is then 8. So the mean is 1; equal masks
        // give 4.
        double stddev = Math.sqrt((64.0 / 8 - 1) / 30_000);
        assertThat(y.mean()).isBetween(1 - 5 * stddev, 1 + 5 * stddev);
    }

    @Test
    void masksOfSeveralPlacesAreTheSameInEveryContextAndInARepeatedStep() {
        Network network = Network.builder(KEY)
                .input(400)
                .layer("a", HALF)
                .layer("b", HALF)
                .layer("equal", new Dropout(0.5, KEY))
                .build();
        Tensor x = Tensor.full(1, 2, 400);
        Tensor expected = output(network, x, STEP);
        Tensor documented = x.copy();
        for (int place = 0; place < 3; place++) { // as the documentation says
            Key first = STEP.child(KEY.hi()).child(KEY.lo());
            Tensor u = Tensor.zeros(2, 400);
            (place == 0 ? first : first.child(place)).uniform(u, -1, 1);
            u.mapInto(v -> v >= 0 ? 2 : 0, u);
            documented.multiplyInto(u, documented);
        }
        assertThat(expected).isBitEqualTo(documented);
        Workspace workspace = new Workspace();
        for (int step = 0; step < 3; step++) {
            workspace.begin(STEP);
            assertThat(network.forward(x, new Carry().over(workspace)).output()).isBitEqualTo(expected);
        }
    }

    @Test
    void theGradientIsDroppedWhereTheValueWas() {
        GradientCheck.standard().check(HALF, normal("x", 9, 5)).throwIfFailed();
        Pass pass = HALF.forward(Tensor.full(1, 500), Context.training(STEP));
        Tensor dx = pass.pullback(Tensor.full(1, 500), new Gradients(HALF.parameters()));
        assertThat(dx).isBitEqualTo(pass.output());
    }

    @Test
    void inANetworkTheKeyIsThatOfThePlace() {
        Network network = Network.builder(KEY)
                .input(50)
                .dropout("a", 0.5)
                .dropout("b", 0.5)
                .build();
        assertThat(network.children().get("a")).isEqualTo(new Dropout(0.5, KEY.child("a")));
        Tensor x = Tensor.full(1, 3, 50);
        Tensor a = output(network.children().get("a"), x, STEP);
        assertThat(output(network, x, STEP))
                .isBitEqualTo(output(network.children().get("b"), a, STEP));
        assertThat(network.predict(x)).isBitEqualTo(x);
    }

    @Test
    void ratesOutOfRangeAreRefused() {
        for (double rate : new double[] {-0.1, 1, 2, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Dropout.of(rate))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dropout: rate " + rate + " must be from 0 to below 1");
        }
        for (double rate : new double[] {1 - 1e-9, Math.nextDown(1.0)}) {
            assertThatThrownBy(() -> Dropout.of(rate))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("dropout: rate " + rate + " would set all of the values to zero");
        }
        for (double rate : new double[] {3e-8, 1e-9, Double.MIN_VALUE}) {
            assertThatThrownBy(() -> new Dropout(rate, Key.of(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("dropout: rate " + rate + " would set none of the values to zero");
        }
        for (double rate : new double[] {0, 6e-8, 0.99999997}) {
            assertThat(new Dropout(rate, Key.of(1)).rate()).isEqualTo(rate);
        }
        assertThatThrownBy(() -> new Dropout(0.5, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("key");
    }
}
