package nn.examples.claims.papers;

import nn.examples.data.DigitImages;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.convolution.Convolution;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Sgd;

/**
 * A plain tanh net for the digits: depth times 64 units, without skips, normalization or biases.
 *
 * <p>Three numbers depend on the depth L. Inputs have the second moment 1/L, so that tanh is nearly linear: L layers
 * leave a third of it (q' = q - 2 q^2). The output layer has the gain sqrt L, which restores the size of one. Every
 * layer then has the same share of the gradient, so that the change of the function by one step grows like L, and the
 * rate is {@value #RATE}/L. (There are no biases: the same rate would move them much further than weights, whose inputs
 * are of size 1/sqrt L.)
 *
 * @param depth hidden layers
 * @param train digits to learn from, centred, of second moment 1/depth
 * @param test the others
 */
public record DeepTanh(int depth, Dataset train, Dataset test) {
    private static final int WIDTH = DigitImages.SIDE * DigitImages.SIDE;
    private static final int BATCH = 128;
    private static final double RATE = 0.05;
    private static final double HELD_OUT = 0.2;

    /**
     * Creates the task for nets of one depth.
     *
     * @param depth hidden layers
     * @param key of the split in training and test part
     * @return the task
     */
    public static DeepTanh of(int depth, Key key) {
        Dataset.Split split = DigitImages.load().split(HELD_OUT, key);
        Tensor mean = Tensor.zeros(WIDTH);
        split.train().x().addSumOfRowsInto(mean);
        mean.scaleInPlace(-1f / split.train().size());
        Tensor centred = split.train().x().copy();
        centred.addRowInPlace(mean);
        float scale = (float) (1 / Math.sqrt(centred.secondMoment() * depth));
        return new DeepTanh(depth, prepared(split.train(), mean, scale), prepared(split.test(), mean, scale));
    }

    private static Dataset prepared(Dataset digits, Tensor minusMean, float scale) {
        Tensor x = digits.x().copy();
        x.addRowInPlace(minusMean);
        x.scaleInPlace(scale);
        return new Dataset(x, digits.y());
    }

    /**
     * Creates the net.
     *
     * @param weights of the hidden layers
     * @param key of all weights
     * @return untrained
     */
    public Network network(Initializer weights, Key key) {
        Network.Builder builder = Network.builder(key).input(WIDTH);
        for (int l = 1; l <= depth; l++) {
            builder.layer("hidden" + l, Dense.units(WIDTH).weight(weights).withoutBias())
                    .tanh();
        }
        return builder.dense(
                        "out", DigitImages.CLASSES, new VarianceScaling(Math.sqrt(depth), Fan.IN, Distribution.NORMAL))
                .build();
    }

    /**
     * Creates a convolutional net: the picture as 8 x 8 pixels of one channel, then depth convolutions of 3 x 3 taps
     * with zeros around the picture, without skips, normalization or biases.
     *
     * <p>The first of them takes one channel to many with the gain sqrt(channels), which gives every channel the size
     * of the pixels.
     *
     * @param channels of the hidden layers
     * @param weights of the hidden layers
     * @param key of all weights
     * @return untrained
     */
    public Network convolutional(int channels, Initializer weights, Key key) {
        LayerFactory first = Convolution.channels(channels)
                .kernel(3, 3)
                .same()
                .withoutBias()
                .weight(Init.deltaOrthogonal(Math.sqrt(channels)));
        LayerFactory next =
                Convolution.channels(channels).kernel(3, 3).same().withoutBias().weight(weights);
        Network.Builder builder =
                Network.builder(key).input(WIDTH).layer("picture", Reshape.to(DigitImages.SIDE, DigitImages.SIDE, 1));
        for (int l = 1; l <= depth; l++) {
            builder.layer("hidden" + l, l == 1 ? first : next).tanh();
        }
        return builder.layer("flat", new Flatten())
                .dense("out", DigitImages.CLASSES, new VarianceScaling(Math.sqrt(depth), Fan.IN, Distribution.NORMAL))
                .build();
    }

    /** Receives the loss of each step. */
    public interface Listener {
        /**
         * Called after each step.
         *
         * @param step from 1
         * @param loss before the step
         */
        void onStep(int step, double loss);
    }

    /**
     * Trains by SGD with momentum, on batches in a shuffled order.
     *
     * @param network changed in place
     * @param steps the number of steps
     * @param key of the order
     * @param listener receives the loss of each step
     */
    public void train(Layer network, int steps, Key key, Listener listener) {
        train(network, BATCH, steps, key, listener);
    }

    /**
     * Trains as {@link #train(Layer, int, Key, Listener)}, on batches of a quarter of the size: a convolutional net
     * keeps an image of many channels for every layer and digit.
     *
     * @param network changed in place
     * @param steps the number of steps
     * @param key of the order
     * @param listener receives the loss of each step
     */
    public void trainOnSmallBatches(Layer network, int steps, Key key, Listener listener) {
        train(network, BATCH / 4, steps, key, listener);
    }

    private void train(Layer network, int batch, int steps, Key key, Listener listener) {
        Trainer trainer = new Trainer(
                network, new SoftmaxCrossEntropy(), Sgd.of(RATE / depth).withMomentum(0.9), key.child("trainer"));
        int size = Math.min(batch, train.size());
        Tensor x = Tensor.zeros(size, WIDTH);
        Tensor y = Tensor.zeros(size);
        int[] order = key.child("order").permutation(train.size());
        for (int step = 1, next = 0; step <= steps; step++) {
            for (int i = 0; i < size; i++) {
                int example = order[next++ % order.length];
                x.row(i).copyFrom(train.x().row(example));
                y.set(train.y().get(example), i);
            }
            listener.onStep(step, trainer.step(x, y).loss());
        }
    }

    /**
     * Returns the share of held-out digits that are classified correctly.
     *
     * @param network of this depth
     * @return from 0 to 1; chance is 0.1
     */
    public double accuracy(Layer network) {
        return Metrics.accuracy(network, test.x(), test.y());
    }

    /**
     * Returns E h^2 after each hidden layer, on the training part.
     *
     * @param network of this depth
     * @return [depth]
     */
    public double[] signal(Layer network) {
        double[] q = new double[depth];
        Tensor h = train.x();
        int layer = 0;
        for (Layer child : network.children().values()) {
            h = child.forward(h, Context.inference()).output();
            if (!(child instanceof Dense) && layer < depth) {
                q[layer++] = h.secondMoment();
            }
        }
        return q;
    }
}
