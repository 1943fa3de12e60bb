package nn.examples.claims.variance;

import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * The experiment that V2 to V6 share: many random ReLU nets without biases, standard normal inputs, pre-activations
 * by layer.
 */
final class ReluNet {
    static final int WIDTH = 100;
    static final int LAYERS = 10;
    static final int NETS = 200;
    static final int INPUTS = 64;

    private ReluNet() {}

    /** What to measure on the pre-activations [inputs x units] of one layer of one net. */
    interface Statistic {
        double of(Tensor preActivation);
    }

    /**
     * One value for each layer and net.
     *
     * @param weightVariance times the width: 2 is He, 1 is Xavier for a square layer
     * @return [layer][net]
     */
    static double[][] measure(Key key, double weightVariance, Statistic statistic) {
        Initializer weights = new VarianceScaling(Math.sqrt(weightVariance), Fan.IN, Distribution.NORMAL);
        double[][] result = new double[LAYERS][NETS];
        Tensor w = Tensor.zeros(WIDTH, WIDTH);
        for (int net = 0; net < NETS; net++) {
            Key netKey = key.child(net);
            Tensor a = Tensor.zeros(INPUTS, WIDTH);
            netKey.child("inputs").normal(a, 0f, 1f);
            for (int layer = 0; layer < LAYERS; layer++) {
                weights.fill(w, new Fans(WIDTH, WIDTH), netKey.child("layer").child(layer));
                Tensor z = a.matmul(w);
                result[layer][net] = statistic.of(z);
                a = z.relu();
            }
        }
        return result;
    }
}
