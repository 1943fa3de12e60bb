package nn.examples.experiment;

import java.util.Arrays;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.LayerNorm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/**
 * Deep ReLU nets of 64 units that learn which of four random directions has the largest inner product with a point in
 * 16 dimensions: the experiment of claims about depth and training. 512 points; SGD with rate 0.005, momentum 0.9 and
 * batches of 64.
 */
public final class ReluClassifier {
    /** Units of each hidden layer. */
    public static final int WIDTH = 64;

    private static final int POINTS = 512;
    private static final int FEATURES = 16;
    private static final int CLASSES = 4;
    private static final Loss LOSS = new SoftmaxCrossEntropy();

    private final Layer model;
    private final Dataset data;
    private final double constantLoss;
    private final Key key;

    private ReluClassifier(Layer model, Dataset data, Key key) {
        this.model = model;
        this.data = data;
        this.key = key;
        this.constantLoss = entropy(data.y());
    }

    /**
     * Creates a plain net: dense layers and ReLU in turn, then a dense layer to four logits.
     *
     * @param e gives the parts
     * @param hidden number of hidden layers
     * @param weights scheme of all weights
     * @param biases scheme of all biases
     * @param key names data and weights
     * @return net and data
     */
    public static ReluClassifier plain(Experiment e, int hidden, Initializer weights, Initializer biases, Key key) {
        Network.Builder builder = Network.builder(key.child("net")).input(FEATURES);
        for (int l = 1; l <= hidden; l++) {
            builder.dense("hidden" + l, WIDTH, e.weights(weights), e.biases(biases))
                    .relu();
        }
        builder.dense("out", CLASSES, e.weights(weights), e.biases(biases));
        return new ReluClassifier(e.model(builder.build()), data(e, key), key);
    }

    /**
     * Creates a net with skips and normalization: from the second hidden layer on, x + relu(W norm(x)).
     *
     * @param e gives the parts
     * @param hidden number of hidden layers
     * @param weights scheme of all weights
     * @param key names data and weights
     * @return net and data
     */
    public static ReluClassifier residual(Experiment e, int hidden, Initializer weights, Key key) {
        Network.Builder builder = Network.builder(key.child("net"))
                .input(FEATURES)
                .dense("hidden1", WIDTH, e.weights(weights))
                .relu();
        for (int l = 2; l <= hidden; l++) {
            builder.layer(
                    "block" + l,
                    Residual.of(body -> body.layer("norm", LayerNorm.standard())
                            .dense("hidden", WIDTH, e.weights(weights))
                            .relu()));
        }
        builder.dense("out", CLASSES, e.weights(weights));
        return new ReluClassifier(e.model(builder.build()), data(e, key), key);
    }

    private static Dataset data(Experiment e, Key key) {
        Tensor x = e.normal(key.child("inputs"), POINTS, FEATURES);
        int[] labels =
                x.matmul(e.normal(key.child("directions"), FEATURES, CLASSES)).argMaxRows();
        Tensor y = Tensor.zeros(POINTS);
        for (int i = 0; i < POINTS; i++) {
            y.set(labels[i], i);
        }
        return new Dataset(x, y);
    }

    /** Returns the loss of the best prediction that ignores the input. */
    private static double entropy(Tensor labels) {
        double[] share = new double[CLASSES];
        for (float label : labels.toArray()) {
            share[(int) label] += 1.0 / labels.size();
        }
        return Arrays.stream(share)
                .filter(p -> p > 0)
                .map(p -> -p * StrictMath.log(p))
                .sum();
    }

    /**
     * Returns the gradient of the first layer's weight before training.
     *
     * @return its norm
     */
    public double firstGradient() {
        Gradients gradients = new Gradients(model.parameters());
        Pass pass = model.forward(data.x(), Context.inference());
        pass.pullback(LOSS.of(pass.output(), data.y(), Context.inference()).dOutput(), gradients);
        return gradients.of(model.parametersByPath().get("hidden1.weight")).norm();
    }

    /**
     * Trains the net by SGD.
     *
     * @param epochs of 8 steps
     * @return the loss by epoch, as a mean over its steps, divided by that of the best constant; infinite once training
     *     has diverged
     */
    public double[] train(int epochs) {
        return train(epochs, Sgd.of(0.005).withMomentum(0.9));
    }

    /**
     * Trains the net.
     *
     * @param epochs of 8 steps
     * @param optimizer takes the steps
     * @return the loss by epoch, as a mean over its steps, divided by that of the best constant; infinite once training
     *     has diverged
     */
    public double[] train(int epochs, Optimizer optimizer) {
        Trainer trainer = new Trainer(model, LOSS, optimizer, key);
        Batches batches = Batches.shuffled(data, 64, key.child("batches"));
        double[] losses = new double[epochs];
        Arrays.fill(losses, Double.POSITIVE_INFINITY);
        try {
            trainer.fit(batches, epochs, new TrainingObserver() {
                @Override
                public void onEpoch(EpochReport report) {
                    losses[report.epoch() - 1] = report.loss() / constantLoss;
                }
            });
        } catch (NonFiniteException diverged) {
            // The losses say so.
        }
        return losses;
    }
}
