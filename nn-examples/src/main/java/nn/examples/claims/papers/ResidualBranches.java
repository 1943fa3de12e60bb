package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** B14, P13: residual branches add up; Fixup and ReZero start them small. */
public final class ResidualBranches implements Claim {
    private static final int WIDTH = 128;
    private static final int INPUTS = 32;
    private static final int BLOCKS = 12;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B14", "P13"),
                        "residual networks need their branches scaled down at the start, or begun at zero (Fixup"
                                + " 2019, ReZero 2020).")
                .isTrue(
                        "x + W2 relu(W1 x) with He weights multiplies E x^2 by 3 in every block, and by half a"
                                + " million in 12. With branches times 1/sqrt(L) it ends at (1 + 2/L)^L, below e^2 at"
                                + " any depth; a branch whose last weight is zero leaves x unchanged.",
                        "E[(W2 a)^2] = 2 E[a^2] = E[(W1 x)^2] = 2 E[x^2], and the branch has mean 0 given x: 1 + 2"
                                + " = 3.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(100, 25);
        double[][] plain = e.samples("nets", nets, key -> signal(e, Init.heNormal(), 1, key));
        double[][] scaled = e.samples("nets", nets, key -> signal(e, Init.heNormal(), Math.sqrt(1.0 / BLOCKS), key));
        double[][] zero = e.samples("nets", nets, key -> signal(e, Init.zeros(), 1, key));
        // A block's gain has relative deviation sqrt(c / width) in one net, with c about (2/3)^2 5 + 2 for the two
        // weights of a branch, so L blocks have sqrt(L c / width); five standard errors of the mean of all nets.
        double relative = 5 * Math.sqrt(BLOCKS * 4.2 / WIDTH) / Math.sqrt(nets.count());
        int last = BLOCKS - 1;
        double three = StrictMath.pow(3, BLOCKS);
        e.sampled("E x^2 after 12 blocks / 3^12", 1, over(plain[last], three))
                .over(Over.WEIGHTS)
                .within(relative);
        double bounded = StrictMath.pow(1 + 2.0 / BLOCKS, BLOCKS);
        e.sampled("E x^2, branches / sqrt 12", bounded, scaled[last])
                .over(Over.WEIGHTS)
                .within(Math.min(relative * bounded, nets.widen(0.8)));
        e.sampled("E x^2 / first, last weight zero", 1, zero[last])
                .over(Over.WEIGHTS)
                .within(0);
        double[] blocks = Chart.upTo(BLOCKS);
        e.draw(Chart.of(
                        "E x^2 after each residual block",
                        "With He weights it grows by about 3 in each block, to "
                                + Caption.number(Statistics.mean(plain[last]))
                                + " after 12; with branches divided by the root of 12 it ends at "
                                + Caption.number(Statistics.mean(scaled[last])) + "; with a last weight of zero at "
                                + Caption.number(Statistics.mean(zero[last])) + ".",
                        Axis.linear("block"),
                        Axis.log("E x^2, over weights"))
                .sampled("He", blocks, plain)
                .prediction(
                        "He",
                        blocks,
                        Arrays.stream(blocks).map(b -> StrictMath.pow(3, b)).toArray())
                .sampled("branch / sqrt L", blocks, scaled)
                .prediction(
                        "branch / sqrt L",
                        blocks,
                        Arrays.stream(blocks)
                                .map(b -> StrictMath.pow(1 + 2.0 / BLOCKS, b))
                                .toArray())
                .sampled("last weight zero", blocks, zero)
                .slider(Slider.of(
                        "branch factor",
                        "E x^2 after block " + BLOCKS,
                        Slider.positions(0, 1, 0.02),
                        0.5,
                        blocks,
                        s -> Arrays.stream(blocks)
                                .map(b -> StrictMath.pow(1 + 2 * s * s, b))
                                .toArray())));
    }

    private static double[] over(double[] values, double by) {
        return Arrays.stream(values).map(v -> v / by).toArray();
    }

    /** Second moment after each block, relative to that of the input. */
    private static double[] signal(Experiment e, Initializer second, double scale, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, WIDTH);
        double before = x.secondMoment();
        double[] moments = new double[BLOCKS];
        for (int block = 0; block < BLOCKS; block++) {
            Key own = key.child("block").child(block);
            Tensor a = x.matmul(e.weight(Init.heNormal(), WIDTH, WIDTH, own.child("first")))
                    .relu();
            Tensor branch = a.matmul(e.weight(second, WIDTH, WIDTH, own.child("second")));
            Tensor next = x.copy();
            next.addScaledInPlace((float) scale, branch);
            x = next;
            moments[block] = x.secondMoment() / before;
        }
        return moments;
    }
}
