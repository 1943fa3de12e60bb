package nn.examples.claims.criticality;

import nn.examples.experiment.Experiment;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * A wide square network with random weights and biases, as mean-field theory describes it: signals forward, gradients
 * backward.
 */
final class DeepNet {
    /** Pre-activations [inputs x width] by layer. */
    final Tensor[] z;

    /** E d^2 of the gradient at the pre-activations of each layer, from a random one at the last. */
    final double[] gradients;

    private DeepNet(int layers) {
        z = new Tensor[layers];
        gradients = new double[layers];
    }

    /**
     * Draws a network and passes inputs through it, and a random gradient back.
     *
     * @param network nonlinearity and variances
     * @param first pre-activations of the first layer [inputs x width]
     * @param layers the number of layers, including the first
     */
    static DeepNet run(Experiment e, MeanField network, Tensor first, int layers, Key key) {
        DeepNet net = new DeepNet(layers);
        int inputs = first.dim(0);
        int width = first.dim(1);
        Nonlinearity f = e.nonlinearity(network.nonlinearity());
        Initializer weights = new VarianceScaling(Math.sqrt(network.weightVariance()), Fan.IN, Distribution.NORMAL);
        Initializer biases = Init.normal(Math.sqrt(network.biasVariance()));
        Tensor[] w = new Tensor[layers];
        net.z[0] = first;
        for (int l = 1; l < layers; l++) {
            Key own = key.child(l);
            w[l] = e.weight(weights, width, width, own.child("weight"));
            net.z[l] = Tensor.zeros(inputs, width);
            net.z[l].fillRows(e.bias(biases, width, width, own.child("bias")));
            net.z[l - 1].map(f::value).matmulAddInto(w[l], Transposed.NONE, net.z[l]);
        }
        Tensor d = e.normal(key.child("gradient"), inputs, width);
        net.gradients[layers - 1] = d.secondMoment();
        for (int l = layers - 1; l > 0; l--) {
            d = d.matmul(w[l], Transposed.RIGHT).multiply(net.z[l - 1].map(f::derivative));
            net.gradients[l - 1] = d.secondMoment();
        }
        return net;
    }

    /** E z^2 by layer. */
    double[] lengths() {
        double[] q = new double[z.length];
        for (int l = 0; l < q.length; l++) {
            q[l] = z[l].secondMoment();
        }
        return q;
    }

    /** Returns the mean factor by which a layer changes E d^2, backward from layer {@code to} to layer {@code from}. */
    double gradientFactor(int from, int to) {
        return StrictMath.pow(gradients[from] / gradients[to], 1.0 / (to - from));
    }
}
