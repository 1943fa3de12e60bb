package nn.examples.claims.practice;

import java.util.List;
import java.util.Locale;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/** 49: the cost of zero biases, and the size from which random ones do harm. */
public final class ZeroBiasesScale implements Claim {
    private static final int WIDTH = 64;
    private static final int LAYERS = 5;
    private static final int INPUTS = 64;
    private static final int SATURATED_UNITS = 400;
    private static final double SATURATED = 0.99;

    @Override
    public Card card() {
        return Card.of(List.of("49"), "biases are best zero: random ones only do harm.")
                .isConditional(
                        "a ReLU net without biases is homogeneous: an input twice as large always gives an output"
                                + " twice as large. Random biases remove this limit; they do harm where they are"
                                + " large, by saturating tanh.",
                        "relu(c z) = c relu(z) for c > 0, layer after layer.");
    }

    @Override
    public void measure(Experiment e) {
        Tensor x = e.normal(e.key().child("inputs"), INPUTS, WIDTH);
        Tensor larger = x.copy();
        larger.scaleInPlace(4);
        Tensor y = net(e, x, 0);
        y.scaleInPlace(4);
        e.equal("max |f(4x) - 4 f(x)|, zero biases", 0, difference(net(e, larger, 0), y));
        Tensor biased = net(e, x, 1);
        biased.scaleInPlace(4);
        e.value("the same, biases N(0, 1)", Double.NaN, difference(net(e, larger, 1), biased))
                .atLeast(0.1);
        Repetitions nets = e.times(40, 10);
        double edge = StrictMath.log((1 + SATURATED) / (1 - SATURATED)) / 2; // atanh
        for (double deviation : new double[] {0, 1, 10, 100}) {
            double[] share = e.sample("tanh", nets, key -> saturated(e, deviation, key));
            double p = 2 * Statistics.normalBelow(-edge / Math.sqrt(1 + deviation * deviation));
            // units are independent, inputs share their biases: a binomial error of the units, at most
            double error = Math.sqrt(p * (1 - p) / SATURATED_UNITS / nets.count());
            e.sampled(String.format(Locale.ROOT, "saturated, biases N(0, %.0f^2)", deviation), p, share)
                    .over(Over.WEIGHTS)
                    .within(5 * error);
        }
    }

    private static double difference(Tensor a, Tensor b) {
        return a.subtract(b).maxAbs();
    }

    private static Tensor net(Experiment e, Tensor x, double deviation) {
        Tensor a = x;
        for (int l = 0; l < LAYERS; l++) {
            Key key = e.key().child("net").child(l);
            Tensor z = Tensor.zeros(INPUTS, WIDTH);
            z.fillRows(e.bias(Init.normal(deviation), WIDTH, WIDTH, key.child("bias")));
            a.matmulAddInto(e.weight(Init.heNormal(), WIDTH, WIDTH, key.child("weight")), Transposed.NONE, z);
            a = z.map(e.nonlinearity(Nonlinearity.RELU)::value);
        }
        return a;
    }

    private static double saturated(Experiment e, double deviation, Key key) {
        Tensor z = Tensor.zeros(INPUTS, SATURATED_UNITS);
        z.fillRows(e.bias(Init.normal(deviation), WIDTH, SATURATED_UNITS, key.child("bias")));
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        x.matmulAddInto(e.weight(Init.lecunNormal(), WIDTH, SATURATED_UNITS, key.child("weight")), Transposed.NONE, z);
        return z.tanh().map(a -> Math.abs(a) > SATURATED ? 1 : 0).mean();
    }
}
