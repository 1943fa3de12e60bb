package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.internal.BatchAxes;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;

/**
 * Takes some steps of an optimizer on one batch, to see whether they lead anywhere, and then writes the model's bits
 * back. It finds what a look at the weights cannot: a learning rate that is too large or too small, and a model that
 * cannot learn.
 *
 * <pre>{@code
 * Dataset few = split.train().rows(0, 32);
 * Rehearsal rehearsal = Rehearsal.of(network, loss, adam, few.x(), few.y(), Key.of(1));
 * System.out.println(rehearsal.rate(10));        // costs 10 steps, and 20 passes more
 * System.out.println(rehearsal.overfit(200));    // costs 200 steps, and two passes more
 * }</pre>
 *
 * <p>Nobody else may use the model meanwhile. Random layers, such as dropout, draw as in training; that blurs the
 * numbers.
 */
public final class Rehearsal {
    /** A step of less than this share of the best length: hundreds of steps do the work of one. */
    private static final double SHORT = 1.0 / 500;

    /** A larger change of a weight, over its size, is no small step, whatever the parabola says. */
    private static final double SMALL_UPDATE = 1e-4;

    /** A share of the constant output's loss: above it, next to nothing is learned. */
    private static final double LEARNED = 0.9;

    /** How much better the loss is with the right inputs, as a share of the constant output's. */
    private static final double USED = 0.01;

    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Tensor x;
    private final Tensor y;
    private final Key key;

    private Rehearsal(Layer model, Loss loss, Optimizer optimizer, Tensor x, Tensor y, Key key) {
        this.model = Objects.requireNonNull(model, "model");
        this.loss = Objects.requireNonNull(loss, "loss");
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        this.x = Objects.requireNonNull(x, "x");
        this.y = Objects.requireNonNull(y, "y");
        this.key = Objects.requireNonNull(key, "key");
    }

    /**
     * A rehearsal of the training of a model.
     *
     * @param model the model; its bits are the same after each probe
     * @param loss the loss to minimize
     * @param optimizer the optimizer, with the rate to be judged
     * @param x one batch, of the size of those of the training: [batch x ...]
     * @param y its targets, of the shape that the loss takes
     * @param key names the randomness of layers such as dropout
     * @return the rehearsal; nothing has been run yet
     */
    public static Rehearsal of(Layer model, Loss loss, Optimizer optimizer, Tensor x, Tensor y, Key key) {
        return new Rehearsal(model, loss, optimizer, x, y, key);
    }

    /**
     * The first steps, one number for each.
     *
     * @param alphas where each step lands on the parabola of the loss along the step: -1 where it began, 0 at the
     *     smallest loss, 1 on the other side at the height where it began, more above that. The parabola has the loss
     *     and the slope at the step's begin and the loss at its end (Schneider, Dangel and Hennig, <i>Cockpit: a
     *     practical debugging tool for the training of deep neural networks</i>, NeurIPS 2021, fit it to noisy values
     *     of both ends). Infinite after a step that goes uphill at its begin, or ends in a loss that is not finite; -1
     *     where the loss along the step bends downwards
     * @param updates the largest change of a weight by the step, over its size; of weights that are not zero
     * @param findings what is wrong; at most one
     */
    public record Rate(List<Double> alphas, List<Double> updates, List<InitFinding> findings) {
        /**
         * Takes unmodifiable copies.
         *
         * @throws NullPointerException if a list or an element is null
         */
        public Rate {
            alphas = List.copyOf(Objects.requireNonNull(alphas, "alphas"));
            updates = List.copyOf(Objects.requireNonNull(updates, "updates"));
            findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
        }

