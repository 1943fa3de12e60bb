package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import nn.init.theory.BornDead;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class AsymmetricTest {
    private static final int NETWORKS = 2000;
    private static final Key LAYER = Key.of(42).child("hidden1");

    /** W and b of a layer, as a network draws them. */
    private record Layer(Tensor weight, Tensor bias) {
        static Layer of(int inputs, int units, Key layer, Initializer weight, Initializer bias) {
            Layer drawn = new Layer(Tensor.full(Float.NaN, inputs, units), Tensor.full(Float.NaN, units));
            Fans fans = new Fans(inputs, units);
            weight.fill(drawn.weight, fans, layer.child("weight"));
            bias.fill(drawn.bias, fans, layer.child("bias"));
            return drawn;
        }

        static Layer of(int inputs, int units, Key layer) {
            return of(inputs, units, layer, Init.asymmetricWeight(layer), Init.asymmetricBias(layer));
        }

        /** The values of the two schemes where they are not those of the normal scheme. */
        static double[] chosen(int inputs, int units, int[] places) {
            Layer drawn = of(inputs, units, LAYER);
            Initializer normal = (out, fans, key) -> key.normal(out, 0, (float) (0.6007 / Math.sqrt(fans.in())));
            Layer plain = of(inputs, units, LAYER, normal, normal);
            double[] values = new double[units];
            for (int j = 0; j < units; j++) {
                int found = 0;
                for (int i = 0; i <= inputs; i++) {
                    float value = i < inputs ? drawn.weight.get(i, j) : drawn.bias.get(j);
                    if (value != (i < inputs ? plain.weight.get(i, j) : plain.bias.get(j))) {
                        values[j] = value;
                        places[i]++;
                        found++;
                    }
                }
                assertThat(found).as("chosen entries of unit %d", j).isEqualTo(1);
            }
            return values;
        }
    }

    @Test
    void everyUnitHasOneChosenEntryAmongItsWeightsAndItsBias() {
        int units = 50_000;
        int[] places = new int[4];
        double[] values = Layer.chosen(3, units, places);
        // each of the four places with probability 1/4; five deviations
        for (int count : places) {
            assertThat((double) count / units).isCloseTo(0.25, within(5 * Math.sqrt(0.25 * 0.75 / units)));
        }
        // Beta(2, 1): the distribution function is x^2; Kolmogorov and Smirnov, once in a million
        Arrays.sort(values);
        double largest = 0;
        for (int i = 0; i < units; i++) {
            largest = Math.max(largest, Math.abs(values[i] * values[i] - (i + 0.5) / units));
        }
        assertThat(largest * Math.sqrt(units)).isLessThan(2.7);
    }

    /**
     * Born dead with inputs -1 and 1 and 9 hidden layers: 0.249 and 0.060 of the networks with 2 and 3 units, known
     * with standard errors of 0.006; with symmetric weights, a share between the bounds of Lu and others.
     */
    @Test
    void fewerNarrowNetworksAreBornDeadThanWithSymmetricWeights() {
        assertThat(bornDead(2, true)).isCloseTo(0.249, within(5 * standardError(0.249, 0.006)));
        assertThat(bornDead(3, true)).isCloseTo(0.060, within(5 * standardError(0.060, 0.006)));
        double low = BornDead.lowerBound(3, 9);
        double high = BornDead.upperBound(3, 9);
        assertThat(bornDead(3, false)).isBetween(low - 5 * standardError(low, 0), high + 5 * standardError(high, 0));
    }

    /** The standard error of the difference between a share of the networks drawn here and a known share. */
    private static double standardError(double share, double known) {
        return Math.sqrt(share * (1 - share) / NETWORKS + known * known);
    }

    private static double bornDead(int units, boolean asymmetric) {
        int dead = 0;
        for (int network = 0; network < NETWORKS; network++) {
            Tensor h = Tensor.of(new float[] {-1, 1}, 2, 1);
            for (int layer = 0; layer < 9; layer++) {
                Key key = Key.of(17).child(network).child(layer);
                int inputs = h.dim(1);
                Layer drawn = asymmetric
                        ? Layer.of(inputs, units, key)
                        : Layer.of(inputs, units, key, Init.heNormal(), Init.zeros());
                Tensor next = h.matmul(drawn.weight);
                for (int i = 0; i < next.size(); i++) {
                    float z = next.array()[next.offset() + i] + drawn.bias.get(i % units);
                    next.array()[next.offset() + i] = Math.max(0, z);
                }
                h = next;
                if (h.maxAbs() == 0) {
                    dead++;
                    break;
                }
            }
        }
        return (double) dead / NETWORKS;
    }

    @Test
    void aShapeThatDoesNotFitTheFanInIsRefused() {
        assertThatThrownBy(() -> Init.asymmetricWeight(LAYER).fill(Tensor.zeros(4, 5), new Fans(3, 5), LAYER))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "asymmetric weight: expected 3 weights for each unit, as the fan in says, got shape [4 x 5]");
        assertThatThrownBy(() -> Init.asymmetricBias(LAYER).fill(Tensor.zeros(4, 5), new Fans(3, 5), LAYER))
                .isInstanceOf(ShapeException.class)
                .hasMessage("asymmetric bias: expected one bias for each unit, got shape [4 x 5]");
    }
}
