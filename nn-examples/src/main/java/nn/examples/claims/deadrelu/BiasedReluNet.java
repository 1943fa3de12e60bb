package nn.examples.claims.deadrelu;

import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** Hidden ReLU layers with He weights and one constant bias; the experiment that these claims share. */
final class BiasedReluNet {
    private BiasedReluNet() {}

    /**
     * Returns the activations of one layer.
     *
     * @param a [inputs x fan-in]
     * @return relu(a W + b), [inputs x width]
     */
    static Tensor layer(Experiment e, Tensor a, int width, double bias, Key key) {
        Tensor w = e.weight(Init.heNormal(), a.dim(1), width, key);
        Tensor z = Tensor.zeros(a.dim(0), width);
        z.fillRows(e.bias(Init.constant(bias), a.dim(1), width, key));
        a.matmulAddInto(w, Transposed.NONE, z);
        z.reluInto(z);
        return z;
    }

    /** Counts the units that are zero on every input. */
    static int deadUnits(Tensor activations) {
        Tensor sums = Tensor.zeros(activations.dim(1));
        activations.addSumOfRowsInto(sums); // activations are not negative, so a sum is 0 only if all are
        int dead = 0;
        for (int unit = 0; unit < sums.size(); unit++) {
            dead += sums.get(unit) == 0 ? 1 : 0;
        }
        return dead;
    }

    /** Returns whether some hidden layer is zero on every input, so that the output is one constant. */
    static boolean bornDead(Experiment e, Tensor inputs, int width, int hiddenLayers, double bias, Key key) {
        Tensor a = inputs;
        for (int l = 0; l < hiddenLayers; l++) {
            a = layer(e, a, width, bias, key.child(l));
            if (a.maxAbs() == 0) {
                return true;
            }
        }
        return false;
    }

    /** Returns evenly spaced points over [-sqrt 3, sqrt 3], whose variance is 1: [points x 1]. */
    static Tensor grid(int points) {
        Tensor x = Tensor.zeros(points, 1);
        for (int i = 0; i < points; i++) {
            x.set((float) (Math.sqrt(3) * (2.0 * i / (points - 1) - 1)), i, 0);
        }
        return x;
    }
}
