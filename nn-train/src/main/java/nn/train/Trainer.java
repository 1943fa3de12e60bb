package nn.train;

import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.internal.BatchAxes;
import nn.train.internal.InputChecks;
import nn.train.loss.DirectLoss;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.UpdateRule;

/**
 * Trains a model. A step runs the model forward and backward and updates its parameters. Use {@link #step} in a custom
 * loop, and {@link #fit(Batches, int, TrainingObserver...) fit} for the usual loop over epochs.
 *
 * <p>A step happens as a whole or not at all: loss and gradients are checked before the first weight changes, and an
 * update that would leave a number that is not finite is rolled back, to the bit. Scratch tensors, gradients and
 * optimizer state live as long as the trainer, so a steady step allocates no tensor memory, except for copies of the
 * states that recurrent layers carry. If the loss is a {@link DirectLoss}, a steady step allocates only its report, and
 * not even that in a compiled loop that does not keep it; dropout adds a few keys, and a large operation that is split
 * between threads adds the objects that distribute it.
 *
 * <p>A trainer is for one thread, and a model for one trainer at a time: a second trainer that takes a step meanwhile,
 * in a step or between the steps of a fit, gets an {@link IllegalStateException}, and so does {@link
 * nn.train.checkpoint.Checkpoint#loadWeights(java.nio.file.Path, Layer, Difference...) loadWeights}. So does a call of
 * {@link #step}, {@link #fit(Batches, FitOptions) fit}, {@link #restore}, {@link #freeze}, {@link #abandonFit}, {@link
 * #withAverage}, {@link #adoptAverage} or {@link #measureStatistics} from an observer, a layer, a loss or a metric,
 * while a step or a fit of this trainer runs. An observer may call {@link #state}, on the thread of the fit; another
 * thread is refused until the fit has returned. {@link #cancel} may be called from anywhere.
 */
public final class Trainer {
    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final TrainerOptions options;
    private final Key key;
    private final AtomicReference<String> running = new AtomicReference<>(""); // the method; empty if none
    private final Cancellation cancellation = new Cancellation();
    private final TrainingStep step;
    private final EpochLoop loop;
    private final List<TrainingObserver> events;
    private final TrainerState state;

    /**
     * Creates a trainer with fresh optimizer state and without options.
     *
     * @param model the model, whose parameters are trained
     * @param loss the loss to minimize
     * @param optimizer gives the update rule of each parameter
     * @param key names the randomness of layers that draw in training, such as dropout; step s gets {@code
     *     key.child(s)}
     * @throws IllegalArgumentException if the model has no parameters, two of them have one path, it takes a batch
     *     along {@linkplain Layer#batchAxis no axis}, the rate of an optimizer is negative, NaN or infinite, or the
     *     {@linkplain Loss#requireFits loss} or the {@linkplain Optimizer#requireFits optimizer} does not fit the model
     * @throws NullPointerException if an argument is null, the loss has no reduction, or the optimizer has no
     *     rule for a parameter
     */
    public Trainer(Layer model, Loss loss, Optimizer optimizer, Key key) {
        this(model, loss, optimizer, key, TrainerOptions.NONE);
    }

    /**
     * Creates a trainer with fresh optimizer state.
     *
     * @param model the model, whose parameters are trained
     * @param loss the loss to minimize
     * @param optimizer gives the update rule of each parameter
     * @param key names the randomness of layers that draw in training, such as dropout; step s gets {@code
     *     key.child(s)}, and its i-th micro-batch, if it has several, or shard {@code key.child(s).child(i)}
     * @param options schedule, clipping and more
     * @throws IllegalArgumentException if the model has no parameters, two of them have one path, it takes a batch
     *     along {@linkplain Layer#batchAxis no axis}, the rate of an optimizer is negative, NaN or infinite, or the
     *     {@linkplain Loss#requireFits loss} or the {@linkplain Optimizer#requireFits optimizer} does not fit the model
     * @throws NullPointerException if an argument is null, the loss has no reduction, or the optimizer has no
     *     rule for a parameter
     */
    public Trainer(Layer model, Loss loss, Optimizer optimizer, Key key, TrainerOptions options) {
        this.model = Objects.requireNonNull(model, "model");
        this.loss = Objects.requireNonNull(loss, "loss");
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        this.key = Objects.requireNonNull(key, "key");
        this.options = Objects.requireNonNull(options, "options");
        Objects.requireNonNull(
                loss.reduction(),
                () -> "the loss " + Description.of(loss) + " has no reduction: its reduction() returned null");
        loss.requireFits(model);
        this.step = new TrainingStep(model, loss, optimizer, key, options);
        this.events = FlightEvents.of(model).stream().toList();
        this.loop = new EpochLoop(model, loss, options, step, cancellation, events);
        this.state = new TrainerState(model, loss, optimizer, key, options, step, loop);
    }