        /**
         * The median of the steps: -1 to 0 is usual, above 1 the loss rises.
         *
         * @return the median of the alphas
         */
        public double alpha() {
            double[] sorted =
                    alphas.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    /**
     * How well the batch was learned by heart.
     *
     * @param first the loss before the steps
     * @param last the loss after them; infinite if a step failed
     * @param constant the loss of the best output that is the same for every row
     * @param shuffled the loss after the steps, with each row's input replaced by that of the next row
     * @param findings what is wrong; at most one
     */
    public record Overfit(double first, double last, double constant, double shuffled, List<InitFinding> findings) {
        /**
         * Takes an unmodifiable copy.
         *
         * @throws NullPointerException if the list or an element is null
         */
        public Overfit {
            findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
        }
    }

    /**
     * Measures where the first steps land on the parabola of the loss along them. It costs these steps, two more
     * forward and one more backward pass for each, and a copy of the parameters.
     *
     * @param steps number of steps, 1 or more; with momentum, steps reach their length after some ten
     * @return the measurements, and a {@link Symptom#RATE} if the rate is too large or too small
     * @throws IllegalArgumentException if there is no step, or the model or the loss cannot take the batch
     */
    public Rate rate(int steps) {
        requireSteps(steps);
        return restoring(() -> measureRate(steps));
    }

    private Rate measureRate(int steps) {
        Trainer trainer = new Trainer(model, loss, optimizer, key);
        List<Parameter> trained = model.parametersByPath().values().stream()
                .filter(p -> p.kind() != Parameter.Kind.STATISTIC)
                .toList();
        List<Double> alphas = new ArrayList<>();
        List<Double> updates = new ArrayList<>();
        for (int step = 1; step <= steps; step++) {
            Gradients gradients = new Gradients(model);
            double begin = pass(step, gradients);
            List<Tensor> values = trained.stream().map(p -> p.value().copy()).toList();
            if (!isTaken(trainer)) {
                alphas.add(Double.POSITIVE_INFINITY);
                updates.add(Double.POSITIVE_INFINITY);
                break;
            }
            double slope = 0;
            double update = 0;
            for (int i = 0; i < values.size(); i++) {
                Parameter p = trained.get(i);
                Tensor change = p.value().subtract(values.get(i));
                slope += change.dot(gradients.of(p));
                double size = values.get(i).norm();
                if (p.kind() == Parameter.Kind.WEIGHT && size > 0) {
                    update = Math.max(update, change.norm() / size);
                }
            }
            alphas.add(alpha(begin, slope, loss(x, step)));
            updates.add(update);
        }
        List<InitFinding> none = List.of();
        Rate plain = new Rate(alphas, updates, none);
        return new Rate(alphas, updates, judge(plain).map(List::of).orElse(none));
    }

    /** For the parabola {@code begin + slope t + bend t^2} through the end at t = 1. */
    private static double alpha(double begin, double slope, double end) {
        double bend = end - begin - slope;
        if (!Double.isFinite(end) || slope > 0) {
            return Double.POSITIVE_INFINITY;
        }
        return bend > 0 && slope < 0 ? 2 * bend / -slope - 1 : -1;
    }

    private Optional<InitFinding> judge(Rate rate) {
        double alpha = rate.alpha();
        double update = Collections.max(rate.updates());
        String rates = "the rate is " + Sentences.number(optimizer.rate()) + ".";
        if (alpha > 1 || rate.alphas().getFirst() > 1) {
            boolean most = alpha > 1;
            double measured = most ? alpha : rate.alphas().getFirst();
            return Optional.of(InitFinding.of(
                    most ? Severity.FAILURE : Severity.WARNING,
                    Symptom.RATE,
                    "",
                    measured,
                    1,
                    (most ? "Most of the first steps end" : "The first step ends")
                            + " at a higher loss than before, on the same batch; " + rates,
                    Remedy.advice("a smaller learning rate, " + advised(measured)
                            + (most ? "." : ", or a warm-up (Schedule.warmUp)."))));
        }
        double share = alpha + 1; // of the length at which the loss would be smallest
        if (share < SHORT && update < SMALL_UPDATE) {
            return Optional.of(InitFinding.of(
                    Severity.WARNING,
                    Symptom.RATE,
                    "",
                    alpha,
                    SHORT - 1,
                    "The first steps have " + Sentences.number(share)
                            + " of the length at which the loss along them would be smallest, and change weights by"
                            + " at most " + Sentences.number(update) + " of their size; " + rates,
                    Remedy.advice("a larger learning rate.")));
        }
        return Optional.empty();
    }

    private static String advised(double alpha) {
        return Double.isFinite(alpha) && alpha < 100
                ? "about " + Sentences.number(1 / (alpha + 1)) + " times this one"
                : "a tenth or less of this one";
    }

    /**
     * Learns the batch by heart, as any model that can learn does: a few rows, say 32, and a few hundred steps. It
     * costs the steps, three forward passes and a copy of the parameters. Rows with the same inputs and other targets
     * cannot be learned.
     *
     * @param steps number of steps, 1 or more
     * @return the losses, and a {@link Symptom#ONE_BATCH} if the last is more than 0.9 of that of the best constant
     *     output, or an {@link Symptom#INPUT_UNUSED} if the model does not do better with the right inputs than with
     *     those of other rows
     * @throws IllegalArgumentException if there is no step, or the model or the loss cannot take the batch
     */
    public Overfit overfit(int steps) {
        requireSteps(steps);
        return restoring(() -> learn(steps));
    }

    private Overfit learn(int steps) {
        Trainer trainer = new Trainer(model, loss, optimizer, key);
        Shape output = model.outputShape(x.shape());
        int repeated = output.rank() < 2 ? 1 : output.dim(-1);
        double constant = LossCheck.bestConstant(loss, y, output, repeated).loss();
        double first = loss(x, 1);
        int done = 0;
        while (done < steps && isTaken(trainer)) {
            done++;
        }
        double last = done < steps ? Double.POSITIVE_INFINITY : loss(x, 1);
        double shuffled = done < steps ? Double.POSITIVE_INFINITY : loss(nextRows(), 1);
        Optional<InitFinding> finding = Optional.empty();
        if (last > LEARNED * constant) {
            boolean unused = shuffled - last < USED * constant && done == steps;
            finding = Optional.of(InitFinding.of(
                    unused ? Severity.FAILURE : Severity.WARNING,
                    unused ? Symptom.INPUT_UNUSED : Symptom.ONE_BATCH,
                    "",
                    unused ? shuffled - last : last,
                    (unused ? USED : LEARNED) * constant,
                    "After " + done + " steps the loss is " + Sentences.number(last) + ", that of the best constant"
                            + " output " + Sentences.number(constant)
                            + (unused
                                    ? ", and with the inputs of other rows it is " + Sentences.number(shuffled) + "."
                                    : "; it was " + Sentences.number(first) + " at first."),
                    Remedy.advice("examine the weights with InitReport.of, and the rate with Rehearsal.rate.")));
        }
        return new Overfit(
                first, last, constant, shuffled, finding.map(List::of).orElse(List.of()));
    }

    /** Each row's input is that of the next row of the batch. */
    private Tensor nextRows() {
        int axis = BatchAxes.of(model).in();
        int[] dims = x.shape().dims();
        Tensor moved = Tensor.zeros(dims);
        int[] one = dims.clone();
        one[axis] = 1;
        Tensor row = Tensor.zeros(one);
        for (int i = 0; i < dims[axis]; i++) {
            x.sliceInto(axis, (i + 1) % dims[axis], row);
            moved.setSlice(axis, i, row);
        }
        return moved;
    }

    private boolean isTaken(Trainer trainer) {
        try {
            trainer.step(x, y);
            return true;
        } catch (NonFiniteException e) {
            return false;
        }
    }

    private double loss(Tensor input, long step) {
        Context context = Context.training(key.child(step));
        Tensor output = model.forward(input, context).output();
        return output.isFinite() ? loss.checked(output, y, context).value() : Double.POSITIVE_INFINITY;
    }

    /** Runs the pass of a step, and returns its loss. */
    private double pass(long step, Gradients gradients) {
        Context context = Context.training(key.child(step));
        Pass pass = model.forward(x, context);
        if (!pass.output().isFinite()) {
            return Double.POSITIVE_INFINITY;
        }
        Loss.Value value = loss.checked(pass.output(), y, context);
        pass.pullback(value.dOutput(), gradients);
        return value.value();
    }

    private static void requireSteps(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("a rehearsal of " + steps + " steps; give 1 or more");
        }
    }

    /** Runs a probe, and writes the bits of all parameters and statistics back. */
    private <T> T restoring(Supplier<T> probe) {
        Map<Parameter, Tensor> saved = new IdentityHashMap<>();
        model.parametersByPath().values().forEach(p -> saved.put(p, p.value().copy()));
        try {
            return probe.get();
        } finally {
            saved.forEach((p, value) -> p.value().copyFrom(value));
        }
    }
}
