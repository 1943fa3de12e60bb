package nn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
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
    private static final String STEPS = "trainer/steps";
    private static final String EPOCHS = "trainer/epochs";
    private static final String KEY = "trainer/key";
    private static final String OPTIMIZER = "trainer/optimizer";

    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Workspace workspace = new Workspace();
    private final Gradients gradients;
    private final List<Slot> slots;
    private Key key;
    private long steps;
    private int epochs;
    private EpochSums sums = EpochSums.NONE; // of the epoch that is under way

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
        SequencedMap<String, Parameter> parameters = model.parametersByPath();
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no parameters, so there is nothing to train; does its parameters() list them?");
        }
        this.gradients = new Gradients(List.copyOf(parameters.values()));
        this.slots = parameters.entrySet().stream()
                .map(entry -> slot(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Slot slot(String path, Parameter parameter) {
        UpdateRule rule = parameter.kind() == Parameter.Kind.STATISTIC
                ? new StatisticRule(parameter)
                : optimizer.ruleFor(parameter);
        return new Slot(path, parameter, gradients.of(parameter), optimizer.rate(), rule);
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
        requireFinite(step, norm);
        // Nothing was changed up to here, and nothing below can fail.
        for (Slot slot : slots) {
            slot.rule().apply(slot.gradient(), slot.rate(), step);
        }
        steps = step;
        return new StepReport(step, value.value(), norm, optimizer.rate(), y.dim(0));
    }

    /** The norm tells of all gradients but those of statistics, which are looked at one by one. */
    private void requireFinite(long step, double norm) {
        boolean finite = Double.isFinite(norm);
        for (Slot slot : slots) {
            finite &= !slot.isStatistic() || slot.gradient().isFinite();
        }
        if (!finite) {
            throw badGradient(step);
        }
    }

    /** Names the last parameter whose gradient is not finite: backward, that is where the trouble began. */
    private NonFiniteException badGradient(long step) {
        for (Slot slot : slots.reversed()) {
            if (!slot.gradient().isFinite()) {
                String what = slot.isStatistic() ? "change of the statistic '" : "gradient of '";
                return new NonFiniteException(
                        step, what + slot.path() + "'", slot.gradient().maxMagnitude());
            }
        }
        throw new IllegalStateException("the gradients' norm is not finite, but each of them is");
    }

    /**
     * Trains for some epochs. An epoch is a pass over the data, in an order that depends on its number in this
     * trainer: two calls of 5 epochs do what one call of 10 does. An epoch that was left in the middle, by an exception
     * or in the trainer whose state was restored, is gone on with first, and counts as one.
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
        if (sums.steps() >= data.perEpoch()) {
            throw new IllegalArgumentException("the epoch under way has " + sums.steps() + " steps behind it, but there"
                    + " are only " + data.perEpoch() + " batches; fit with the batches that it began with");
        }
        int skipped = sums.steps();
        for (Batch batch : data.epoch(epochs)) {
            if (skipped-- > 0) {
                continue;
            }
            StepReport report = step(batch.x(), batch.y());
            sums = sums.plus(report);
            observers.forEach(o -> o.onStep(report));
        }
        EpochReport report = sums.report(epochs + 1, (System.nanoTime() - start) * 1e-9);
        epochs++;
        sums = EpochSums.NONE;
        return report;
    }

    /**
     * What is trained.
     *
     * @return the model given
     */
    public Layer model() {
        return model;
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
     * How many epochs were finished.
     *
     * @return 0 for a new trainer
     */
    public int epochs() {
        return epochs;
    }

    /**
     * The rule by which one parameter changes, with the state that it keeps.
     *
     * @param parameter one of the model's
     * @return its rule
     * @throws IllegalArgumentException if it is not the model's
     */
    public UpdateRule rule(Parameter parameter) {
        gradients.of(parameter);
        return slots.stream()
                .filter(slot -> slot.parameter() == parameter)
                .findFirst()
                .orElseThrow()
                .rule();
    }

    /**
     * Everything that is needed to go on from here, in this trainer or another: the model's parameters, what the
     * optimizer remembers, the counters, the place within an epoch, and the key.
     *
     * @return copies, which later steps leave alone
     */
    public TrainingState state() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Slot slot : slots) {
            tensors.put(slot.valueName(), slot.parameter().value().copy());
        }
        for (Slot slot : slots) {
            List<Tensor> memory = slot.rule().state();
            for (int i = 0; i < memory.size(); i++) {
                tensors.put(slot.memoryName(i), memory.get(i).copy());
            }
        }
        SequencedMap<String, String> text = new LinkedHashMap<>();
        text.put(STEPS, "" + steps);
        text.put(EPOCHS, "" + epochs);
        sums.write(text);
        text.put(KEY, StateReader.write(key));
        text.put(OPTIMIZER, kind(optimizer));
        text.put(OPTIMIZER + "/settings", optimizer.toString());
        return new TrainingState(tensors, text);
    }

    /**
     * Goes on from a state. The trainer has to be made as the one that gave it: of a model of the same parameters and with
     * the same kind of optimizer. The optimizer's numbers are those of this trainer, so that a run can go on with another
     * rate; with the same numbers, loss and data, it goes on as if it had never stopped, bit for bit. The key comes from the
     * state.
     *
     * @param state what {@link #state} gave; copied
     * @throws IllegalArgumentException if a tensor is missing, of another shape, not finite, or one too many, a number is
     *     missing or malformed, or the optimizer is of another kind; the message lists all of it, and nothing has changed
     * @throws NullPointerException if it is null
     */
    public void restore(TrainingState state) {
        StateReader reader = new StateReader(Objects.requireNonNull(state, "state"));
        Map<Tensor, Tensor> copies = new IdentityHashMap<>(); // to, from
        for (Slot slot : slots) {
            Tensor value = slot.parameter().value();
            copies.put(value, reader.tensor(slot.valueName(), value.shape()));
        }
        String kind = reader.text(OPTIMIZER);
        if (!kind.isEmpty() && !kind.equals(kind(optimizer))) {
            reader.problem(OPTIMIZER, "is " + kind + "; this trainer has " + optimizer);
        }
        for (Slot slot : slots) {
            List<Tensor> memory = slot.rule().state();
            for (int i = 0; i < memory.size(); i++) {
                Tensor part = memory.get(i);
                copies.put(part, reader.tensor(slot.memoryName(i), part.shape()));
            }
        }
        long restoredSteps = reader.count(STEPS, Long.MAX_VALUE - 1);
        int restoredEpochs = (int) reader.count(EPOCHS, Integer.MAX_VALUE - 1);
        EpochSums restoredSums = EpochSums.read(reader);
        Key restoredKey = reader.key(KEY);
        reader.requireFit();
        copies.forEach(Tensor::copyFrom);
        steps = restoredSteps;
        epochs = restoredEpochs;
        sums = restoredSums;
        key = restoredKey;
    }

    /** What must be the same for the tensors that an optimizer remembers to mean the same. */
    private static String kind(Optimizer optimizer) {
        return optimizer.getClass().isHidden() ? "a lambda" : optimizer.getClass().getSimpleName();
    }
}
