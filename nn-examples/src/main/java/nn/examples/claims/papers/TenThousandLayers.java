package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.layers.Layer;

/** B8: the depth that initialization alone makes trainable. */
public final class TenThousandLayers implements Claim {

    @Override
    public Card card() {
        return Card.of(
                        List.of("B8"),
                        "a plain network of 10,000 layers, without skips and normalization, can be trained if its"
                                + " weights begin orthogonal (Xiao et al., 2018, for convolutions).")
                .isTrue(
                        "10,000 dense tanh layers of 64 units classify more than four of five digits correctly after 40"
                                + " steps; the same net with Gaussian weights of the same variance stays at chance. A"
                                + " quick run has 500 layers.",
                        "Orthogonal W at gain 1: the Jacobian of all layers is W...W, with singular values 1, times the"
                                + " slopes of tanh.",
                        "Inputs of second moment 1/L keep the slopes at 1 - 1/L and more, so their product stays above"
                                + " 1/e for any L.",
                        "Gaussian W: log |h|^2 has mean -L/64 and deviation sqrt(2 L/64), and all inputs end on a"
                                + " line.");
    }

    private record Run(double accuracy, double[] losses, double[] signal) {}

    @Override
    public void measure(Experiment e) {
        int depth = e.choose(10_000, 500);
        int steps = e.choose(40, 30);
        DeepTanh task = DeepTanh.of(depth, e.key().child("split"));
        Run orthogonal = run(e, task, Init.orthogonal(), steps);
        Run gaussian = run(e, task, Init.lecunNormal(), steps);
        double[] theory = new MeanField(e.nonlinearity(Nonlinearity.TANH), 1, 0)
                .lengths(task.train().x().secondMoment(), depth);
        double[] expected = Arrays.copyOfRange(theory, 1, depth + 1);
        e.value("orthogonal: depth * E h^2, last", depth * expected[depth - 1], depth * orthogonal.signal[depth - 1])
                .within(0.05);
        e.value("orthogonal: accuracy", Double.NaN, orthogonal.accuracy).atLeast(0.8);
        // chance is 0.1, and the most frequent of ten digits is 0.102 of them; 0.06 is four deviations in 359
        e.value("Gaussian: accuracy", 0.1, gaussian.accuracy).between(0, e.choose(0.17, 0.5));
        e.value("Gaussian: last loss", StrictMath.log(10), gaussian.losses[steps - 1])
                .atLeast(e.choose(2.2, 1.4));
        double[] places = Chart.upTo(steps);
        e.draw(Chart.of(
                        "Training " + depth + " tanh layers",
                        "The loss of the net with orthogonal weights falls from the first step on and ends at "
                                + Caption.number(orthogonal.losses[steps - 1]) + "; with Gaussian weights it ends at "
                                + Caption.number(gaussian.losses[steps - 1]) + ". On unseen digits, "
                                + Caption.percent(orthogonal.accuracy) + " and " + Caption.percent(gaussian.accuracy)
                                + " are classified correctly.",
                        Axis.linear("step"),
                        Axis.linear("cross-entropy"))
                .line("orthogonal", places, orthogonal.losses)
                .line("Gaussian", places, gaussian.losses)
                .prediction(
                        "chance, log 10", new double[] {1, steps}, new double[] {StrictMath.log(10), StrictMath.log(10)
                        }));
        int every = depth / 100;
        e.draw(Chart.of(
                        "The signal at the start, by depth",
                        "With orthogonal weights the second moment ends at "
                                + Caption.number(orthogonal.signal[depth - 1])
                                + ", where theory says " + Caption.number(expected[depth - 1])
                                + "; with Gaussian ones "
                                + (gaussian.signal[depth - 1] == 0
                                        ? "it fades below 10^-60, where outputs are rounded to zero."
                                        : "at " + Caption.number(gaussian.signal[depth - 1]) + "."),
                        Axis.linear("layer"),
                        Axis.log("E h^2 over inputs and units"))
                .line("orthogonal", thinned(Chart.upTo(depth), every), thinned(orthogonal.signal, every))
                .line("Gaussian", thinned(Chart.upTo(depth), every), thinned(gaussian.signal, every))
                .prediction(
                        "orthogonal, mean-field theory",
                        "orthogonal",
                        thinned(Chart.upTo(depth), every),
                        thinned(expected, every)));
    }

    private static Run run(Experiment e, DeepTanh task, Initializer weights, int steps) {
        Layer network = e.model(task.network(e.weights(weights), e.key().child("network")));
        double[] signal = task.signal(network);
        double[] losses = new double[steps];
        task.train(network, steps, e.key().child("training"), (step, loss) -> losses[step - 1] = loss);
        return new Run(task.accuracy(network), losses, signal);
    }

    private static double[] thinned(double[] values, int every) {
        double[] some = new double[values.length / every];
        for (int i = 0; i < some.length; i++) {
            some[i] = values[(i + 1) * every - 1];
        }
        return some;
    }
}
