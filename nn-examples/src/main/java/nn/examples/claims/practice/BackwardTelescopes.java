package nn.examples.claims.practice;

import java.util.Arrays;
import java.util.List;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** 50: the effect of the forward rule on gradients, in a layer and in a net. */
public final class BackwardTelescopes implements Claim {
    private static final int INPUTS = 16;
    private static final int FIRST = 64;
    private static final int[] WIDTHS = {512, 128, 1024, 96, 400, 128};

    @Override
    public Card card() {
        return Card.of(
                        List.of("50"),
                        "with Var(W) = 1/n_in only, gradients explode backwards when n_out is much larger than n_in.")
                .isConditional(
                        "true of that one layer, by n_out/n_in. Over a net the ratios cancel, and only the number of"
                                + " outputs over the number of inputs remains: here 2, after layers that multiply by up"
                                + " to 8 and by less than 1/10. So either rule alone is enough, as He et al. say.",
                        "A layer multiplies E d^2 by n_out Var(W) = n_l/n_(l-1); the product over l is n_L/n_0.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions nets = e.times(200, 40);
        int layers = WIDTHS.length;
        double[][] back = e.samples("nets", nets, key -> {
            Tensor x = e.normal(key.child("inputs"), INPUTS, FIRST);
            Chain chain = Chain.forward(e, x, Init.lecunNormal(), Nonlinearity.LINEAR, key.child("weights"), WIDTHS);
            double[] moments = chain.backward(e.normal(key.child("d"), INPUTS, WIDTHS[layers - 1]))
                    .moments();
            return Arrays.stream(moments).map(m -> m / moments[layers]).toArray();
        });
        double[] steepest = new double[nets.count()];
        Arrays.setAll(steepest, i -> back[0][i] / back[1][i]);
        double ratio = (double) WIDTHS[0] / FIRST;
        // One gradient has the relative variance 2/n after a layer of n inputs. Four standard errors.
        e.sampled("64 -> 512 alone: factor", ratio, steepest)
                .over(Over.WEIGHTS)
                .within(ratio * 4 * Math.sqrt(2.0 / FIRST / nets.count()));
        double whole = (double) WIDTHS[layers - 1] / FIRST;
        double spread = 1 + 2.0 / FIRST;
        for (int l = 0; l < layers - 1; l++) {
            spread *= 1 + 2.0 / WIDTHS[l];
        }
        e.sampled("64 ... 128, 6 layers: factor", whole, back[0])
                .over(Over.WEIGHTS)
                .within(whole * 4 * Math.sqrt((spread - 1) / nets.count()));
        double[] places = new double[layers + 1];
        Arrays.setAll(places, l -> l);
        double[] predicted = new double[layers + 1];
        Arrays.setAll(predicted, l -> (double) WIDTHS[layers - 1] / (l == 0 ? FIRST : WIDTHS[l - 1]));
        e.draw(Chart.of(
                        "Gradient by depth, weights of variance 1/fan-in, widths 64, 512, 128, 1024, 96, 400, 128",
                        "The mean square follows 128 over the width of the layer, up and down, and is "
                                + Caption.mean(back[0]) + " at the input.",
                        Axis.linear("layer"),
                        Axis.log("E d^2, relative to the output"))
                .sampled("measured", places, back)
                .prediction("n_L/n_l", "measured", places, predicted));
    }
}
