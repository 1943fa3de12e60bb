package nn.examples.claims.papers;

import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.DeepNorm;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** B22: Wang and others on post-norm transformers of many layers, in the branches of dense layers. */
public final class DeepNormBoundsChange implements Claim {
    private static final int WIDTH = 64;
    private static final int INPUTS = 16;
    private static final int LAYERS = 100;
    private static final double CHANGE = 0.01; // of each weight, by its standard deviation

    /** E f(x)^2 / E x^2 of a branch of Xavier weights, 64 to 256 units and back: 2/5 in each weight, 2 by ReLU. */
    private static final double BRANCH = 0.32;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B22"),
                        "with DeepNorm a post-norm transformer changes by a bounded amount in a step, at any depth; for"
                                + " 100 layers alpha is 3.761 and beta 0.1880 (Wang and others 2022).")
                .isTrue(
                        "when all weights of N layers change by 1 %, the output of an ordinary post-norm network"
                                + " changes more the deeper it is, by a twentieth for 24"
                                + " layers. With DeepNorm it changes"
                                + " by a thousandth, and less the deeper the network is.",
                        "A branch with weights times beta adds 2 c^2 beta^4 v / (alpha^2 + beta^4 v) to the squared"
                                + " change, for weights that change by c.",
                        "With alpha = (2 N)^(1/4) and beta = (8 N)^(-1/4), 2 N such branches add less than 1/2 c^2 v /"
                                + " sqrt(2 N).");
    }

    @Override
    public void measure(Experiment e) {
        DeepNorm deep = DeepNorm.ofOneStack(LAYERS);
        e.value("alpha of 100 layers", 3.761, deep.alpha()).within(0.0005);
        e.value("beta of 100 layers", 0.1880, deep.beta()).within(0.00005);
        DeepNorm plain = new DeepNorm(1, 1);
        Repetitions nets = e.times(24, 6);
        int[] depths = {6, 24, LAYERS};
        double[] places = {6, 24, LAYERS};
        double[][] bounded = new double[depths.length][];
        double[] expected = new double[depths.length];
        for (int i = 0; i < depths.length; i++) {
            int depth = depths[i];
            DeepNorm own = DeepNorm.ofOneStack(depth);
            bounded[i] = e.sample("DeepNorm " + depth, nets, key -> change(e, own, depth, key));
            expected[i] = expected(own, depth);
        }
        double[] small = e.sample("plain 6", nets, key -> change(e, plain, 6, key));
        double[] large = e.sample("plain 24", nets, key -> change(e, plain, 24, key));
        // With DeepNorm the branches hardly change what others add: 64 numbers scatter by sqrt(2 / 64), five standard
        // errors if all branches and inputs did so at once.
        double relative = 5 * Math.sqrt(2.0 / WIDTH / nets.count());
        for (int i = 0; i < depths.length; i++) {
            e.sampled("DeepNorm, N = " + depths[i] + ": squared change", expected[i], bounded[i])
                    .over(Over.WEIGHTS)
                    .within(relative * expected[i]);
        }
        // Without it, what a branch adds passes up to 48 branches, whose gains multiply.
        double few = relative + passed(12, nets);
        e.sampled("ordinary, N = 6: squared change", expected(plain, 6), small)
                .over(Over.WEIGHTS)
                .between(expected(plain, 6) * StrictMath.exp(-few), expected(plain, 6) * StrictMath.exp(few));
        double many = relative + passed(48, nets);
        e.sampled("ordinary, N = 24: squared change", expected(plain, 24), large)
                .over(Over.WEIGHTS)
                .between(expected(plain, 24) * StrictMath.exp(-many), expected(plain, 24) * StrictMath.exp(many));
        e.draw(Chart.of(
                        "Squared change of the output when weights change by 1 %",
                        "With DeepNorm it falls with the number of layers; in ordinary post-norm networks it rises.",
                        Axis.log("layers"),
                        Axis.log("squared change"))
                .sampled("DeepNorm", places, bounded)
                .prediction("DeepNorm", places, expected)
                .sampled("ordinary", new double[] {6, 24}, new double[][] {small, large})
                .prediction("ordinary", new double[] {6, 24}, new double[] {expected(plain, 6), expected(plain, 24)}));
    }

    /**
     * Five standard errors of the logarithm of the product of the gains of some branches. A branch has a share of 0.24,
     * and its gain a relative deviation of sqrt(5 / 64) in one net.
     */
    private static double passed(int branches, Repetitions nets) {
        return 5 * BRANCH / (1 + BRANCH) * Math.sqrt(branches * 5.0 / WIDTH / nets.count());
    }

    /**
     * To first order, for wide layers. What a branch adds is changed by {@code 2 c^2} of its mean square, half by each
     * of its weights, and the normalization after it removes the direction of its output and that of the mean. Behind
     * that, a change passes every branch and its normalization at its size: a branch of ReLU passes on a change as it
     * does its input.
     */
    private static double expected(DeepNorm scales, int depth) {
        double branch = BRANCH * StrictMath.pow(scales.beta(), 4);
        double share = branch / (scales.alpha() * scales.alpha() + branch);
        return 2 * depth * 2 * CHANGE * CHANGE * share * (1 - 2.0 / WIDTH);
    }

    /** The mean square by which the output changes when all weights do. */
    private static double change(Experiment e, DeepNorm scales, int depth, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        Network network = network(e, scales, depth, key.child("weights"));
        Tensor before = network.predict(x);
        Network other = network(e, scales, depth, key.child("others"));
        List<Parameter> weights = network.parameters();
        for (int i = 0; i < weights.size(); i++) {
            if (weights.get(i).kind() == Parameter.Kind.WEIGHT) {
                weights.get(i)
                        .value()
                        .addScaledInPlace(
                                (float) CHANGE, other.parameters().get(i).value());
            }
        }
        return network.predict(x).subtract(before).secondMoment();
    }

    /** Two branches for each layer, as a transformer has. */
    private static Network network(Experiment e, DeepNorm scales, int depth, Key key) {
        Initializer xavier = new VarianceScaling(scales.beta(), Fan.AVERAGE, Distribution.NORMAL);
        Network.Builder layers = Network.builder(key).input(Shape.of(Shape.ANY, WIDTH));
        for (int i = 1; i <= 2 * depth; i++) {
            layers.layer(
                            "branch" + i,
                            Residual.of(branch -> branch.dense("up", 4 * WIDTH, e.weights(xavier))
                                            .activation(e.nonlinearity(Nonlinearity.RELU))
                                            .dense("down", WIDTH, e.weights(xavier)))
                                    .skip(scales.alpha()))
                    .layerNorm("norm" + i);
        }
        return layers.build();
    }
}
