package nn.examples.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A stack of dense layers without biases, each followed by one nonlinearity, a(l) = f(a(l-1) W(l)). It runs forward and
 * backward and keeps everything in between: the experiment that claims about signals by depth share.
 */
public final class Chain {
    private final Tensor input;
    private final List<Dense> layers = new ArrayList<>();
    private final List<Pass> sums = new ArrayList<>();
    private final List<Pass> outputs = new ArrayList<>();

    private Chain(Tensor input) {
        this.input = input;
    }

    /**
     * Draws the weights and runs forward.
     *
     * @param e gives the parts
     * @param x [inputs x features]
     * @param weights scheme of all weights
     * @param f nonlinearity of all layers
     * @param key names the weights; layer l has the key's child l
     * @param widths units of layers 1, 2, ...
     * @return the chain with all activations
     */
    public static Chain forward(Experiment e, Tensor x, Initializer weights, Nonlinearity f, Key key, int... widths) {
        Chain chain = new Chain(x);
        Activation activation = new Activation(e.nonlinearity(f));
        Tensor a = x;
        for (int l = 1; l <= widths.length; l++) {
            Dense dense = Dense.units(widths[l - 1])
                    .weight(e.weights(weights))
                    .withoutBias()
                    .create(a.dim(1), key.child(l));
            Pass z = dense.forward(a, Context.inference());
            Pass output = activation.forward(z.output(), Context.inference());
            chain.layers.add(dense);
            chain.sums.add(z);
            chain.outputs.add(output);
            a = output.output();
        }
        return chain;
    }

    /**
     * Returns the widths of layers of one width.
     *
     * @param layers their number
     * @param width the width of each
     * @return the widths
     */
    public static int[] square(int layers, int width) {
        int[] widths = new int[layers];
        Arrays.fill(widths, width);
        return widths;
    }

    /**
     * Returns the depth.
     *
     * @return the number of layers
     */
    public int depth() {
        return layers.size();
    }

    /**
     * Returns the weight of a layer.
     *
     * @param layer from 1
     * @return W [inputs x units]
     */
    public Tensor weight(int layer) {
        return layers.get(layer - 1).weight().value();
    }

    /**
     * Returns the pre-activations of a layer.
     *
     * @param layer from 1
     * @return z [inputs x units]
     */
    public Tensor z(int layer) {
        return sums.get(layer - 1).output();
    }

    /**
     * Returns the activations of a layer.
     *
     * @param layer from 1; 0 for the input
     * @return a [inputs x units]
     */
    public Tensor a(int layer) {
        return layer == 0 ? input : outputs.get(layer - 1).output();
    }

    /**
     * Returns the mean square of the activations by layer.
     *
     * @return E a^2 of the input, then of layers 1, 2, ...
     */
    public double[] moments() {
        double[] moments = new double[depth() + 1];
        Arrays.setAll(moments, l -> a(l).secondMoment());
        return moments;
    }

    /**
     * The result of a backward pass.
     *
     * @param gradients at the activations of the input, then of layers 1, 2, ...: each [inputs x units]
     * @param weightNorms the norm of the weight's gradient, of layers 1, 2, ...
     */
    public record Backward(List<Tensor> gradients, double[] weightNorms) {
        /**
         * Returns the mean square of the gradient by layer.
         *
         * @return E d^2 at the input, then at the activations of layers 1, 2, ...
         */
        public double[] moments() {
            return gradients.stream().mapToDouble(Tensor::secondMoment).toArray();
        }

        /**
         * Returns the factor of the mean square from the last layer to the input.
         *
         * @return E d^2 at the input over that at the output
         */
        public double factor() {
            return gradients.getFirst().secondMoment() / gradients.getLast().secondMoment();
        }
    }

    /**
     * Runs a gradient backward.
     *
     * @param dOutput the gradient at the last activations, [inputs x units]
     * @return the gradients
     */
    public Backward backward(Tensor dOutput) {
        List<Tensor> gradients = new ArrayList<>(List.of(dOutput));
        double[] norms = new double[depth()];
        Tensor d = dOutput;
        for (int l = depth(); l >= 1; l--) {
            Dense dense = layers.get(l - 1);
            Gradients ofWeight = new Gradients(dense.parameters());
            d = outputs.get(l - 1).pullback(d, ofWeight);
            d = sums.get(l - 1).pullback(d, ofWeight);
            gradients.addFirst(d);
            norms[l - 1] = ofWeight.of(dense.weight()).norm();
        }
        return new Backward(List.copyOf(gradients), norms);
    }
}
