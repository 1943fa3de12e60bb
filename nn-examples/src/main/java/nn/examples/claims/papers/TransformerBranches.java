package nn.examples.claims.papers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation.DenseLayer;
import nn.init.theory.Stage;
import nn.layers.Parameter;
import nn.layers.attention.Attention;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.preset.Preset;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** B21: GPT-2's division of the last weight of a branch by the root of the number of branches. */
public final class TransformerBranches implements Claim {
    private static final int WIDTH = 64;
    private static final int HIDDEN = 4 * WIDTH;
    private static final int INPUTS = 16;
    private static final double STDDEV = 0.02;

    /** Of a sum of a word's row and a position's in GPT-2. */
    private static final double FIRST = 0.02 * 0.02 + 0.01 * 0.01;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B21"),
                        "the weights of residual layers are scaled at initialization by 1/sqrt(N), N the number of"
                                + " residual layers, which accounts for the accumulation on the residual path (GPT-2"
                                + " 2019).")
                .isTrue(
                        "behind a normalization every branch adds the same to E x^2, so without the division the sum"
                                + " over 2 L branches grows by L blocks times what one"
                                + " block adds; with it, L blocks add"
                                + " what one adds, at any depth. Without normalizations"
                                + " each addition would multiply, and"
                                + " the division would bound the product (1 + 2/L)^L by e^2: B14.",
                        "E x^2 = s + L v without and s + L v / (2 L) with it, for s of the embeddings and v of the two"
                                + " branches of a block.");
    }

    @Override
    public void measure(Experiment e) {
        int depth = e.choose(24, 12);
        Repetitions nets = e.times(60, 15);
        double[][] divided = e.samples("nets", nets, key -> moments(e, depth, true, key));
        double[][] plain = e.samples("nets", nets, key -> moments(e, depth, false, key));
        double[] expectedDivided = expected(depth, true);
        double[] expectedPlain = expected(depth, false);
        // A branch adds 64 numbers for each input, whose mean square scatters by sqrt(2 / 64) if all inputs get the
        // same; five standard errors, if all branches of a net did.
        double relative = 5 * Math.sqrt(2.0 / WIDTH / nets.count());
        e.sampled("E x^2 / expected, divided", 1, over(divided[depth - 1], expectedDivided[depth - 1]))
                .over(Over.WEIGHTS)
                .within(relative);
        e.sampled("E x^2 / expected, not divided", 1, over(plain[depth - 1], expectedPlain[depth - 1]))
                .over(Over.WEIGHTS)
                .within(relative);
        double[] places = Chart.upTo(depth);
        e.draw(Chart.of(
                        "E x^2 after each block of a GPT of " + depth + " blocks",
                        "It grows by the same amount in each block. With the division the whole depth adds half of what"
                                + " one block adds without it.",
                        Axis.linear("block"),
                        Axis.log("E x^2, over weights"))
                .sampled("divided", places, divided)
                .prediction("divided", places, expectedDivided)
                .sampled("not divided", places, plain)
                .prediction("not divided", places, expectedPlain));
    }

    private static double[] over(double[] values, double by) {
        return Arrays.stream(values).map(v -> v / by).toArray();
    }

    /** By theory, after each block. Of a single token attention is the value, so that its branch is linear. */
    private static double[] expected(int depth, boolean divided) {
        double last = divided ? STDDEV / Math.sqrt(2 * depth) : STDDEV;
        Stage norm = new Stage.Normalization(WIDTH, 2);
        Stage attention = new Stage.Chain(List.of(
                norm,
                dense(WIDTH, WIDTH, STDDEV, Nonlinearity.LINEAR),
                dense(WIDTH, WIDTH, last, Nonlinearity.LINEAR)));
        Stage dense = new Stage.Chain(List.of(
                norm,
                dense(WIDTH, HIDDEN, STDDEV, Nonlinearity.GELU),
                dense(HIDDEN, WIDTH, last, Nonlinearity.LINEAR)));
        List<Stage> branches = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            branches.add(new Stage.Residual(attention, 1, 1));
            branches.add(new Stage.Residual(dense, 1, 1));
        }
        double[] outputs = new Stage.Chain(branches).outputs(FIRST);
        double[] blocks = new double[depth];
        for (int i = 0; i < depth; i++) {
            blocks[i] = outputs[2 * i + 2];
        }
        return blocks;
    }

    private static DenseLayer dense(int inputs, int units, double stddev, Nonlinearity f) {
        return DenseLayer.ofGain(new Fans(inputs, units), stddev * Math.sqrt(inputs), f);
    }

    /** E x^2 after each block. */
    private static double[] moments(Experiment e, int depth, boolean divided, Key key) {
        Network.Builder layers = Network.builder(key.child("weights")).input(Shape.of(Shape.ANY, Shape.ANY, WIDTH));
        for (int i = 1; i <= depth; i++) {
            layers.layer(
                    "block" + i,
                    Network.chain(block -> block.layer(
                                    "attend",
                                    Residual.of(branch -> branch.layerNorm("norm")
                                            .layer(
                                                    "attention",
                                                    Attention.heads(4).causal())))
                            .layer(
                                    "think",
                                    Residual.of(branch -> branch.layerNorm("norm")
                                            .dense("up", HIDDEN)
                                            .activation(e.nonlinearity(Nonlinearity.GELU))
                                            .dense("down", WIDTH)))));
        }
        Network network = layers.build();
        Preset.gpt2(2 * depth).apply(network).throwIfUnmatched();
        for (Parameter parameter : network.parameters()) {
            if (parameter.kind() == Parameter.Kind.WEIGHT) {
                parameter.draw(e.weights(divided ? parameter.initializer() : Init.normal(STDDEV)));
            }
        }
        Tensor x = e.normal(key.child("inputs"), INPUTS, 1, WIDTH);
        x.scaleInPlace((float) Math.sqrt(FIRST));
        double[] moments = new double[depth];
        for (int i = 1; i <= depth; i++) {
            x = ((Network) network.children().get("block" + i)).predict(x);
            moments[i - 1] = x.secondMoment();
        }
        return moments;
    }
}
