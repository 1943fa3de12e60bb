package nn.train;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.ReleaseCheck;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxes;
import nn.train.internal.InputChecks;
import nn.train.internal.LayerPaths;
import nn.train.internal.ModelLock;
import nn.train.internal.pass.NonFiniteLocator;
import nn.train.internal.pass.NonFiniteValue;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Scratch;
import nn.train.optimizer.UpdateRule;

/**
 * Runs training steps: the passes, the checks, clipping and the update. A step happens as a whole or not at all.
 */
final class TrainingStep {
    private final Layer model;
    private final Optimizer optimizer;
    private final TrainerOptions options;
    private final Gradients gradients;
    private final List<TrainedParameter> parameters;
    private final OptimizerStep update;
    private final FrozenParameters frozen;
    private final AveragedWeights average;
    private final ModelLock lock;
    private final Carry carry = new Carry();
    private final BatchPasses passes;
    private final double largestRate; // of the optimizers of all parameters
    private final boolean penalized; // else the norms that were summed in the cache stay valid
    private BatchAxes axes; // of the model; during a fit, of its data
    private Map<Layer, String> paths = Map.of(); // of all layers; empty until they are needed
    private long steps;
    private double lastLoss; // of the last step, like the next two
    private double lastNorm;
    private double lastRate;
    private double lastTerms; // of the loss of the last step of a fit

    TrainingStep(Layer model, Loss loss, Optimizer optimizer, Key key, TrainerOptions options) {
        this.model = model;
        this.optimizer = optimizer;
        this.options = options;
        SequencedMap<String, Parameter> byPath = model.parametersByPath();
        if (byPath.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no parameters, so there is nothing to train; does its parameters() list them?");
        }
        this.axes = BatchAxes.of(model);
        this.gradients = new Gradients(List.copyOf(byPath.values()));
        optimizer.requireFits(byPath.entrySet().stream()
                .filter(entry -> entry.getValue().kind() != Parameter.Kind.STATISTIC)
                .map(Map.Entry::getKey)
                .toList());
        Scratch scratch = new Scratch();
        this.parameters = byPath.entrySet().stream()
                .map(entry -> TrainedParameter.of(entry.getKey(), entry.getValue(), gradients, optimizer, scratch))
                .toList();
        this.update = new OptimizerStep(parameters);
        this.frozen = new FrozenParameters(parameters, gradients);
        this.average = new AveragedWeights(options.averaging(), parameters);
        this.lock = new ModelLock(
                byPath,
                " by another trainer, or by this one on another thread; only one may train a"
                        + " model at a time, so give each its own model");
        this.passes = new BatchPasses(model, loss, key, options, gradients, carry);
        this.penalized = !(options.penalty() instanceof Penalty.Weights(double l1, double l2) && l1 == 0 && l2 == 0);
        double rate = 0; // a loop takes a millisecond less of a program's start than a stream, as in other constructors
        for (TrainedParameter parameter : parameters) {
            rate = Math.max(rate, parameter.rate());
        }
        this.largestRate = rate;
    }

    List<TrainedParameter> parameters() {
        return parameters;
    }

    OptimizerStep update() {
        return update;
    }

    FrozenParameters frozen() {
        return frozen;
    }

    AveragedWeights average() {
        return average;
    }

    ModelLock lock() {
        return lock;
    }

    Carry carry() {
        return carry;
    }

    long steps() {
        return steps;
    }

    /** Sets the number of steps done. */
    void restoreSteps(long number) {
        steps = number;
    }

    /** Sets the axes that count the examples of the next batches. */
    void setAxes(BatchAxes other) {
        axes = other;
    }

    /** Returns the terms of the loss of the last step of a fit. */
    double lastTerms() {
        return lastTerms;
    }

    /** Returns the paths of all layers. */
    Map<Layer, String> paths() {
        if (paths.isEmpty()) {
            paths = LayerPaths.of(model);
        }
        return paths;
    }

    /** Runs something while the model has the averaged weights. */
    <T, E extends Exception> T withAverage(Trainer.Work<T, E> work) throws E {
        lock.claim();
        average.lend();
        try {
            return work.run();
        } finally {
            average.takeBack();
            lock.release();
        }
    }

    /** Returns the rule of a parameter of the model. */
    UpdateRule rule(Parameter parameter) {
        Objects.requireNonNull(parameter, "parameter");
        return parameters.stream()
                .filter(trained -> trained.parameter() == parameter)
                .findFirst()
                .map(TrainedParameter::rule)
                .orElseThrow(() -> new IllegalArgumentException(
                        "parameter " + parameter + " is not in the model; pass one of its parametersByPath()"));
    }

    /** Returns the report of the last step. A small method, as {@link #run} is a large one. */
    StepReport report(Tensor x, Tensor y) {
        return new StepReport(steps, lastLoss, lastNorm, lastRate, axes.count(x, y));
    }

