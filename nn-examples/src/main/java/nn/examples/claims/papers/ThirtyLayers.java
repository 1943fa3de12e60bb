package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.ReluClassifier;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation;
import nn.init.theory.SignalPropagation.DenseLayer;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** B2, He et al. 2015: thirty ReLU layers learn from He's weights and, by SGD, do not from Xavier's. */
public final class ThirtyLayers implements Claim {
    private static final int HIDDEN = 30;
    private static final int EPOCHS = 38;

    /** The default of PyTorch's linear layer, for weights and biases: variance 1/(3 n). */
    private static final Initializer TORCH = (out, fans, key) ->
            key.uniform(out, (float) (-1 / Math.sqrt(fans.in())), (float) (1 / Math.sqrt(fans.in())));

    @Override
    public Card card() {
        return Card.of(
                        List.of("B2", "P8", "1"),
                        "from a poor start training may never recover: a ReLU net of 30 layers converges from He's"
                                + " weights and stalls from Xavier's (He et al. 2015).")
                .isConditional(
                        "true of SGD. With 30 plain layers of 64 units and 300 steps of SGD all nets with He's weights"
                                + " get below the loss of the best constant, and no net with Xavier's weights or"
                                + " PyTorch's default, whose first gradients are 1/20,000 and 1/10^11 of He's. Adam"
                                + " scales gradients up: with it nets from Xavier's weights learn in the same 300"
                                + " steps, and none from PyTorch's default.",
                        "Each ReLU layer multiplies the gradient's mean square by n Var(W)/2: by 1, 1/2 and 1/6.",
                        "29 layers: norms by 2^(-29/2) = 4 10^-5 and 6^(-29/2) = 5 10^-12.");
    }

    private record Arm(String name, Initializer weights, Initializer biases, boolean isAdam) {
        Optimizer optimizer() {
            return isAdam ? Adam.of(1e-3) : Sgd.of(0.005).withMomentum(0.9);
        }
    }

    @Override
    public void measure(Experiment e) {
        Repetitions seeds = e.times(8, 2);
        List<Arm> arms = List.of(
                new Arm("He", Init.heNormal(), Init.zeros(), false),
                new Arm("Xavier", Init.xavierNormal(), Init.zeros(), false),
                new Arm("PyTorch", TORCH, TORCH, false),
                new Arm("Xavier, Adam", Init.xavierNormal(), Init.zeros(), true),
                new Arm("PyTorch, Adam", TORCH, TORCH, true));
        Chart chart = Chart.of(
                "Thirty ReLU layers learn four classes",
                "From He's weights the loss falls to a fraction; from Xavier's and PyTorch's default it stays at that"
                        + " of the best constant, 1, except with Adam from Xavier's.",
                Axis.linear("epoch"),
                Axis.linear("loss / loss of the best constant"));
        double[] logHe = null;
        for (Arm arm : arms) {
            double[][] runs = e.samples("runs", seeds, key -> {
                ReluClassifier net = ReluClassifier.plain(e, HIDDEN, arm.weights(), arm.biases(), key);
                double gradient = net.firstGradient();
                double[] run = Arrays.copyOf(net.train(EPOCHS, arm.optimizer()), EPOCHS + 1);
                run[EPOCHS] = StrictMath.log10(gradient);
                return run;
            });
            double[] last = runs[EPOCHS - 1];
            if (logHe == null) {
                logHe = runs[EPOCHS];
                // One net in eight may overshoot by its momentum just at the end.
                long learned = Arrays.stream(last).filter(loss -> loss < 0.85).count();
                e.value("He: nets below 0.85 of constant", seeds.count(), learned)
                        .between(e.choose(seeds.count() - 1, seeds.count()), seeds.count());
            } else if (arm.name().equals("Xavier, Adam")) {
                // of 24 other nets all learned, to 0.01 to 0.58
                e.value(arm.name() + ": median final loss", Double.NaN, Statistics.quantile(0.5, last))
                        .atMost(0.85);
            } else {
                e.value(
                                arm.name() + ": least final loss",
                                1,
                                Arrays.stream(last).min().orElseThrow())
                        .between(0.99, 1.02);
                if (!arm.isAdam()) {
                    gradients(e, arm, logHe, runs[EPOCHS]);
                }
            }
            chart = chart.sampled(arm.name(), Chart.upTo(EPOCHS), Arrays.copyOf(runs, EPOCHS));
        }
        e.draw(chart);
    }

    /** Compares the first layer's gradient with that from He's weights. */
    private static void gradients(Experiment e, Arm arm, double[] he, double[] log) {
        double[] difference = new double[log.length];
        Arrays.setAll(difference, i -> log[i] - he[i]);
        boolean xavier = arm.name().equals("Xavier");
        double predicted = 0.5 * StrictMath.log10(firstGradient(xavier ? 1 : 2) / firstGradient(0));
        // The squared norm's log has the variance 5 L/n = 2.3 in one net and input, its root's log10 a quarter of that
        // times 0.19: deviation 0.33, for two independent nets 0.47. Xavier's are He's weights rescaled here, but the
        // losses differ. Four standard errors.
        e.value(arm.name() + ": log10 |dW_1|, minus He's", predicted, Statistics.mean(difference))
                .over(Over.WEIGHTS)
                .within(4 * 0.47 / Math.sqrt(log.length));
    }

    /** The squared norm of dW 1 by theory, for a gradient of 1 at the logits; 0: He, 1: Xavier, 2: variance 1/(3 n). */
    private static double firstGradient(int scheme) {
        List<DenseLayer> stack = IntStream.rangeClosed(0, HIDDEN)
                .mapToObj(l -> {
                    Fans fans = new Fans(l == 0 ? 16 : ReluClassifier.WIDTH, l == HIDDEN ? 4 : ReluClassifier.WIDTH);
                    double variance = scheme == 0
                            ? 2.0 / fans.in()
                            : scheme == 1 ? 2.0 / (fans.in() + fans.out()) : 1 / (3.0 * fans.in());
                    return new DenseLayer(fans, variance, 0, l == HIDDEN ? Nonlinearity.LINEAR : Nonlinearity.RELU);
                })
                .toList();
        return SignalPropagation.of(stack, 1, 1).layers().getFirst().weightGradient();
    }
}
