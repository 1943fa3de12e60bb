package nn.examples.claims.symmetry;

import java.util.ArrayList;
import java.util.List;
import nn.examples.claims.Axis;
import nn.examples.claims.Card;
import nn.examples.claims.Chart;
import nn.examples.claims.Claim;
import nn.examples.claims.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.Network;
import nn.tensor.Tensor;
import nn.train.MeanSquaredError;
import nn.train.Sgd;
import nn.train.Trainer;

/** S4: equal units stay equal on this computer too, for every width. */
public final class SymmetryIsForEver implements Claim {
    private static final int EXAMPLES = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S4", "8"),
                        "identical weights get identical gradients, so the symmetry is preserved forever.")
                .isConditional("on a computer only if every unit is summed in the same order, as here. Ordinary matrix"
                        + " kernels treat edge columns otherwise: at widths 48 and 50 their rounding lets units"
                        + " escape.");
    }

    private record Run(int width, double spread1, double spread2, double[] losses) {}

    @Override
    public void measure(Experiment e) {
        int steps = e.choose(4000, 1000);
        List<Run> runs = e.each(List.of(33, 48, 50), width -> run(e, width, steps));
        Chart chart = Chart.of(
                "Training with equal units",
                "The loss falls in the first steps and then stays where one unit per layer leaves it, at all widths.",
                Axis.linear("step"), Axis.log("mean squared error"));
        for (Run run : runs) {
            e.equal("width " + run.width + ": spread of hidden1", 0, run.spread1);
            e.equal("width " + run.width + ": spread of hidden2", 0, run.spread2);
            // that they learn at all: a net which stands still would be symmetric too
            e.value("width " + run.width + ": last loss / first", Double.NaN, run.losses[steps - 1] / run.losses[0])
                    .between(0, 0.95);
            List<Double> every = new ArrayList<>();
            List<Double> loss = new ArrayList<>();
            for (int s = 0; s < steps; s += steps / 100) {
                every.add(s + 1.0);
                loss.add(run.losses[s]);
            }
            chart = chart.line("width " + run.width, array(every), array(loss));
        }
        e.draw(chart);
    }

    private static double[] array(List<Double> list) {
        return list.stream().mapToDouble(d -> d).toArray();
    }

    private static Run run(Experiment e, int width, int steps) {
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, 5);
        Tensor y = x.matmul(Tensor.of(new float[] {1, -2, 0.5f, 1.5f, -1}, 5, 1)).tanh();
        Initializer constant = e.weights(Init.constant(0.05));
        Layer network = e.model(Network.builder(e.key())
                .input(5)
                .dense("hidden1", width, constant).tanh()
                .dense("hidden2", width, constant).tanh()
                .dense("out", 1, constant)
                .build());
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.05), e.key());
        double[] losses = new double[steps];
        for (int step = 0; step < steps; step++) {
            losses[step] = trainer.step(x, y).loss();
        }
        return new Run(width, spread(network, "hidden1"), spread(network, "hidden2"), losses);
    }

    /** The largest difference between two units in any incoming weight. */
    private static double spread(Layer network, String layer) {
        Tensor weight = Units.weight(network, layer);
        double most = 0;
        for (int input = 0; input < weight.dim(0); input++) {
            float[] row = weight.row(input).toArray();
            for (float w : row) {
                most = Math.max(most, Math.abs((double) w - row[0]));
            }
        }
        return most;
    }
}
