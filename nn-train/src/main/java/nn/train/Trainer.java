package nn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.Workspace;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.internal.BatchAxes;
import nn.train.internal.Data;
import nn.train.internal.LayerPaths;
import nn.train.internal.Outputs;
import nn.train.loss.DirectLoss;
import nn.train.loss.Loss;
import nn.train.loss.Reduction;
import nn.train.metric.Metric;
import nn.train.metric.Metrics;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.UpdateRule;

/**
 * Trains a model: forward, loss, backward, update, as often as asked. Use {@link #step} for a loop of your own and
 * {@link #fit(Batches, int, TrainingObserver...) fit} for the usual one.
 *
 * <p>A step either happens or it does not: loss and gradients are checked before the first weight changes, and an
 * update that would leave a number that is not finite is taken back, to the bit. Scratch tensors, gradients and
 * optimizer state live as long as the trainer, so a steady step allocates no tensor memory (but for copies of the
 * states that recurrent layers carry, if they do). If the layers are {@linkplain nn.layers.Propagating so made}, as
 * dense ones and what goes with them are, and the loss {@linkplain DirectLoss is}, a steady step makes no object but
 * its report, and compiled code not even that if nobody keeps it; with dropout a few keys, and where large operations
 * are split between threads, what hands the parts over.
 *
 * <p>For one thread, and one trainer at a time for a model: a second one that comes between gets an {@link
 * IllegalStateException}. So does a call of {@link #step}, {@link #fit(Batches, Fit) fit}, {@link #restore} or {@link
 * #abandonFit} from an observer, a layer, a loss or a metric, while a step or a fit of this trainer is under way. An
 * observer may call {@link #state}; {@link #cancel} may be called from anywhere.
 */
