package nn.examples.claims.symmetry;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** S1: with all weights zero, no weight of a tanh or ReLU net ever moves. */
public final class ZerosNeverMove implements Claim {
    private static final int EXAMPLES = 64;
    private static final int STEPS = 2000;
    private static final int DRAWN = 100;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S1", "4"),
                        "zero weights collapse a network [of tanh or ReLU units] to effectively one neuron per layer.")
                .isFalse(
                        "with tanh or ReLU not even one is left: hidden layers give 0, and gradients pass through zero"
                                + " weights, so only the output bias moves, and training ends at the best constant. A"
                                + " net without hidden layers is not affected: from zeros it trains to least squares.",
                        "f(0) = 0, so every hidden activation a is 0, and dW = a d of the later layers is 0.",
                        "The first layer has inputs, but its delta came through W = 0: it is 0 too.",
                        "Nothing has moved, so the next step sees the same. (Sigmoid has f(0) = 1/2, and does move.)");
    }

    private record Run(double gradient, double weight, double[] losses) {}

    @Override
    public void measure(Experiment e) {
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, 4);
        Tensor y = Tensor.zeros(EXAMPLES, 3);
        e.key().child("targets").normal(y, 0.5f, 1f);
        double best = bestConstantLoss(y);
        Chart chart = Chart.of(
                "Training from zero weights",
                "The loss of a tanh net and of a ReLU net falls to that of the best constant and stays there.",
                Axis.linear("step"),
                Axis.linear("mean squared error"));
        List<Nonlinearity> functions = List.of(Nonlinearity.TANH, Nonlinearity.RELU);
        List<Run> runs = e.each(functions, f -> run(e, f, x, y));
        for (int i = 0; i < runs.size(); i++) {
            String f = functions.get(i).name();
            Run run = runs.get(i);
            e.equal(f + ": largest weight gradient", 0, run.gradient);
            e.equal(f + ": largest trained weight", 0, run.weight);
            e.value(f + ": loss above best constant's", 0, run.losses[STEPS - 1] - best)
                    .within(1e-6);
            chart = chart.line(f, Chart.upTo(DRAWN), Arrays.copyOf(run.losses, DRAWN));
        }
        linear(e, x, y);
        e.draw(chart.prediction("best constant", new double[] {1, DRAWN}, new double[] {best, best}));
    }

    private static Run run(Experiment e, Nonlinearity f, Tensor x, Tensor y) {
        Initializer zeros = e.weights(Init.zeros());
        Layer network = e.model(Network.builder(e.key())
                .input(4)
                .dense("hidden1", 16, zeros)
                .activation(e.nonlinearity(f))
                .dense("hidden2", 16, zeros)
                .activation(e.nonlinearity(f))
                .dense("hidden3", 16, zeros)
                .activation(e.nonlinearity(f))
                .dense("out", 3, zeros)
                .build());
        Gradients gradients = new Gradients(network.parameters());
        Pass pass = network.forward(x, Context.inference());
        Tensor dOutput =
                new MeanSquaredError().of(pass.output(), y, Context.inference()).dOutput();
        pass.pullback(dOutput, gradients);
        double largestGradient = 0;
        for (Parameter p : network.parameters()) {
            if (p.kind() == Parameter.Kind.WEIGHT) {
                largestGradient = Math.max(largestGradient, gradients.of(p).maxAbs());
            }
        }
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), e.key());
        double[] losses = new double[STEPS];
        for (int step = 0; step < STEPS; step++) {
            losses[step] = trainer.step(x, y).loss();
        }
        double largestWeight = 0;
        for (Parameter p : network.parameters()) {
            if (p.kind() == Parameter.Kind.WEIGHT) {
                largestWeight = Math.max(largestWeight, p.value().maxAbs());
            }
        }
        return new Run(largestGradient, largestWeight, losses);
    }

    /**
     * Without a hidden layer: compares the loss after training from zeros with the least loss of any linear function.
     */
    private static void linear(Experiment e, Tensor x, Tensor y) {
        Layer network = e.model(Network.builder(e.key())
                .input(4)
                .dense("out", 3, e.weights(Init.zeros()))
                .build());
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), e.key());
        double loss = 0;
        for (int step = 0; step < STEPS; step++) {
            loss = trainer.step(x, y).loss();
        }
        e.value("no hidden layer: loss", leastSquares(x, y), loss).within(1e-6);
    }

    /** Returns the least mean squared error of x W + b: the part of y that is orthogonal to the columns of [x 1]. */
    private static double leastSquares(Tensor x, Tensor y) {
        int n = x.dim(0);
        int columns = x.dim(1) + 1;
        double[] design = new double[n * columns];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < columns; j++) {
                design[i * columns + j] = j < columns - 1 ? x.get(i, j) : 1;
            }
        }
        double[] q = Qr.of(design, n, columns).qValues();
        double residual = 0;
        for (int o = 0; o < y.dim(1); o++) {
            for (int i = 0; i < n; i++) {
                residual += (double) y.get(i, o) * y.get(i, o);
            }
            for (int j = 0; j < columns; j++) {
                double projection = 0;
                for (int i = 0; i < n; i++) {
                    projection += q[i * columns + j] * y.get(i, o);
                }
                residual -= projection * projection;
            }
        }
        return residual / y.size();
    }

    /** Returns the mean squared error of predicting each output's mean. */
    private static double bestConstantLoss(Tensor y) {
        Tensor column = y.transpose();
        double loss = 0;
        for (int o = 0; o < column.dim(0); o++) {
            loss += column.row(o).variance() / column.dim(0);
        }
        return loss;
    }
}
