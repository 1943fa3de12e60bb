package nn.examples.claims.symmetry;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** S4: equal units stay equal in this library's float32 too, for every width. */
public final class SymmetryIsForEver implements Claim {
    private static final int EXAMPLES = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("S4", "8", "47"),
                        "identical weights get identical gradients, so the symmetry is preserved forever.")
                .isConditional(
                        "true on a computer only if the sums of all units run in the same order, as they do here."
                                + " Ordinary matrix kernels treat edge columns differently: when the sums of the units"
                                + " from the 33rd on run in another order, rounding separates the units, and the net"
                                + " learns more than one unit per layer can.",
                        "Equal sums of floats in one order are equal to the bit; in two orders they differ by 10^-7.",
                        "Training amplifies a useful difference, step by step.");
    }

    private record Run(int width, double spread1, double spread2, double[] losses) {
        double last() {
            return losses[losses.length - 1] / losses[0];
        }
    }

    @Override
    public void measure(Experiment e) {
        int steps = e.choose(4000, 1000);
        for (Run run :
                e.each(List.of(33, 48, 50), width -> run(e, width, Sgd.of(0.05), steps, UnaryOperator.identity()))) {
            String width = "width " + run.width;
            e.equal(width + ": spread of hidden1", 0, run.spread1);
            e.equal(width + ": spread of hidden2", 0, run.spread2);
            // the nets must learn at all: one that does not move would be symmetric too
            e.value(width + ": last loss / first", Double.NaN, run.last()).between(0, 0.95);
        }
        // Adam divides gradients by their size, so it amplifies rounding much sooner than SGD does.
        Chart chart = Chart.of(
                "Training with equal units, Adam",
                "The loss by step with sums in one order and in two.",
                Axis.linear("step"),
                Axis.log("mean squared error"));
        for (int width : e.choose(List.of(33, 48, 50), List.of(48))) {
            List<UnaryOperator<Layer>> orders = List.of(UnaryOperator.identity(), Reordered::new);
            List<Run> runs = e.each(orders, order -> run(e, width, Adam.of(0.01), 1500, order));
            Run one = runs.getFirst();
            Run two = runs.getLast();
            e.equal(String.format(Locale.ROOT, "%d, Adam: spread", width), 0, Math.max(one.spread1, one.spread2));
            e.value(String.format(Locale.ROOT, "%d, Adam: last loss / first", width), Double.NaN, one.last())
                    .between(0.02, 0.95);
            e.value(String.format(Locale.ROOT, "%d, Adam, other order: spread", width), Double.NaN, two.spread1)
                    .atLeast(0.01);
            e.value(String.format(Locale.ROOT, "%d, Adam, other order: loss", width), Double.NaN, two.last())
                    .between(0, 0.02);
            if (width == 48) {
                chart = curve(curve(chart, "48 units, one order", one), "48 units, two orders", two)
                        .saying("With sums in one order the loss stays where one unit per layer leaves it, at "
                                + Caption.number(one.last()) + " of the first. With another order for the units from"
                                + " the 33rd on it falls further, to " + Caption.number(two.last()) + ".");
            }
        }
        e.draw(chart);
    }

    private static Chart curve(Chart chart, String name, Run run) {
        int points = 100;
        double[] steps = new double[points];
        double[] losses = new double[points];
        for (int i = 0; i < points; i++) {
            int step = i * run.losses.length / points;
            steps[i] = step + 1.0;
            losses[i] = run.losses[step];
        }
        return chart.line(name, steps, losses);
    }

    /** Trains on a sum of two waves in different directions, of which one unit per layer can learn one. */
    private static Run run(Experiment e, int width, Optimizer optimizer, int steps, UnaryOperator<Layer> order) {
        Tensor x = e.normal(e.key().child("inputs"), EXAMPLES, 5);
        Tensor u = Tensor.of(new float[] {1, -1, 0.5f, 0, 0}, 5, 1);
        Tensor v = Tensor.of(new float[] {0, 0, 0.5f, 1, 1}, 5, 1);
        Tensor y = x.matmul(u).tanh().add(x.matmul(v).tanh());
        Initializer constant = e.weights(Init.constant(0.05));
        Layer network = e.model(Network.builder(e.key())
                .input(5)
                .dense("hidden1", width, constant)
                .tanh()
                .dense("hidden2", width, constant)
                .tanh()
                .dense("out", 1, constant)
                .build());
        Trainer trainer = new Trainer(order.apply(network), new MeanSquaredError(), optimizer, e.key());
        double[] losses = new double[steps];
        for (int step = 0; step < steps; step++) {
            losses[step] = trainer.step(x, y).loss();
        }
        return new Run(width, spread(network, "hidden1"), spread(network, "hidden2"), losses);
    }

    /** The largest difference between two units in any incoming weight. */
    private static double spread(Layer network, String layer) {
        Tensor weight = EqualUnits.weight(network, layer);
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
