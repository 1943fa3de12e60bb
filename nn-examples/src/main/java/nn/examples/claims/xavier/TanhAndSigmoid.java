package nn.examples.claims.xavier;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** V10: Xavier for tanh, for which it was made, and for the sigmoid, with which it is often named. */
public final class TanhAndSigmoid implements Claim {
    private static final int WIDTH = 256;
    private static final int LAYERS = 50;
    private static final int INPUTS = 32;
    private static final int EPOCHS = 100;
    private static final int HIDDEN = 5;

    @Override
    public Card card() {
        return Card.of(List.of("V10", "19"), "Xavier is the standard for tanh and sigmoid, and balances both passes.")
                .isConditional(
                        "true of tanh, whose slope at 0 is 1: signal and gradient fall like a power of the depth, E a^2"
                                + " to 0.052 at layer 10 and 0.010 at layer 50. It is false for the sigmoid, whose"
                                + " largest slope is 1/4: the gradient's mean square loses a factor of 18 in every"
                                + " layer, and under SGD with a rate of 0.05 and a momentum of 0.9 five hidden layers"
                                + " stay at the best constant for the 100 epochs of this run. With weights four times"
                                + " as large, or with Adam, they learn.",
                        "chi = E f'(z)^2 at q = E z^2. tanh: q_(l+1) = q_l - 2 q_l^2 + ..., so q_l falls like 1/(2 l).",
                        "Sigmoid: q = E f(z)^2 has the fixed point 0.265, where chi = 0.0557.");
    }

    @Override
    public void measure(Experiment e) {
        depth(e);
        sigmoid(e);
        training(e);
    }