    /** Refuses a call from within another one, or from another thread during it. */
    private void enter(String method) {
        String other = running.compareAndExchange("", method);
        if (!other.isEmpty()) {
            throw new IllegalStateException(method + " was called by an observer, a layer, a loss, a metric or another"
                    + " thread while " + other + " of this trainer runs: call it when " + other + " has returned");
        }
    }

    private void leave() {
        running.setRelease(""); // without a fence, as Parameter.release
    }

    /**
     * Takes one step of the optimizer on one batch.
     *
     * @param x the inputs, of a shape that the model takes: [batch x ...], or [time x batch x ...] for a model of
     *     time-major sequences
     * @param y the targets, of a shape that the loss takes, with the examples along the same axis as in the model's
     *     {@linkplain Layer#batchAxis output}
     * @return the report of the step
     * @throws IllegalArgumentException if the batch is empty, a value of x or y is NaN or infinite, or the model or the
     *     loss refuses them; nothing has changed then
     * @throws NonFiniteException if the loss, a gradient or an updated value is NaN or infinite; nothing has changed
     *     then
     * @throws IllegalStateException if a step or a fit of this trainer runs, another trainer is training the model, or
     *     all parameters are {@linkplain #freeze frozen}; nothing has changed then
     */
    public StepReport step(Tensor x, Tensor y) {
        enter("step");
        try {
            step.run(x, y, 0, loop.epochs(), 1, events);
        } finally {
            leave();
        }
        StepReport report = step.report(x, y);
        for (int i = 0; i < events.size(); i++) { // by index, which makes no iterator
            events.get(i).onStep(report);
        }
        return report;
    }

    /**
     * Sets the states that recurrent layers {@linkplain TrainerOptions#carryingStates carry} to zero. Call it where new
     * sequences begin.
     *
     * @throws IllegalStateException if a step runs
     */
    public void resetStates() {
        step.lock().claim();
        try {
            step.carry().reset();
        } finally {
            step.lock().release();
        }
    }

    /**
     * Trains for some epochs: {@link #fit(Batches, FitOptions)} without other options.
     *
     * @param data the batches
     * @param epochs number of passes over the data, at least 1
     * @param observers called after every step and epoch
     * @return one report for each epoch
     * @throws IllegalArgumentException if {@code epochs} is below 1, or as for {@link #step}; earlier steps stay done
     * @throws NonFiniteException as for {@link #step}
     */
    public History fit(Batches data, int epochs, TrainingObserver... observers) {
        return fit(data, FitOptions.epochs(epochs).observers(observers));
    }

