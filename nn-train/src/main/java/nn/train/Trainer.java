package nn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batch;
import nn.train.data.Batches;

/**
 * Trains a model: forward, loss, backward, update, as often as asked. Use {@link #step} for a loop of your own and
 * {@link #fit} for the usual one.
 *
 * <p>A step either happens or it does not: everything is checked before the first weight changes. Scratch tensors,
 * gradients and optimizer state live as long as the trainer, so a steady step allocates no tensor memory. For one
 * thread.
 */
public final class Trainer {
    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Key key;
    private final Workspace workspace = new Workspace();
    private final SequencedMap<String, Parameter> parameters;
    private final Gradients gradients;
    private final Map<Parameter, UpdateRule> rules = new LinkedHashMap<>();
    private long steps;
    private int epochs;

    /**
     * A trainer with fresh optimizer state.
     *
     * @param model its parameters are what changes
     * @param loss what is to become small
     * @param optimizer how parameters change
     * @param key names the randomness of layers that draw in training, such as dropout; step s gets {@code key.child(s)}
     * @throws IllegalArgumentException if the model has no parameters, or two of them have one path
     * @throws NullPointerException if an argument is null
     */
    public Trainer(Layer model, Loss loss, Optimizer optimizer, Key key) {
        this.model = Objects.requireNonNull(model, "model");
        this.loss = Objects.requireNonNull(loss, "loss");
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        this.key = Objects.requireNonNull(key, "key");
        this.parameters = model.parametersByPath();
        this.gradients = new Gradients(List.copyOf(parameters.values()));
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no parameters, so there is nothing to train; does its parameters() list them?");
        }
        for (Parameter parameter : parameters.values()) {
            rules.put(parameter, optimizer.ruleFor(parameter));
        }
    }

    /**
     * One step of the optimizer on one batch.
     *
     * @param x the inputs, of a shape that the model takes; usually [batch x ...]
     * @param y the targets, [batch x ...], of a shape that the loss takes
     * @return what was done
     * @throws IllegalArgumentException if the batch is empty, a value of x or y is NaN or infinite, or as the model
     *     and the loss say; nothing has changed then
     * @throws NonFiniteException if the loss or a gradient is NaN or infinite; nothing has changed then
     */
    public StepReport step(Tensor x, Tensor y) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        long step = steps + 1;
        workspace.begin(key.child(step));
        gradients.clear();
        Pass pass = model.forward(x, workspace);
        Loss.Value value = loss.of(pass.output(), y, workspace);
        if (!Double.isFinite(value.value())) {
            throw new NonFiniteException(step, "loss", value.value());
        }
        pass.pullback().parametersOnly(value.dOutput(), gradients);
        double norm = gradients.norm();
        if (!Double.isFinite(norm)) {
            throw badGradient(step);
        }
        // Nothing was changed up to here, and nothing below can fail.
        double rate = optimizer.rate();
        rules.forEach((parameter, rule) -> rule.apply(gradients.of(parameter), rate, step));
        steps = step;
        return new StepReport(step, value.value(), norm, rate, y.dim(0));
    }

    /** Names the last parameter whose gradient is not finite: backward, that is where the trouble began. */
    private NonFiniteException badGradient(long step) {
        for (Map.Entry<String, Parameter> entry : parameters.reversed().entrySet()) {
            Tensor gradient = gradients.of(entry.getValue());
            if (!gradient.isFinite()) {
                return new NonFiniteException(
                        step, "gradient of '" + entry.getKey() + "'", gradient.maxMagnitude());
            }
        }
        throw new IllegalStateException("the gradients' norm is not finite, but each of them is");
    }

    /**
     * Trains for some epochs. An epoch is a pass over the data, in an order that depends on its number in this
     * trainer: two calls of 5 epochs do what one call of 10 does.
     *
     * @param data the batches
     * @param epochs how many passes, at least 1
     * @param observers called after every step and epoch
     * @return what was done
     * @throws IllegalArgumentException if {@code epochs} is below 1, or as for {@link #step}; steps done before stay
     *     done
     * @throws NonFiniteException as for {@link #step}
     */
    public History fit(Batches data, int epochs, Observer... observers) {
        Objects.requireNonNull(data, "data");
        List<Observer> watching = List.copyOf(Arrays.asList(observers));
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + "; it must be 1 or more");
        }
        // A step would find a bad value too, but name its row in a shuffled batch.
        Data.requireUsable("x", data.dataset().x());
        Data.requireUsable("y", data.dataset().y());
        watching.forEach(o -> o.onStart(epochs, data.perEpoch()));
        List<EpochReport> reports = new ArrayList<>();
        for (int i = 0; i < epochs; i++) {
            EpochReport report = epoch(data, watching);
            watching.forEach(o -> o.onEpoch(report));
            reports.add(report);
        }
        return new History(reports);
    }

    private EpochReport epoch(Batches data, List<Observer> observers) {
        long start = System.nanoTime();
        double losses = 0;
        double norms = 0;
        long examples = 0;
        for (Batch batch : data.epoch(epochs)) {
            StepReport report = step(batch.x(), batch.y());
            losses += report.loss() * report.batchSize();
            norms += report.gradientNorm();
            examples += report.batchSize();
            observers.forEach(o -> o.onStep(report));
        }
        epochs++;
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new EpochReport(epochs, losses / examples, norms / data.perEpoch(), data.perEpoch(), examples, seconds);
    }

    /**
     * How many steps were made.
     *
     * @return 0 for a new trainer
     */
    public long steps() {
        return steps;
    }

    /**
     * The state that the optimizer keeps of one parameter.
     *
     * @param parameter one of the model's
     * @return its rule
     * @throws IllegalArgumentException if it is not the model's
     */
    public UpdateRule rule(Parameter parameter) {
        gradients.of(parameter);
        return rules.get(parameter);
    }
}
