package nn.examples.claims.symmetry;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.init.Init;
import nn.init.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Network;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.MeanSquaredError;
import nn.train.Sgd;
import nn.train.Trainer;

/** S1: with all weights zero, no weight of a tanh or ReLU net ever moves. */
public final class ZerosNeverMove implements Claim {
    private static final int EXAMPLES = 64;
    private static final int STEPS = 2000;

    @Override
    public String id() {
        return "S1";
    }

    @Override
    public String text() {
        return "zero weights collapse a network to effectively one neuron per layer.";
    }

    @Override
    public Verdict verdict() {
        return Verdict.FALSE;
    }

    @Override
    public String statement() {
        return "for tanh and ReLU it is none: a hidden layer gives 0, and its gradient passes through zero weights,"
                + " so only the output bias moves and training ends at the best constant.";
    }

    @Override
    public List<Finding> measure(Key key) {
        Tensor x = Tensor.zeros(EXAMPLES, 4);
        key.child("inputs").normal(x, 0f, 1f);
        Tensor y = Tensor.zeros(EXAMPLES, 3);
        key.child("targets").normal(y, 0.5f, 1f);
        double[] tanh = experiment(Nonlinearity.TANH, x, y);
        double[] relu = experiment(Nonlinearity.RELU, x, y);
        return List.of(
                Finding.equal("tanh: largest weight gradient", 0, tanh[0]),
                Finding.equal("tanh: largest trained weight", 0, tanh[1]),
                Finding.exact("tanh: loss above best constant's", 0, tanh[2], -1e-6, 1e-6),
                Finding.equal("relu: largest weight gradient", 0, relu[0]),
                Finding.equal("relu: largest trained weight", 0, relu[1]),
                Finding.exact("relu: loss above best constant's", 0, relu[2], -1e-6, 1e-6));
    }

    /** Largest weight gradient at the start, largest weight at the end, final loss minus that of the best constant. */
    private static double[] experiment(Nonlinearity f, Tensor x, Tensor y) {
        Network network = Network.builder(Key.of(0))
                .input(4)
                .dense("hidden1", 16, Init.zeros()).activation(f)
                .dense("hidden2", 16, Init.zeros()).activation(f)
                .dense("hidden3", 16, Init.zeros()).activation(f)
                .dense("out", 3, Init.zeros())
                .build();
        Gradients gradients = new Gradients(network.parameters());
        Pass pass = network.forward(x, Context.inference());
        Tensor dOutput = new MeanSquaredError().of(pass.output(), y, Context.inference()).dOutput();
        pass.pullback().apply(dOutput, gradients);
        double largestGradient = 0;
        for (Parameter p : network.parameters()) {
            if (p.kind() == Parameter.Kind.WEIGHT) {
                largestGradient = Math.max(largestGradient, gradients.of(p).maxMagnitude());
            }
        }
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), Key.of(0));
        double loss = 0;
        for (int step = 0; step < STEPS; step++) {
            loss = trainer.step(x, y).loss();
        }
        double largestWeight = 0;
        for (Parameter p : network.parameters()) {
            if (p.kind() == Parameter.Kind.WEIGHT) {
                largestWeight = Math.max(largestWeight, p.value().maxMagnitude());
            }
        }
        return new double[] {largestGradient, largestWeight, loss - bestConstantLoss(y)};
    }

    /** The mean squared error of predicting each output's mean. */
    private static double bestConstantLoss(Tensor y) {
        Tensor column = y.transpose();
        double loss = 0;
        for (int o = 0; o < column.dim(0); o++) {
            loss += column.row(o).variance() / column.dim(0);
        }
        return loss;
    }
}