    /** Measures 50 tanh layers. */
    private static void depth(Experiment e) {
        Repetitions nets = e.times(20, 8);
        double[][] runs = e.samples("tanh", nets, key -> {
            Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
            Chain chain = Chain.forward(
                    e, x, Init.xavierNormal(), Nonlinearity.TANH, key.child("weights"), Chain.square(LAYERS, WIDTH));
            double[] run = Arrays.copyOf(chain.moments(), LAYERS + 2);
            run[LAYERS + 1] = chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH))
                    .factor();
            return run;
        });
        double[] predicted = new double[LAYERS + 1];
        predicted[0] = 1;
        double energy = 1;
        for (int l = 1; l <= LAYERS; l++) {
            energy *= Nonlinearity.TANH.moments(predicted[l - 1]).slopeSecondMoment();
            predicted[l] = Nonlinearity.TANH.moments(predicted[l - 1]).secondMoment();
        }
        e.sampled("tanh: E a^2, layer 10", predicted[10], runs[10])
                .over(Over.WEIGHTS)
                .within(predicted[10] * tolerance(10, nets));
        e.sampled("tanh: E a^2, layer 50", predicted[LAYERS], runs[LAYERS])
                .over(Over.WEIGHTS)
                .within(predicted[LAYERS] * tolerance(LAYERS, nets));
        e.sampled("tanh: E d^2, factor of 50 layers", energy, runs[LAYERS + 1])
                .over(Over.WEIGHTS)
                .within(energy * tolerance(LAYERS, nets));
        double[] places = Chart.upTo(LAYERS);
        double[] power = Arrays.stream(places).map(l -> 1 / (2 * l)).toArray();
        e.draw(Chart.of(
                        "tanh with Xavier's weights, width 256",
                        "The signal decays like 1/(2 l), a straight line here, not exponentially: "
                                + Caption.percent(Statistics.mean(runs[LAYERS])) + " is left after 50 layers.",
                        Axis.log("layer"),
                        Axis.log("E a^2"))
                .sampled("measured", places, Arrays.copyOfRange(runs, 1, LAYERS + 1))
                .prediction("mean field", "measured", places, Arrays.copyOfRange(predicted, 1, LAYERS + 1))
                .prediction("1/(2 l)", places, power)
                .slider(Slider.of(
                        "gain n Var(w)",
                        "E a^2 at layer " + LAYERS,
                        Slider.positions(0.5, 2.5, 0.05),
                        1,
                        places,
                        variance -> signal(variance))));
    }

    /** E a^2 of layers 1 to 50 for tanh weights of this variance times the width. */
    private static double[] signal(double weightVariance) {
        double[] lengths = new MeanField(Nonlinearity.TANH, weightVariance, 0).lengths(weightVariance, LAYERS);
        return Arrays.stream(lengths).skip(1).map(q -> q / weightVariance).toArray();
    }

    /**
     * Four standard errors of the mean over nets, and the bias, relative. In a linear net of l layers the log of one
     * input's squared length has the variance 2 l/n; two inputs share (l/n)^2 of it, as their correlation grows like
     * sqrt(l/n). tanh damps both. Mean field leaves out effects of the order l/n.
     */
    private static double tolerance(int layers, Repetitions nets) {
        double perWidth = (double) layers / WIDTH;
        double variance = 2 * perWidth / INPUTS + perWidth * perWidth;
        return 4 * Math.sqrt(variance / nets.count()) + perWidth;
    }

    /** Measures the sigmoid's gradient through layers 5 to 3. */
    private static void sigmoid(Experiment e) {
        Repetitions nets = e.times(20, 4);
        double[] factors = e.sample("sigmoid", nets, key -> {
            Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
            Chain chain = Chain.forward(
                    e, x, Init.xavierNormal(), Nonlinearity.SIGMOID, key.child("weights"), Chain.square(5, WIDTH));
            double[] back = chain.backward(e.normal(key.child("gradient"), INPUTS, WIDTH))
                    .moments();
            return StrictMath.pow(back[2] / back[5], 1.0 / 3);
        });
        double q = 1;
        for (int l = 1; l < 4; l++) {
            q = Nonlinearity.SIGMOID.moments(q).secondMoment();
        }
        e.sampled(
                        "sigmoid: E d^2, factor a layer",
                        Nonlinearity.SIGMOID.moments(q).slopeSecondMoment(),
                        factors)
                .over(Over.WEIGHTS)
                .within(nets.widen(0.002));
    }

    private record Arm(String name, Nonlinearity f, Initializer weights, Optimizer optimizer) {}

    /** Trains five hidden layers on a sine wave along a random direction. The loss of the best constant is 1. */
    private static void training(Experiment e) {
        Repetitions seeds = e.times(4, 1);
        Optimizer sgd = Sgd.of(0.05).withMomentum(0.9);
        Initializer four = new VarianceScaling(4, Fan.AVERAGE, Distribution.NORMAL);
        Chart chart = Chart.of(
                "Five hidden layers of 64 units learn a sine",
                "tanh with Xavier's weights learns, and so does the sigmoid with four times as large ones or with Adam;"
                        + " with Xavier's and SGD it stays at the loss of the best constant, 1.",
                Axis.linear("epoch"),
                Axis.log("mean squared error"));
        for (Arm arm : List.of(
                new Arm("tanh", Nonlinearity.TANH, Init.xavierNormal(), sgd),
                new Arm("sigmoid", Nonlinearity.SIGMOID, Init.xavierNormal(), sgd),
                new Arm("sigmoid, 4 x Xavier", Nonlinearity.SIGMOID, four, sgd),
                new Arm("sigmoid, Adam", Nonlinearity.SIGMOID, Init.xavierNormal(), Adam.of(0.01)))) {
            double[][] losses = e.samples("training", seeds, key -> train(e, arm, key));
            double[] last = losses[EPOCHS - 1];
            if (arm.name().equals("sigmoid")) {
                e.sampled("sigmoid: final loss", 1, last).between(0.95, 1.1);
            } else {
                e.sampled(arm.name() + ": final loss", Double.NaN, last).atMost(0.3);
            }
            chart = chart.sampled(arm.name(), Chart.upTo(EPOCHS), losses);
        }
        e.draw(chart);
    }

    private static double[] train(Experiment e, Arm arm, Key key) {
        Tensor x = e.normal(key.child("inputs"), 256, 8);
        Tensor direction = e.normal(key.child("direction"), 8, 1);
        direction.scaleInPlace((float) Math.sqrt(0.125));
        Tensor wave = x.matmul(direction).map(u -> StrictMath.sin(2 * u));
        double mean = wave.mean();
        double deviation = Math.sqrt(wave.variance());
        Tensor y = wave.map(u -> (u - mean) / deviation);
        Network.Builder builder = Network.builder(key.child("net")).input(8);
        for (int l = 1; l <= HIDDEN; l++) {
            builder.dense("hidden" + l, 64, e.weights(arm.weights())).activation(e.nonlinearity(arm.f()));
        }
        Network net = builder.dense("out", 1, e.weights(Init.xavierNormal())).build();
        Trainer trainer = new Trainer(e.model(net), new MeanSquaredError(), arm.optimizer(), key);
        Batches batches = Batches.shuffled(new Dataset(x, y), 64, key.child("batches"));
        return trainer.fit(batches, EPOCHS).epochs().stream()
                .mapToDouble(EpochReport::loss)
                .toArray();
    }
}