    /**
     * Trains for some epochs. An epoch is one pass over the data, in an order that depends on its number in this
     * trainer: two calls of 5 epochs do the same as one call of 10. The best epoch, the patience and the {@link
     * nn.train.schedule.Plateau} belong to one fit and start afresh with the next.
     *
     * <p>A fit is unfinished if it was cancelled, interrupted or ended by an exception, or if its state was saved
     * before its end and restored. The same call resumes it, bit for bit: a call with the same batches, validation
     * data, number of epochs, {@link EarlyStopping}, {@link FitOptions#keepBest} and {@link
     * FitOptions#validateAverage}; metrics and observers may differ. The number of epochs counts from the beginning of
     * the fit; the history holds the epochs of this call. If all epochs were done, or patience had run out, the call
     * only restores the weights of the best epoch.
     *
     * <p>Any other call starts a new fit. It first completes the unfinished epoch, which counts as one of its own. It
     * is refused if its batches are not those of the unfinished epoch, or if the unfinished fit has compared epochs
     * already (for patience, the best epoch or a plateau); {@link #abandonFit} discards both.
     *
     * <p>A batch in which no row counts for the loss, as all are ignored or have weight 0 ({@link Loss#terms} is 0),
     * changes no parameter: it is a step, for schedules and for states that are carried past it, adds nothing to the
     * loss of the epoch, and no observer is called.
     *
     * <p>If the thread is interrupted, or {@link #cancel} is called, the fit ends after the current step. A validation
     * in progress stops after at most 512 more examples (a custom metric after its call) and is repeated when the fit
     * is resumed; until then the epoch is not finished.
     *
     * @param data the batches
     * @param fit the number of epochs, and options
     * @return one report for each epoch of this call
     * @throws IllegalArgumentException if the data or the validation data hold their examples along another axis than
     *     the model takes ({@link Layer#batchAxis}, {@link Dataset}); if the batches are shuffled although states are
     *     {@linkplain TrainerOptions#carryingStates carried}; if another fit is unfinished and would lose results (the
     *     message lists the differences); if the plateau monitors a metric that the fit does not measure; if the fit
     *     validates an average that the trainer does not keep; if no row of any batch of an epoch counts for the loss;
     *     or as for {@link #step}. Earlier steps stay done
     * @throws NonFiniteException as for {@link #step}
     * @throws IllegalStateException as for {@link #step}
     */
    public History fit(Batches data, FitOptions fit) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(fit, "fit");
        BatchAxes own = BatchAxes.of(model);
        BatchAxes given = DataAxes.of(model, data, options.carrying());
        if (fit.validatesAverage() && options.averaging().isEmpty()) {
            throw new IllegalArgumentException(
                    "validateAverage: the trainer does not average its weights; give it" + " TrainerOptions.averaging");
        }
        fit.validation().ifPresent(held -> DataAxes.requireTaken(model, held, options.carrying()));
        options.plateau()
                .ifPresent(plateau -> FitOptions.requireMeasured("the plateau", plateau.monitor(), fit.metrics()));
        if (data.source().isEmpty()) { // a step would find a bad value too, but name its row in a shuffled batch
            InputChecks.requireUsable("x", data.dataset().x());
            InputChecks.requireUsable("y", data.dataset().y());
        }
        if (options.carrying() && data.isShuffled()) {
            throw new IllegalArgumentException("the batches are shuffled, but states are carried from one to the next;"
                    + " use Batches.alongTime");
        }
        enter("fit");
        try {
            step.lock().keep();
            try {
                step.setAxes(given);
                step.update().requireConsistent();
                return loop.run(data, fit);
            } finally {
                step.setAxes(own);
                cancellation.clear();
                step.lock().releaseKept();
            }
        } finally {
            leave();
        }
    }

    /**
     * Discards an unfinished fit: the rest of its epoch, its best epoch, its patience and its plateau. The next fit is
     * a new one and begins with a whole epoch. Parameters, optimizer state and counters stay as they are. Without an
     * unfinished fit nothing happens.
     *
     * @throws IllegalStateException if a step or a fit of this trainer runs
     */
    public void abandonFit() {
        enter("abandonFit");
        loop.abandon();
        leave();
    }

    /**
     * Freezes parameters: steps leave them as they are from now on, until {@link #unfreeze}. No gradient, momentum,
     * decay or penalty changes them. The reported norm of the gradient and a clipping by norm do without them. A
     * pattern that covers running statistics freezes these, too: a {@link nn.layers.normalization.BatchNorm} then
     * normalizes by them in training. Layers such as dropout still draw.
     *
     * <pre>{@code
     * trainer.freeze("encoder.");            // all parameters and statistics of a layer and the layers in it
     * trainer.fit(batches, 3);               // trains the rest
     * trainer.unfreeze("encoder.fc3.", "encoder.*.bias");
     * trainer.fit(batches, 3);
     * }</pre>
     *
     * <p>If the first layers of a network or graph are frozen, statistics included, the backward pass ends after the
     * others. A frozen parameter keeps its optimizer state, such as momentum, and continues with it when it is trained
     * again; its rule counts the steps that it took part in. The state of a trainer says which parameters are frozen,
     * and {@link #restore} compares them.
     *
     * @param patterns of paths, 1 or more: a whole path such as {@code encoder.fc1.weight}, a beginning with a dot at
     *     its end such as {@code encoder.}, or any text in which {@code *} stands for any characters, dots among them,
     *     such as {@code encoder.*.weight}
     * @throws IllegalArgumentException if there is no pattern, or one matches no parameter; the message lists the
     *     paths, and nothing has changed then
     * @throws IllegalStateException if a step or a fit of this trainer runs
     */
    public void freeze(String... patterns) {
        enter("freeze");
        try {
            step.frozen().freeze(patterns);
        } finally {
            leave();
        }
    }

    /**
     * Trains parameters again that were {@linkplain #freeze frozen}.
     *
     * @param patterns of paths, 1 or more, as for {@link #freeze}; {@code "*"} for all
     * @throws IllegalArgumentException if there is no pattern, or one matches no parameter; nothing has changed then
     * @throws IllegalStateException if a step or a fit of this trainer runs
     */
    public void unfreeze(String... patterns) {
        enter("unfreeze");
        try {
            step.frozen().unfreeze(patterns);
        } finally {
            leave();
        }
    }

    /**
     * Returns the paths of the frozen parameters.
     *
     * @return in the order of the model; empty if none is frozen
     */
    public List<String> frozen() {
        return step.frozen().paths();
    }

    /**
     * Something that is done with averaged weights, see {@link #withAverage}.
     *
     * @param <T> the result
     * @param <E> what it throws
     */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        /**
         * Does it.
         *
         * @return the result
         * @throws E if it fails
         */
        T run() throws E;
    }

    /**
     * Does something while the model has the {@linkplain Averaging averaged} weights, for example predicts, measures,
     * or writes them to a file under the paths of the weights. Then the model gets its weights back, to the bit,
     * whatever happens.
     *
     * <pre>{@code
     * Tensor y = trainer.withAverage(() -> network.predict(x));
     * }</pre>
     *
     * @param work must not train
     * @param <T> its result
     * @param <E> what it throws
     * @return its result
     * @throws E if the work throws it
     * @throws IllegalStateException if there is no average yet, or a step or a fit of this trainer runs; nothing has
     *     changed then
     */
    public <T, E extends Exception> T withAverage(Work<T, E> work) throws E {
        Objects.requireNonNull(work, "work");
        enter("withAverage");
        try {
            step.average().requireExisting("withAverage");
            return step.withAverage(work);
        } finally {
            leave();
        }
    }

    /**
     * Sets the weights of the model to their {@linkplain Averaging average}, usually at the end of a training. Further
     * steps begin there.
     *
     * @throws IllegalStateException if there is no average yet, a step or a fit of this trainer runs, or another
     *     trainer is training the model; nothing has changed then
     */
    public void adoptAverage() {
        enter("adoptAverage");
        try {
            step.average().requireExisting("adoptAverage");
            step.lock().claim();
            try {
                step.average().adopt();
            } finally {
                step.lock().release();
            }
        } finally {
            leave();
        }
    }

    /**
     * Measures the running statistics of the model again, such as those of a {@link
     * nn.layers.normalization.BatchNorm}, with its present weights: each becomes the mean of what its layer observes in
     * one pass over the data, all batches counting alike. Layers run as in training, so that dropout draws. Needed
     * where weights change without training, as by {@link #adoptAverage}. {@linkplain #freeze Frozen} statistics stay;
     * so does a model without statistics.
     *
     * @param data the batches, which the model takes; of 2 rows or more for a batch normalization
     * @throws IllegalArgumentException if the data do not fit the model, a value is not finite, or a statistic would
     *     not be finite; nothing has changed then
     * @throws IllegalStateException if a step or a fit of this trainer runs, or another trainer is training the model;
     *     nothing has changed then
     */
    public void measureStatistics(Batches data) {
        Objects.requireNonNull(data, "data");
        DataAxes.of(model, data, options.carrying());
        InputChecks.requireUsable("x", data.dataset().x());
        enter("measureStatistics");
        try {
            step.lock().claim();
            try {
                StatisticMeasurement.run(model, data, step.parameters(), key.child("statistics"));
            } finally {
                step.lock().release();
            }
        } finally {
            leave();
        }
    }

    /**
     * Asks the current fit to end after its step; without one, the next fit. May be called from any thread and by an
     * observer.
     */
    public void cancel() {
        cancellation.request();
    }

    /**
     * Returns the model that is trained.
     *
     * @return the model given
     */
    public Layer model() {
        return model;
    }

    /**
     * Returns the number of steps done.
     *
     * @return 0 for a new trainer
     */
    public long steps() {
        return step.steps();
    }

    /**
     * Returns the number of epochs finished.
     *
     * @return 0 for a new trainer
     */
    public int epochs() {
        return loop.epochs();
    }

    /**
     * Returns the update rule of one parameter, with the state that it keeps.
     *
     * @param parameter a parameter of the model
     * @return its rule
     * @throws IllegalArgumentException if the parameter does not belong to the model
     */
    public UpdateRule rule(Parameter parameter) {
        return step.rule(parameter);
    }

    /**
     * Returns everything that is needed to resume from here, in this trainer or another: the model's parameters, the
     * optimizer state, the counters, the position within an epoch, the key, the states that recurrent layers carry, the
     * averaged weights, and an unfinished fit with its best epoch, patience and plateau. Call it between steps, for
     * example from an observer.
     *
     * @return copies, which later steps do not change
     * @throws IllegalStateException if a step runs, a fit runs on another thread, another trainer is training the
     *     model, or a value is one that {@link #restore} would refuse, because other code set it
     */
    public TrainingState state() {
        return state.write();
    }

    /**
     * Hands over the {@linkplain #state() state} without copying it, for example to write it into a file at once. No
     * step can run until the reader returns: a step or a fit that another thread begins meanwhile waits for that.
     *
     * @param reader gets the tensors of the model and of the optimizer themselves; it must not change or keep them, nor
     *     wait for a thread that trains
     * @param <E> what the reader throws
     * @throws E if the reader throws it
     * @throws IllegalStateException as for {@link #state}; the reader is not called then
     * @throws NullPointerException if the reader is null
     */
    public <E extends Exception> void readState(TrainingState.Reader<E> reader) throws E {
        state.read(Objects.requireNonNull(reader, "reader"));
    }

    /**
     * Restores a state. Training then resumes as if it had never stopped, bit for bit, if this trainer is built like
     * the one that gave the state: with a model of the same structure and the same loss, optimizer, key and options. A
     * difference is refused unless it is accepted; then the trainer keeps its own part, such as another learning rate.
     * The state includes an unfinished fit, which the {@linkplain #fit(Batches, FitOptions) same call} of fit resumes.
     *
     * @param saved the result of {@link #state}; copied
     * @param accepted the parts that may differ; usually none
     * @throws IllegalArgumentException if a tensor is missing, superfluous or of another shape, a value is not finite
     *     or below its {@linkplain Parameter#minimum minimum}, a number is missing, malformed or contradicts another,
     *     the optimizer is of another kind, or a part differs that is not accepted; the message lists all problems,
     *     and nothing has changed
     * @throws IllegalStateException if a step or a fit of this trainer runs, or another trainer is training the model;
     *     nothing has changed then
     * @throws NullPointerException if an argument is null
     */
    public void restore(TrainingState saved, Difference... accepted) {
        Objects.requireNonNull(saved, "state");
        Set<Difference> set = EnumSet.noneOf(Difference.class);
        for (Difference part : Objects.requireNonNull(accepted, "accepted")) {
            set.add(Objects.requireNonNull(part, "an accepted difference"));
        }
        enter("restore");
        try {
            state.restore(saved, new StateReader(saved, set));
        } finally {
            leave();
        }
    }

    /**
     * Returns the options of the steps.
     *
     * @return the options given
     */
    public TrainerOptions options() {
        return options;
    }

    /** Returns the model, the loss, the optimizer, and the numbers of steps and epochs done. */
    @Override
    public String toString() {
        return "Trainer of " + Description.of(model) + " (loss " + Description.of(loss) + ", optimizer "
                + Description.of(optimizer) + ") after " + steps() + (steps() == 1 ? " step" : " steps") + " and "
                + epochs() + (epochs() == 1 ? " epoch" : " epochs");
    }
}
