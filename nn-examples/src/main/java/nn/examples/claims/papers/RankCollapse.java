package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.attention.Attention;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** B23: Dong, Cordonnier and Loukas on attention without shortcuts, and what shortcuts and their gains do. */
public final class RankCollapse implements Claim {
    private static final int WIDTH = 64;
    private static final int TOKENS = 16;
    private static final int DEPTH = 24;
    private static final int PURE = 6; // layers of attention alone

    @Override
    public Card card() {
        return Card.of(
                        List.of("B23"),
                        "attention alone makes all tokens alike, doubly exponentially with depth, and shortcuts prevent"
                                + " that (Dong, Cordonnier and Loukas 2021).")
                .isConditional(
                        "six layers of attention leave less than a millionth of what tells 16 tokens apart. Shortcuts"
                                + " keep that, but every branch adds the mean over tokens, the same to all: after 24"
                                + " branches 5 % of E x^2 differ between tokens. With branches times 1/sqrt(24) it is"
                                + " 85 %, as a sum then adds no more than one branch would.",
                        "Attention that begins as the mean keeps D, what differs, and M, what is common, becomes M +"
                                + " g^2 M / (M + D) behind a normalization.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(40, 10);
        double[][] alone = e.samples("alone", nets, key -> shares(e, attentions(e, key), PURE, key));
        double[][] plain = e.samples("nets", nets, key -> shares(e, blocks(e, 1, key), DEPTH, key));
        double gain = 1 / Math.sqrt(DEPTH);
        double[][] scaled = e.samples("nets", nets, key -> shares(e, blocks(e, gain, key), DEPTH, key));
        // Scores have a variance of 1 in the first layer, of 0.03 in the second, and their square in the third: what
        // differs falls to about 1e-1, 1e-3, 1e-7 of the sum.
        e.sampled("no shortcuts: share after 6", 0, alone[PURE])
                .over(Over.WEIGHTS)
                .atMost(1e-6);
        for (boolean isScaled : new boolean[] {false, true}) {
            double[] expected = expected(isScaled ? gain : 1);
            double share = expected[DEPTH];
            // Each branch adds a vector of 64 numbers to the common one: M has a relative deviation of about
            // sqrt((4 ln(M / first M) + 8) / 64) in one net, and the share one of (1 - share) times that.
            double common = share / (1 - share) / (expected[0] / (1 - expected[0]));
            double relative = (1 - share) * Math.sqrt((8 - 4 * StrictMath.log(common)) / WIDTH / nets.count());
            e.sampled(
                            (isScaled ? "branch / sqrt 24" : "shortcuts") + ": share at 24",
                            share,
                            (isScaled ? scaled : plain)[DEPTH])
                    .over(Over.WEIGHTS)
                    .between(share * StrictMath.exp(-5 * relative), share * StrictMath.exp(5 * relative));
        }
        double[] places = places(DEPTH);
        e.draw(Chart.of(
                        "Share of E x^2 that differs between tokens",
                        "Attention alone loses it within a few layers. With shortcuts it falls to some percent over 24"
                                + " branches; with branches divided by the root of 24 most of it stays.",
                        Axis.linear("layer"),
                        Axis.log("share"))
                .sampled("attention alone", places(4), Arrays.copyOf(alone, 5))
                .sampled("shortcuts", places, plain)
                .prediction("shortcuts", places, expected(1))
                .sampled("branch / sqrt L", places, scaled)
                .prediction("branch / sqrt L", places, expected(gain)));
    }

    private static double[] places(int last) {
        double[] places = new double[last + 1];
        for (int i = 0; i <= last; i++) {
            places[i] = i;
        }
        return places;
    }

    /** The share by theory, of the input and after each block. */
    private static double[] expected(double gain) {
        double differs = 1 - 1.0 / TOKENS;
        double common = 1.0 / TOKENS;
        double[] shares = new double[DEPTH + 1];
        for (int i = 0; i <= DEPTH; i++) {
            shares[i] = differs / (differs + common);
            common += gain * gain * common / (differs + common);
        }
        return shares;
    }

    private static Network.Builder builder(Key key) {
        return Network.builder(key.child("weights")).input(Shape.of(Shape.ANY, TOKENS, WIDTH));
    }

    private static Attention.Config attention(Experiment e) {
        return Attention.heads(1).weights(e.weights(Init.xavierNormal())).output(e.weights(Init.xavierNormal()));
    }

    private static Network attentions(Experiment e, Key key) {
        Network.Builder layers = builder(key);
        for (int i = 1; i <= PURE; i++) {
            layers.layer("attention" + i, attention(e));
        }
        return layers.build();
    }

    /** Pre-norm blocks, whose queries are zero at first, so that attention begins as the mean. */
    private static Network blocks(Experiment e, double gain, Key key) {
        Network.Builder layers = builder(key);
        for (int i = 1; i <= DEPTH; i++) {
            layers.layer(
                    "block" + i,
                    Residual.of(branch -> branch.layerNorm("norm").layer("attention", attention(e)))
                            .gain(gain));
        }
        Network network = layers.build();
        network.parametersByPath().forEach((path, parameter) -> {
            if (path.endsWith(".query")) {
                parameter.draw(Init.zeros());
            }
        });
        return network;
    }

    /** The share of E x^2 that differs between tokens, of the input and after each layer. */
    private static double[] shares(Experiment e, Network network, int depth, Key key) {
        Tensor x = e.normal(key.child("inputs"), 1, TOKENS, WIDTH);
        double[] shares = new double[depth + 1];
        shares[0] = share(x.row(0));
        int done = 0;
        for (Layer layer : network.children().values()) {
            x = layer.forward(x, Context.inference()).output();
            shares[++done] = share(x.row(0));
        }
        return shares;
    }

    private static double share(Tensor tokens) {
        double common = 0;
        for (int j = 0; j < WIDTH; j++) {
            double sum = 0;
            for (int t = 0; t < TOKENS; t++) {
                sum += tokens.get(t, j);
            }
            common += sum / TOKENS * (sum / TOKENS);
        }
        return Math.max(0, 1 - common / WIDTH / tokens.secondMoment());
    }
}