    /**
     * Runs a step, and leaves its results in the fields. One long method: C2 does not inline more than 325 bytes of
     * code, so {@link Trainer#step} stays small when it is compiled by itself, and is inlined into a loop that calls
     * it. There, a report that nobody keeps is no object.
     *
     * @param batch its number in the epoch, from 1; 0 if there is no epoch
     * @param epochs the number of epochs finished before
     * @param plateau the factor of the plateau
     * @param observers may look into the passes
     */
    void run(Tensor x, Tensor y, int batch, int epochs, double plateau, List<TrainingObserver> observers) {
        InputChecks.requireUsable("x", x);
        InputChecks.requireUsable("y", y);
        axes.requireSameCount(x, y);
        update.requireConsistent();
        frozen.requireSomeTrained();
        lock.claim();
        try {
            double factor = rateFactor(epochs, plateau);
            double terms = batch > 0 ? passes.terms(y) : 0;
            if (batch > 0 && terms == 0) {
                passBy(x, factor);
                return;
            }
            Context observed = observed(observers);
            double value;
            try {
                value = runPasses(x, y, options.debug() ? locator(observed) : observed);
            } catch (NonFiniteLocator.Found found) {
                NonFiniteValue finding = found.finding();
                throw new NonFiniteException(
                        steps + 1, batch, finding.quantity(), finding.value(), Optional.of(finding));
            }
            if (!Double.isFinite(value)) {
                throw new NonFiniteException(steps + 1, batch, "loss", value, locate(x, y));
            }
            addPenalties();
            double norm = gradients.norm();
            if (!areFinite(norm)) {
                throw badGradient(x, y, batch);
            }
            update.run(clip(norm), factor, steps + 1, batch);
            average.afterStep();
            steps++;
            if (options.carrying()) {
                carry.advance();
            }
            lastLoss = value;
            lastTerms = terms;
            lastNorm = norm;
            lastRate = optimizer.rate() * factor;
        } finally {
            lock.release();
        }
    }

    /** Counts a batch in which nothing is to be learned as a step, and carries states past it. */
    private void passBy(Tensor x, double factor) {
        if (options.carrying()) {
            passes.runForward(x, steps + 1, passes.context());
            carry.advance();
        }
        steps++;
        lastLoss = 0;
        lastTerms = 0;
        lastNorm = 0;
        lastRate = optimizer.rate() * factor;
    }

    /** Clips the gradients if an option says so, and returns a bound of their elements. */
    private double clip(double norm) {
        return options.clipping().isPresent() ? options.clipping().get().apply(gradients, norm) : norm;
    }

    /** Returns the factor by which the optimizer's rates are multiplied in the next step. */
    private double rateFactor(int epochs, double plateau) {
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

    private void addPenalties() {
        for (int i = 0; penalized && i < parameters.size(); i++) { // by index, which makes no iterator
            TrainedParameter trained = parameters.get(i);
            if (!trained.isStatistic() && !trained.isFrozen()) { // the change of a statistic is no gradient
                options.penalty().addTo(trained.parameter(), trained.gradient());
            }
        }
    }

    private double runPasses(Tensor x, Tensor y, Context context) {
        return passes.run(x, y, axes, steps + 1, context);
    }

    private Context observed(List<TrainingObserver> observers) {
        Context context = passes.context();
        for (int i = 0; i < observers.size(); i++) { // by index, which makes no iterator
            context = Objects.requireNonNull(observers.get(i).over(steps + 1, context), "the context of an observer");
        }
        return context;
    }

    private NonFiniteLocator locator(Context context) {
        return new NonFiniteLocator(new ReleaseCheck(context), paths());
    }

    /** Returns whether all gradients are finite. The norm covers all but the changes of statistics. */
    private boolean areFinite(double norm) {
        boolean finite = Double.isFinite(norm);
        for (int i = 0; i < parameters.size(); i++) {
            TrainedParameter trained = parameters.get(i);
            finite &= !trained.isStatistic() || trained.gradient().isFinite();
        }
        return finite;
    }

    /** Names the last parameter whose gradient is not finite: the backward pass reached it first. */
    private NonFiniteException badGradient(Tensor x, Tensor y, int batch) {
        for (TrainedParameter trained : parameters.reversed()) {
            if (!trained.isFrozen() && !trained.gradient().isFinite()) {
                String what =
                        (trained.isStatistic() ? "change of the statistic '" : "gradient of '") + trained.path() + "'";
                float value = trained.gradient().maxAbs();
                return new NonFiniteException(steps + 1, batch, what, value, locate(x, y));
            }
        }
        throw new IllegalStateException("the gradients' norm is not finite, but each of them is");
    }

    /** Repeats the passes of a failed step and checks every layer; with the same key they have the same bits. */
    private Optional<NonFiniteValue> locate(Tensor x, Tensor y) {
        try {
            runPasses(x, y, locator(passes.context()));
        } catch (NonFiniteLocator.Found found) {
            return Optional.of(found.finding());
        } catch (RuntimeException e) {
            return Optional.empty(); // the first failure is reported, with or without a layer
        }
        return Optional.empty();
    }
}
