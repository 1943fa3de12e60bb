package nn.train;

import java.util.EnumSet;
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
 * Trains a model: forward, loss, backward, update, as often as asked. Use {@link #step} in your own loop and
 * {@link #fit(Batches, int, TrainingObserver...) fit} for the usual one.
 *
 * <p>A step either happens or it does not: loss and gradients are checked before the first weight changes, and an
 * update that would leave a number that is not finite is rolled back, to the bit. Scratch tensors, gradients and
 * optimizer state live as long as the trainer, so a steady step allocates no tensor memory (but for copies of the
 * states that recurrent layers carry, if they do). If the loss is a {@link DirectLoss}, a steady step makes no object
 * but its report; with dropout a few keys, and where large operations are split between threads, what hands the parts
 * over.
 *
 * <p>For one thread, and one trainer at a time for a model: a second one that comes between, in a step or between the
 * steps of a fit, gets an {@link IllegalStateException}, and so does {@link
 * nn.train.checkpoint.Checkpoint#loadWeights(java.nio.file.Path, Layer, Difference...) loadWeights}. So does a call of
 * {@link #step}, {@link #fit(Batches, FitOptions) fit}, {@link #restore} or {@link #abandonFit} from an observer, a
 * layer, a loss or a metric, while a step or a fit of this trainer is under way. An observer may call {@link #state};
 * {@link #cancel} may be called from anywhere.
 */
public final class Trainer {
    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final TrainerOptions options;
    private final AtomicReference<String> busy = new AtomicReference<>(); // the method under way; null if there is none
    private final Cancellation cancellation = new Cancellation();
    private final TrainingStep step;
    private final EpochLoop loop;
    private final TrainerState state;

    /**
     * A trainer with fresh optimizer state, for plain steps.
     *
     * @param model its parameters are what changes
     * @param loss what is to become small
     * @param optimizer how parameters change
     * @param key names the randomness of layers that draw in training, such as dropout; step s gets {@code
     *     key.child(s)}
     * @throws IllegalArgumentException if the model has no parameters, two of them have one path, it takes a batch
     *     along {@linkplain Layer#batchAxis no axis}, or the rate of an optimizer is negative, NaN or infinite
     * @throws NullPointerException if an argument is null, the loss has no reduction, or the optimizer has no
     *     rule for a parameter
     */
    public Trainer(Layer model, Loss loss, Optimizer optimizer, Key key) {
        this(model, loss, optimizer, key, TrainerOptions.NONE);
    }

    /**
     * A trainer with fresh optimizer state.
     *
     * @param model its parameters are what changes
     * @param loss what is to become small
     * @param optimizer how parameters change
     * @param key names the randomness of layers that draw in training, such as dropout; step s gets {@code
     *     key.child(s)}, and the i-th part of its batch, if it has several, {@code key.child(s).child(i)}
     * @param options schedule, clipping and more
     * @throws IllegalArgumentException if the model has no parameters, two of them have one path, it takes a batch
     *     along {@linkplain Layer#batchAxis no axis}, or the rate of an optimizer is negative, NaN or infinite
     * @throws NullPointerException if an argument is null, the loss has no reduction, or the optimizer has no
     *     rule for a parameter
     */
    public Trainer(Layer model, Loss loss, Optimizer optimizer, Key key, TrainerOptions options) {
        this.model = Objects.requireNonNull(model, "model");
        this.loss = Objects.requireNonNull(loss, "loss");
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(key, "key");
        this.options = Objects.requireNonNull(options, "options");
        Objects.requireNonNull(
                loss.reduction(),
                () -> "the loss " + Description.of(loss) + " has no reduction: its reduction() returned null");
        this.step = new TrainingStep(model, loss, optimizer, key, options);
        this.loop = new EpochLoop(model, loss, options, step, cancellation);
        this.state = new TrainerState(model, loss, optimizer, key, options, step, loop);
    }

    /** Refuses a call from within another one, or from another thread during it. */
    private void enter(String method) {
        String other = busy.compareAndExchange(null, method);
        if (other != null) {
            throw new IllegalStateException(method + " was called while " + other + " of this trainer is under way, by"
                    + " an observer, a layer, a loss, a metric or another thread: call it when " + other
                    + " has returned");
        }
    }

    private void leave() {
        busy.set(null);
    }

    /**
     * One step of the optimizer on one batch.
     *
     * @param x the inputs, of a shape that the model takes: [batch x ...], or [time x batch x ...] if it reads
     *     sequences so
     * @param y the targets, of a shape that the loss takes, with the batch where the model's {@linkplain
     *     Layer#batchAxis output} has it
     * @return what was done
     * @throws IllegalArgumentException if the batch is empty, a value of x or y is NaN or infinite, or as the model
     *     and the loss say; nothing has changed then
     * @throws NonFiniteException if the loss, a gradient or an updated value is NaN or infinite; nothing has changed
     *     then
     * @throws IllegalStateException if a step or a fit of this trainer is under way, or the model is being trained by
     *     another trainer; nothing has changed then
     */
    public StepReport step(Tensor x, Tensor y) {
        enter("step");
        try {
            step.make(x, y, 0, loop.epochs(), 1);
        } finally {
            leave();
        }
        return step.report(x, y);
    }

    /**
     * Has recurrent layers begin the next step with states of zero, where a trainer {@linkplain
     * TrainerOptions#carryingStates carries} them: to be called where other sequences begin.
     *
     * @throws IllegalStateException if a step is under way
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
     * Trains for some epochs: {@link #fit(Batches, FitOptions)} with nothing but epochs and observers.
     *
     * @param data the batches
     * @param epochs how many passes, at least 1
     * @param observers called after every step and epoch
     * @return what was done
     * @throws IllegalArgumentException if {@code epochs} is below 1, or as for {@link #step}; steps done before stay
     *     done
     * @throws NonFiniteException as for {@link #step}
     */
    public History fit(Batches data, int epochs, TrainingObserver... observers) {
        return fit(data, FitOptions.epochs(epochs).observers(observers));
    }

    /**
     * Trains for some epochs. An epoch is a pass over the data, in an order that depends on its number in this trainer:
     * two calls of 5 epochs do what one call of 10 does. Each fit is judged by its own epochs: the best epoch, the
     * patience and the {@link nn.train.schedule.Plateau} begin anew with each.
     *
     * <p>A fit that was broken off (cancelled, interrupted, ended by an exception, or saved in its midst and restored)
     * is unfinished. The same call continues it, bit for bit: with the same batches, validation data, number of epochs,
     * {@link EarlyStopping} and {@link FitOptions#keepBest}, whatever its metrics and observers. The number of epochs
     * counts from the beginning of the fit; the history holds those of this call. If all epochs were done, or patience
     * had run out, there is only the model of the best epoch to be restored.
     *
     * <p>Another call is a fit of its own. It completes the unfinished epoch first, which counts as one of its epochs.
     * It is refused if its batches are not those of the unfinished epoch, or if the unfinished fit has judged epochs;
     * {@link #abandonFit} gives both up.
     *
     * <p>If the thread is interrupted, or {@link #cancel} is called, the fit ends after the step under way. A
     * validation that is under way is given up after at most 512 examples (your own metric after its call), and
     * made again when the fit is continued; until then the epoch is not over.
     *
     * @param data the batches
     * @param fit how many epochs, and its options
     * @return what was done by this call
     * @throws IllegalArgumentException if the data or the validation data hold their examples along another axis than
     *     the model takes ({@link Layer#batchAxis}, {@link Dataset}), if the batches are shuffled though states are
     *     {@linkplain TrainerOptions#carryingStates carried}, if another fit is unfinished and would lose something,
     *     listing the differences, if the plateau monitors a metric that the fit does not measure, or as for {@link
     *     #step}; steps done before stay done
     * @throws NonFiniteException as for {@link #step}
     * @throws IllegalStateException if a step or a fit of this trainer is under way, or as for {@link #step}
     */
    public History fit(Batches data, FitOptions fit) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(fit, "fit");
        BatchAxes own = BatchAxes.of(model);
        BatchAxes given = DataAxes.of(model, data, options.carrying());
        fit.validation().ifPresent(held -> DataAxes.of(model, "the validation data", held, options.carrying()));
        options.plateau()
                .ifPresent(plateau -> FitOptions.requireMeasured("the plateau", plateau.monitor(), fit.metrics()));
        // A step would find a bad value too, but name its row in a shuffled batch.
        InputChecks.requireUsable("x", data.dataset().x());
        InputChecks.requireUsable("y", data.dataset().y());
        if (options.carrying() && data.isShuffled()) {
            throw new IllegalArgumentException("the batches are shuffled, but states are carried from one to the next;"
                    + " use Batches.alongTime");
        }
        enter("fit");
        try {
            step.lock().keep();
            try {
                step.takeAlong(given);
                step.update().requireWhole();
                return loop.run(data, fit);
            } finally {
                step.takeAlong(own);
                cancellation.clear();
                step.lock().giveBack();
            }
        } finally {
            leave();
        }
    }

    /**
     * Gives up an unfinished fit: the rest of its epoch, its best epoch, its patience and its plateau. The next fit is
     * one of its own and begins with a whole epoch. Parameters, optimizer state and counters stay as they are. Without
     * an unfinished fit nothing happens.
     *
     * @throws IllegalStateException if a step or a fit of this trainer is under way
     */
    public void abandonFit() {
        enter("abandonFit");
        loop.abandon();
        leave();
    }

    /**
     * Asks the fit that is under way, or else the next one, to end after its step. May be called from any thread, and
     * by an observer.
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
     * Returns the number of steps made.
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
     * The rule by which one parameter changes, with the state that it keeps.
     *
     * @param parameter one of the model's
     * @return its rule
     * @throws IllegalArgumentException if it is not the model's
     */
    public UpdateRule rule(Parameter parameter) {
        return step.rule(parameter);
    }

    /**
     * Everything that is needed to continue from here, in this trainer or another: the model's parameters, what the
     * optimizer remembers, the counters, the place within an epoch, the key, the states that recurrent layers
     * carry, and an unfinished fit with its best epoch, patience and plateau. To be called between steps, as from an
     * observer.
     *
     * @return copies, which later steps leave alone
     * @throws IllegalStateException if a step is under way
     */
    public TrainingState state() {
        return state.write();
    }

    /**
     * Continues from a state. The trainer has to be made as the one that gave it: of a model that is built alike, with
     * the same loss, optimizer, key and options. Then it continues as if it had never stopped, bit for bit. A
     * difference is refused unless it is accepted; with an accepted difference the trainer continues with its own, such
     * as another learning rate. An unfinished fit comes with the state, and the {@linkplain #fit(Batches, FitOptions)
     * same call} of fit continues it.
     *
     * @param saved what {@link #state} gave; copied
     * @param accepted the parts that may differ; none as a rule
     * @throws IllegalArgumentException if a tensor is missing, of another shape, or one too many, a value is not finite
     *     or below its {@linkplain Parameter#least least}, a number is missing, malformed or contradicts another, the
     *     optimizer is of another kind, or a part differs that is not accepted; the message lists all of it, and
     *     nothing has changed
     * @throws IllegalStateException if a step or a fit of this trainer is under way, or the model is being trained by
     *     another trainer; nothing has changed then
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

    /** Names the model, the loss, the optimizer, and how far training is. */
    @Override
    public String toString() {
        return "Trainer of " + Description.of(model) + " (loss " + Description.of(loss) + ", optimizer "
                + Description.of(optimizer) + ") after " + steps() + (steps() == 1 ? " step" : " steps") + " and "
                + epochs() + (epochs() == 1 ? " epoch" : " epochs");
    }
}