public final class Trainer {
    private static final String STEPS = "trainer/steps";
    private static final String EPOCHS = "trainer/epochs";
    private static final String OPTIMIZER = "trainer/optimizer";
    private static final String CARRY = "carry/"; // before <path of the layer>/<place in the pass>/<part>
    private static final String CARRIED = "trainer/carried"; // how many of those there are

    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final TrainerOptions options;
    private final Workspace workspace = new Workspace();
    private final Workspace cuts = new Workspace(); // micro-batches that are copies
    private BatchAxes axes; // the model's own; in a fit, those of its data
    private final Gradients gradients;
    private final List<Slot> slots;
    private final Update update;
    private final Carry carry = new Carry();
    private final AtomicReference<String> busy = new AtomicReference<>(); // the method under way; null if there is none
    private final Key key;
    private final double largestRate; // of the optimizers in charge of parameters
    private volatile boolean cancelled;
    private Map<Layer, String> paths = Map.of(); // of all layers, once somebody looked for one
    private long steps;
    private double lastLoss; // of the last step, as are the next two
    private double lastNorm;
    private double lastRate;
    private double lastTerms; // of the loss of the last step of a fit
    private int epochs;
    private EpochSums sums = EpochSums.NONE; // of the epoch that is under way
    private Optional<FitProgress> unfinished = Optional.empty(); // the fit that is under way or was broken off

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
        this.key = Objects.requireNonNull(key, "key");
        this.options = Objects.requireNonNull(options, "options");
        Objects.requireNonNull(
                loss.reduction(),
                () -> "the loss " + Description.of(loss) + " has no reduction: its reduction() returned null");
        SequencedMap<String, Parameter> parameters = model.parametersByPath();
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no parameters, so there is nothing to train; does its parameters() list them?");
        }
        this.axes = BatchAxes.of(model);
        this.gradients = new Gradients(List.copyOf(parameters.values()));
        this.slots = parameters.entrySet().stream()
                .map(entry -> Slot.of(entry.getKey(), entry.getValue(), gradients, optimizer))
                .toList();
        this.update = new Update(slots);
        this.largestRate = slots.stream().mapToDouble(Slot::rate).max().orElseThrow();
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
            advance(x, y, 0, 1);
        } finally {
            leave();
        }
        return report(x, y); // made here, in a small method: no object where the caller does not keep it
    }

    private StepReport report(Tensor x, Tensor y) {
        return new StepReport(steps, lastLoss, lastNorm, lastRate, axes.count(x, y));
    }

    /** Makes a step, and leaves its results in the fields. */
    private void advance(Tensor x, Tensor y, int batch, double plateau) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        axes.requireAsMany(x, y);
        update.requireWhole();
        claim();
        try {
            double factor = rateFactor(plateau);
            double value = forwardAndBackward(x, y, batch);
            double terms = batch > 0 ? usableTerms(y) : 0; // asked before anything changes: the loss may refuse
            double norm = gradients.norm();
            if (!areFinite(norm)) {
                throw badGradient(x, y, batch);
            }
            update.make(clip(norm), factor, steps + 1, batch);
            steps++;
            if (options.carrying()) {
                carry.advance();
            }
            lastLoss = value;
            lastTerms = terms;
            lastNorm = norm;
            lastRate = optimizer.rate() * factor;
        } finally {
            release(slots.size());
        }
    }

    /** Clips the gradients if asked to; gives a bound of their elements. */
    private double clip(double norm) {
        if (options.clipping().isEmpty()) {
            return norm;
        }
        Clipping clipping = options.clipping().get();
        clipping.apply(gradients, norm);
        return Math.min(norm, 1.001 * clipping.max()); // but for rounding
    }

    private void claim() {
        for (int i = 0; i < slots.size(); i++) {
            if (!slots.get(i).parameter().claim()) {
                release(i);
                throw new IllegalStateException("'" + slots.get(i).path() + "' is being trained by another trainer, or"
                        + " by this one on another thread: one model, one trainer, one thread at a time; give each its"
                        + " own model");
            }
        }
    }

    private void release(int claimed) {
        for (int i = 0; i < claimed; i++) {
            slots.get(i).parameter().release();
        }
    }

    /** The factor by which the optimizer's rates are multiplied in the next step. */
    private double rateFactor(double plateau) {
        double factor = options.schedule().factor(steps, epochs);
        if (!(factor >= 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException("schedule " + Description.of(options.schedule()) + " gives " + factor
                    + " after " + steps + " steps and " + epochs + " epochs; it must be finite, and 0 or more");
        }
        if (!Float.isFinite((float) (factor * largestRate))) {
            throw new IllegalArgumentException("the learning rate of optimizer " + Description.of(optimizer) + ", "
                    + largestRate + ", times " + factor + " by schedule " + Description.of(options.schedule())
                    + " after " + steps + " steps, is not finite as a float; one of the two is too large");
        }
        return factor * plateau;
    }

    /** Leaves the gradients of the batch, penalties included, and gives its loss. */
    private double forwardAndBackward(Tensor x, Tensor y, int batch) {
        double value;
        try {
            value = passes(x, y, options.debug() ? watch() : context());
        } catch (Watch.Found found) {
            Finding finding = found.finding();
            throw new NonFiniteException(steps + 1, batch, finding.quantity(), finding.value(), Optional.of(finding));
        }
        if (!Double.isFinite(value)) {
            throw new NonFiniteException(steps + 1, batch, "loss", value, find(x, y));
        }
        for (int i = 0; i < slots.size(); i++) { // by index, as elsewhere in a step: a loop that makes no iterator
            options.penalty().addTo(slots.get(i).parameter(), slots.get(i).gradient());
        }
        return value;
    }

    /** What the layers get for the passes of one step. */
    private Context context() {
        return options.carrying() ? carry.over(workspace) : workspace;
    }

    private Watch watch() {
        return new Watch(context(), paths());
    }

    private Map<Layer, String> paths() {
        if (paths.isEmpty()) {
            paths = LayerPaths.of(model);
        }
        return paths;
    }

    /**
     * Has recurrent layers begin the next step with states of zero, where a trainer {@linkplain
     * TrainerOptions#carryingStates carries} them: to be called where other sequences begin.
     *
     * @throws IllegalStateException if a step is under way
     */
    public void resetStates() {
        claim();
        try {
            carry.reset();
        } finally {
            release(slots.size());
        }
    }

    /** All parts of a batch there and back; ends early if the loss is not finite. */
    private double passes(Tensor x, Tensor y, Context context) {
        gradients.clear();
        int size = options.microBatch();
        int count = size == 0 ? 0 : examples(x, y);
        if (size >= count) {
            return pass(x, y, 1, key, steps + 1, context);
        }
        Key stepKey = key.child(steps + 1);
        double whole = terms(y);
        double total = 0;
        int parts = 0;
        for (int from = 0; from < count && Double.isFinite(total); from += size) {
            cuts.begin(stepKey);
            int to = Math.min(from + size, count);
            Tensor target = BatchAxes.some(y, axes.out(), from, to, cuts);
            double share = loss.reduction().share(terms(target), whole);
            if (share > 0) {
                Tensor input = BatchAxes.some(x, axes.in(), from, to, cuts);
                total += share * pass(input, target, share, stepKey, parts, context);
                parts++;
            }
        }
        if (parts == 0) { // no example counts; the loss of the whole batch says so
            return pass(x, y, 1, key, steps + 1, context);
        }
        gradients.averageParts();
        return total;
    }

    /** The terms of the loss of some examples. */
    private double terms(Tensor y) {
        double terms = loss.terms(y);
        if (!(terms >= 0 && Double.isFinite(terms))) {
            throw badTerms(terms, y, "it must be finite, and 0 or more");
        }
        return terms;
    }

    /** The terms of a batch that has a loss. */
    private double usableTerms(Tensor y) {
        double terms = terms(y);
        if (terms == 0 && loss.reduction() == Reduction.MEAN) {
            throw badTerms(terms, y, "a mean that has a value is over more than none");
        }
        return terms;
    }

    private IllegalArgumentException badTerms(double terms, Tensor y, String rule) {
        return new IllegalArgumentException("the loss " + Description.of(loss) + " counts " + terms
                + " terms in a target of shape " + y.shape() + "; " + rule + ", so look at its terms()");
    }

    /** The number of examples of a batch that is to be cut. */
    private int examples(Tensor x, Tensor y) {
        int in = axes.in();
        int out = axes.out();
        if (x.shape().rank() <= in || y.shape().rank() <= out || x.dim(in) != y.dim(out)) {
            throw new ShapeException(
                    "parts of a batch are examples along axis " + in + " of x and axis " + out + " of y, but x is "
                            + x.shape() + " and y is " + y.shape() + ": give both as many, or train without microBatch",
                    "as many examples in x and y",
                    x.shape());
        }
        return x.dim(in);
    }

    /** A part of a batch there and back, with the child of a key that has a number. */
    private double pass(Tensor x, Tensor y, double share, Key parent, long index, Context context) {
        workspace.begin(parent, index);
        gradients.beginPart();
        Pass pass = context.run(model, x);
        Tensor output = pass.output();
        double value;
        Tensor dOutput;
        if (loss instanceof DirectLoss direct) {
            dOutput = context.empty(output.shape());
            value = direct.of(output, y, dOutput);
        } else {
            Loss.Value both = loss.of(output, y, context);
            requireGradient(both, output);
            dOutput = both.dOutput();
            value = both.value();
        }
        if (context instanceof Watch watch) {
            watch.requireFinite(loss, output, value, dOutput);
        }
        if (Double.isFinite(value)) {
            if (share != 1) {
                dOutput.scaleInPlace((float) share);
            }
            pass.pullback().parametersOnly(dOutput, gradients);
        }
        return value;
    }

    /** Names a loss that gives no gradient, or one of another shape than the output's. */
    private void requireGradient(Loss.Value both, Tensor output) {
        if (both == null || both.dOutput() == null) {
            throw new NullPointerException("the loss " + Description.of(loss) + " gave "
                    + (both == null ? "null" : "a null gradient") + "; it gives a number and its gradient at the"
                    + " output, of shape " + output.shape());
        }
        if (!both.dOutput().shape().equals(output.shape())) {
            throw new ShapeException(
                    "the loss " + Description.of(loss) + " gave a gradient of shape " + both.dOutput().shape()
                            + " for an output of shape " + output.shape() + "; both have the same shape",
                    output.shape().toString(),
                    both.dOutput().shape());
        }
    }

    /** The norm covers all gradients but those of statistics, which are checked one by one. */
    private boolean areFinite(double norm) {
        boolean finite = Double.isFinite(norm);
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            finite &= !slot.isStatistic() || slot.gradient().isFinite();
        }
        return finite;
    }

    /** Names the last parameter whose gradient is not finite: backward, that is where the trouble began. */
    private NonFiniteException badGradient(Tensor x, Tensor y, int batch) {
        for (Slot slot : slots.reversed()) {
            if (!slot.gradient().isFinite()) {
                String what = (slot.isStatistic() ? "change of the statistic '" : "gradient of '") + slot.path() + "'";
                float value = slot.gradient().maxMagnitude();
                return new NonFiniteException(steps + 1, batch, what, value, find(x, y));
            }
        }
        throw new IllegalStateException("the gradients' norm is not finite, but each of them is");
    }

    /** Makes the passes of a step that failed again, looking at every layer: with the same key they are the same. */
    private Optional<Finding> find(Tensor x, Tensor y) {
        try {
            passes(x, y, watch());
        } catch (Watch.Found found) {
            return Optional.of(found.finding());
        } catch (RuntimeException e) {
            return Optional.empty(); // what is to be told is the failure before, with or without a layer
        }
        return Optional.empty();
    }

    /**
     * Trains for some epochs: {@link #fit(Batches, Fit)} with nothing but epochs and observers.
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
        return fit(data, Fit.epochs(epochs).observers(observers));
    }

    /**
     * Trains for some epochs. An epoch is a pass over the data, in an order that depends on its number in this trainer:
     * two calls of 5 epochs do what one call of 10 does. Each fit is judged by its own epochs: the best epoch, the
     * patience and the {@link nn.train.schedule.Plateau} begin anew with each.
     *
     * <p>A fit that was broken off (cancelled, interrupted, ended by an exception, or saved in its midst and restored)
     * is unfinished. The same call continues it, bit for bit: with the same batches, validation data, number of epochs,
     * patience, margin and {@link Fit#keepBest}, whatever its metrics and observers. The number of epochs counts from
     * the beginning of the fit; the history holds those of this call. If all epochs were done, or patience had run out,
     * there is only the model of the best epoch to be restored.
     *
     * <p>Another call is a fit of its own. It completes the unfinished epoch first, which counts as one of its epochs.
     * It is refused if its batches are not those of the unfinished epoch, or if the unfinished fit has judged epochs;
     * {@link #abandonFit} gives both up.
     *
     * <p>If the thread is interrupted, or {@link #cancel} is called, the fit ends after the step under way. A
     * validation that is under way is given up after at most 512 examples (a metric of your own after its call), and
     * made again when the fit is continued; until then the epoch is not over.
     *
     * @param data the batches
     * @param fit how many epochs, and what to do beside
     * @return what was done by this call
     * @throws IllegalArgumentException if the data or the validation data hold their examples along another axis than
     *     the model takes ({@link Layer#batchAxis}, {@link Dataset}), if the batches are shuffled though states are
     *     {@linkplain TrainerOptions#carryingStates carried}, if another fit is unfinished and would lose something,
     *     listing the differences, or as for {@link #step}; steps done before stay done
     * @throws NonFiniteException as for {@link #step}
     * @throws IllegalStateException if a step or a fit of this trainer is under way, or as for {@link #step}
     */
    public History fit(Batches data, Fit fit) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(fit, "fit");
        BatchAxes own = BatchAxes.of(model);
        BatchAxes given = DataAxes.of(model, data, options.carrying());
        fit.validation().ifPresent(held -> DataAxes.of(model, "the validation data", held, options.carrying()));
        // A step would find a bad value too, but name its row in a shuffled batch.
        Data.requireUsable("x", data.dataset().x());
        Data.requireUsable("y", data.dataset().y());
        if (options.carrying() && data.isShuffled()) {
            throw new IllegalArgumentException("the batches are shuffled, but states are carried from one to the next;"
                    + " use Batches.alongTime");
        }
        enter("fit");
        try {
            axes = given;
            update.requireWhole();
            FitProgress progress = continued(FitProgress.of(data, fit, slots));
            unfinished = Optional.of(progress);
            int left = fit.epochs() - progress.epochs();
            fit.observers().forEach(o -> o.onStart(left, data.perEpoch(), sums.steps()));
            History history = epochs(data, fit, progress);
            fit.observers().forEach(o -> o.onEnd(history));
            return history;
        } finally {
            axes = own;
            cancelled = false;
            leave();
        }
    }

    /** The unfinished fit, if the one that is asked for is the same; else the latter, if nothing is lost by it. */
    private FitProgress continued(FitProgress asked) {
        if (unfinished.isEmpty()) {
            return asked;
        }
        FitProgress before = unfinished.get();
        if (before.differences(asked).isEmpty()) {
            return before;
        }
        List<String> batches = sums.steps() > 0 ? before.batchDifferences(asked) : List.of();
        if (before.hasJudged(options) || !batches.isEmpty()) {
            throw new IllegalArgumentException("another fit is unfinished, after " + before + " and " + sums.steps()
                    + " steps of the next, and nothing was changed:\n  "
                    + String.join("\n  ", before.hasJudged(options) ? before.differences(asked) : batches)
                    + "\nCall fit as before to finish it, or call abandonFit() first, which gives up the rest of its"
                    + " epoch and its best epoch, patience and plateau");
        }
        return asked;
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
        unfinished = Optional.empty();
        sums = EpochSums.NONE;
        leave();
    }

    private History epochs(Batches data, Fit fit, FitProgress progress) {
        List<EpochReport> reports = new ArrayList<>();
        while (progress.epochs() < fit.epochs() && !progress.isOutOfPatience(fit)) {
            long start = System.nanoTime();
            Optional<Ending> halt = restOfEpoch(data, fit, progress);
            if (halt.isPresent()) {
                return new History(reports, halt.get());
            }
            EpochReport report;
            try {
                report = ScopedValue.where(Outputs.BEFORE_PART, this::requireWanted)
                        .call(() -> endOfEpoch(fit, progress, start));
            } catch (Halted e) {
                return new History(reports, halt());
            }
            reports.add(report);
            fit.observers().forEach(o -> o.onEpoch(report));
        }
        restoreBest(progress);
        unfinished = Optional.empty();
        return new History(reports, progress.isOutOfPatience(fit) ? Ending.STOPPED_EARLY : Ending.COMPLETED);
    }

    private void restoreBest(FitProgress progress) {
        claim();
        try {
            SequencedMap<String, Tensor> best = progress.bestValues();
            if (!best.isEmpty()) {
                slots.forEach(slot -> slot.parameter().value().copyFrom(best.get(slot.path())));
            }
        } finally {
            release(slots.size());
        }
    }

    /** Makes the steps that the epoch still lacks; gives a reason if not all of them were made. */
    private Optional<Ending> restOfEpoch(Batches data, Fit fit, FitProgress progress) {
        int taken = sums.steps();
        if (taken == 0) {
            carry.reset();
        }
        for (Batch batch : data.epoch(epochs, taken)) {
            if (isHalted()) {
                return Optional.of(halt());
            }
            advance(batch.x(), batch.y(), ++taken, progress.rateFactor());
            StepReport report = report(batch.x(), batch.y());
            sums = sums.plus(report, loss.reduction(), lastTerms);
            for (int i = 0; i < fit.observers().size(); i++) {
                fit.observers().get(i).onStep(report);
            }
        }
        return Optional.empty();
    }

    private boolean isHalted() {
        return cancelled || Thread.currentThread().isInterrupted();
    }

    private Ending halt() {
        return cancelled ? Ending.CANCELLED : Ending.INTERRUPTED;
    }

    /** Carries the wish to end out of a measurement. */
    private static final class Halted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Halted() {
            super("the training was cancelled or interrupted", null, false, false);
        }
    }

    private void requireWanted() {
        if (isHalted()) {
            throw new Halted();
        }
    }

    private EpochReport endOfEpoch(Fit fit, FitProgress progress, long start) {
        double validation = Double.NaN;
        SequencedMap<String, Double> measured = new LinkedHashMap<>();
        if (fit.validation().isPresent()) {
            Dataset held = fit.validation().get();
            validation = Metrics.loss(model, loss, held.x(), held.y());
            fit.metrics().forEach((name, metric) -> {
                requireWanted();
                measured.put(name, measure(name, metric, held));
            });
        }
        double watched = fit.validation().isPresent() ? validation : sums.loss(loss.reduction());
        double seconds = (System.nanoTime() - start) * 1e-9;
        EpochReport report = new EpochReport(
                epochs + 1,
                sums.loss(loss.reduction()),
                sums.norm(),
                sums.rate(),
                sums.steps(),
                sums.examples(),
                seconds,
                validation,
                measured);
        progress.add(epochs + 1, watched, fit, options.plateau(), slots);
        epochs++;
        sums = EpochSums.NONE;
        return report;
    }

    private double measure(String name, Metric metric, Dataset held) {
        try {
            return metric.of(model, held.x(), held.y());
        } catch (NullPointerException e) { // most often of a lambda that gives null where a number is due
            NullPointerException named = new NullPointerException("metric '" + name + "': "
                    + (e.getMessage() == null ? "it threw a NullPointerException" : e.getMessage()));
            named.initCause(e);
            throw named;
        }
    }

    /**
     * Asks the fit that is under way, or else the next one, to end after its step. May be called from any thread, and
     * by an observer.
     */
    public void cancel() {
        cancelled = true;
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
     * Everything that is needed to continue from here, in this trainer or another: the model's parameters, what the
     * optimizer remembers, the counters, the place within an epoch, the key, the states that recurrent layers
     * carry, and an unfinished fit with its best epoch, patience and plateau. To be called between steps, as from an
     * observer.
     *
     * @return copies, which later steps leave alone
     * @throws IllegalStateException if a step is under way
     */
    public TrainingState state() {
        update.requireWhole();
        claim();
        try {
            return new TrainingState(copies(), text());
        } finally {
            release(slots.size());
        }
    }

    private SequencedMap<String, Tensor> copies() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Slot slot : slots) {
            tensors.put(slot.valueName(), slot.parameter().value().copy());
        }
        for (Slot slot : slots) {
            List<Tensor> memory = slot.memory();
            for (int i = 0; i < memory.size(); i++) {
                tensors.put(slot.memoryName(i), memory.get(i).copy());
            }
        }
        unfinished.ifPresent(progress -> progress.copyBest(tensors));
        tensors.putAll(carried());
        return tensors;
    }

    /** The states that are carried, by name, in the order of the names. */
    private SortedMap<String, Tensor> carried() {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        carry.states().forEach((layer, places) -> {
            String path = paths().get(layer);
            if (path == null) {
                throw new IllegalStateException("a state is carried for " + Layer.describe(layer) + ", which no layer"
                        + " lists among its children(), so there is no name to save it by");
            }
            for (int place = 0; place < places.size(); place++) {
                List<Tensor> parts = places.get(place).parts();
                for (int part = 0; part < parts.size(); part++) {
                    tensors.put(CARRY + path + "/" + place + "/" + part, parts.get(part));
                }
            }
        });
        return tensors;
    }

    /** Reads what {@link #carried} gave: all of it, or the problems are told. */
    private Map<Recurrent, List<Recurrent.State>> readCarried(TrainingState state, StateReader reader) {
        Map<Recurrent, List<Recurrent.State>> states = new IdentityHashMap<>();
        boolean wereCarried = Recipe.carries(state);
        if (wereCarried && !options.carrying()) {
            reader.skip(CARRY); // the difference is refused or accepted as one of the options
        }
        if (!wereCarried || !options.carrying()) {
            return states;
        }
        long found = 0;
        for (Map.Entry<Layer, String> entry : paths().entrySet()) {
            if (!(entry.getKey() instanceof Recurrent layer)) {
                continue;
            }
            List<Recurrent.State> places = new ArrayList<>();
            String prefix = CARRY + entry.getValue() + "/";
            while (state.tensors().containsKey(prefix + places.size() + "/0")) {
                Tensor first = state.tensors().get(prefix + places.size() + "/0");
                int rows = first.shape().rank() == 0 ? 0 : first.dim(0);
                List<Tensor> parts = new ArrayList<>();
                for (int size : layer.stateSizes()) {
                    String name = prefix + places.size() + "/" + parts.size();
                    Tensor part = reader.tensor(name, Shape.of(rows, size));
                    parts.add(part == null ? first : part); // a problem is told
                    found++;
                }
                places.add(new Recurrent.State(parts));
            }
            if (!places.isEmpty()) {
                states.put(layer, places);
            }
        }
        long expected = reader.count(CARRIED, Integer.MAX_VALUE);
        if (found != expected) {
            reader.problem(CARRIED, "is " + expected + ", but there are " + found + " tensors 'carry/...' for the"
                    + " recurrent layers of this model");
        }
        return states;
    }

    private SequencedMap<String, String> text() {
        SequencedMap<String, String> text = new LinkedHashMap<>();
        text.put(STEPS, "" + steps);
        text.put(EPOCHS, "" + epochs);
        sums.write(text);
        unfinished.ifPresent(progress -> progress.writeText(text));
        if (options.carrying()) {
            text.put(CARRIED, "" + carried().size());
        }
        text.put(OPTIMIZER, kinds());
        recipe().write(text);
        return text;
    }

    private Recipe recipe() {
        return new Recipe(model, loss, optimizer, slots, key, options);
    }

    /** What must be the same for the tensors that the rules remember to mean the same. */
    private String kinds() {
        return slots.stream()
                .map(Slot::kind)
                .filter(kind -> !kind.isEmpty())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /**
     * Continues from a state. The trainer has to be made as the one that gave it: of a model that is built alike, with
     * the same loss, optimizer, key and options. Then it continues as if it had never stopped, bit for bit. A
     * difference is refused unless it is accepted; with an accepted difference the trainer continues with its own, such
     * as another learning rate. An unfinished fit comes with the state, and the {@linkplain #fit(Batches, Fit) same
     * call} of fit continues it.
     *
     * @param state what {@link #state} gave; copied
     * @param accepted the parts that may differ; none as a rule
     * @throws IllegalArgumentException if a tensor is missing, of another shape, not finite, or one too many, a number
     *     is missing or malformed, the optimizer is of another kind, or a part differs that is not accepted; the
     *     message lists all of it, and nothing has changed
     * @throws IllegalStateException if a step or a fit of this trainer is under way, or the model is being trained by
     *     another trainer; nothing has changed then
     * @throws NullPointerException if an argument is null
     */
    public void restore(TrainingState state, Difference... accepted) {
        Objects.requireNonNull(state, "state");
        Set<Difference> set = EnumSet.noneOf(Difference.class);
        set.addAll(Arrays.asList(accepted));
        enter("restore");
        try {
            restore(state, new StateReader(state, set));
        } finally {
            leave();
        }
    }

    private void restore(TrainingState state, StateReader reader) {
        Map<Tensor, Tensor> copies = new IdentityHashMap<>(); // to, from
        String kind = reader.text(OPTIMIZER);
        if (!kind.isEmpty() && !kind.equals(kinds())) {
            reader.problem(OPTIMIZER, "is " + kind + "; this trainer has " + Description.of(optimizer));
        }
        for (Slot slot : slots) {
            Tensor value = slot.parameter().value();
            copies.put(value, reader.tensor(slot.valueName(), value.shape()));
            List<Tensor> memory = slot.memory();
            for (int i = 0; i < memory.size(); i++) {
                Tensor part = memory.get(i);
                copies.put(part, reader.tensor(slot.memoryName(i), part.shape()));
            }
        }
        long restoredSteps = reader.count(STEPS, Long.MAX_VALUE - 1);
        int restoredEpochs = (int) reader.count(EPOCHS, Integer.MAX_VALUE - 1);
        EpochSums restoredSums = EpochSums.read(reader);
        Optional<FitProgress> restoredFit = FitProgress.read(reader, slots);
        Map<Recurrent, List<Recurrent.State>> restoredStates = readCarried(state, reader);
        recipe().compare(reader);
        reader.requireFit();
        claim();
        try {
            carry.restore(restoredStates); // first: the rest cannot fail
            copies.forEach(Tensor::copyFrom);
            steps = restoredSteps;
            epochs = restoredEpochs;
            sums = restoredSums;
            unfinished = restoredFit;
            update.becomeWhole();
        } finally {
            release(slots.size());
        }
    }

    /** Names the model, the loss, the optimizer, and how far training is. */
    @Override
    public String toString() {
        return "Trainer of " + Description.of(model) + " (loss " + Description.of(loss) + ", optimizer "
                + Description.of(optimizer) + ") after " + steps + (steps == 1 ? " step" : " steps") + " and " + epochs
                + (epochs == 1 ? " epoch" : " epochs");
    }
}
