package nn.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.tensor.Description;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.internal.Refusal;
import nn.train.loss.Loss;
import nn.train.metric.Metric;
import nn.train.metric.Metrics;

/** Runs or resumes the epochs of a fit: their steps, the validation and the comparison of epochs. */
final class EpochLoop {
    private final Layer model;
    private final Loss loss;
    private final TrainerOptions options;
    private final TrainingStep step;
    private final Cancellation cancellation;
    private final List<TrainingObserver> events; // of the trainer, in every fit
    private List<TrainingObserver> observers = List.of(); // of the current fit
    private int epochs;
    private EpochTotals totals = EpochTotals.NONE; // of the current epoch
    private Optional<FitProgress> unfinished = Optional.empty(); // the current fit, or one that can be resumed

    EpochLoop(
            Layer model,
            Loss loss,
            TrainerOptions options,
            TrainingStep step,
            Cancellation cancellation,
            List<TrainingObserver> events) {
        this.model = model;
        this.loss = loss;
        this.options = options;
        this.step = step;
        this.cancellation = cancellation;
        this.events = events;
    }

    int epochs() {
        return epochs;
    }

    EpochTotals totals() {
        return totals;
    }

    Optional<FitProgress> unfinished() {
        return unfinished;
    }

    /** Sets the position from which to resume. */
    void restore(int restoredEpochs, EpochTotals restoredTotals, Optional<FitProgress> restoredFit) {
        epochs = restoredEpochs;
        totals = restoredTotals;
        unfinished = restoredFit;
    }

    /** Discards the unfinished fit, and the rest of its epoch. */
    void abandon() {
        unfinished = Optional.empty();
        totals = EpochTotals.NONE;
        step.average().nextEpoch();
    }

    /** Runs a fit, or resumes the unfinished one if that is the same. */
    History run(Batches data, FitOptions fit) {
        FitProgress progress = resumed(FitProgress.of(data, fit, options.plateau(), step.parameters()));
        unfinished = Optional.of(progress);
        observers = Stream.concat(events.stream(), fit.observers().stream()).toList();
        try {
            int left = fit.epochs() - progress.epochs();
            observers.forEach(o -> o.onStart(left, data.perEpoch(), totals.steps()));
            History history = epochs(data, fit, progress);
            tellEnd(observers, history);
            return history;
        } finally {
            observers = List.of();
        }
    }

    /** Tells every observer, even if one throws: another one may save the state. */
    private static void tellEnd(List<TrainingObserver> observers, History history) {
        RuntimeException first = null;
        for (TrainingObserver observer : observers) {
            try {
                observer.onEnd(history);
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else if (first != e) {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Returns the unfinished fit if it equals the requested one; else the latter, unless results would be lost. */
    private FitProgress resumed(FitProgress requested) {
        if (unfinished.isEmpty()) {
            return requested;
        }
        FitProgress before = unfinished.get();
        if (before.differences(requested).isEmpty()) {
            return before;
        }
        List<String> batches = totals.steps() > 0 ? before.batchDifferences(requested) : List.of();
        if (before.hasCompared(options) || !batches.isEmpty()) {
            throw new IllegalArgumentException("another fit is unfinished, after " + before + " and " + totals.steps()
                    + " steps of the next, and nothing was changed:\n  "
                    + String.join("\n  ", before.hasCompared(options) ? before.differences(requested) : batches)
                    + "\nCall fit as before to finish it, or call abandonFit() first, which discards the rest of its"
                    + " epoch and its best epoch, patience and plateau");
        }
        return requested;
    }

    private History epochs(Batches data, FitOptions fit, FitProgress progress) {
        List<EpochReport> reports = new ArrayList<>();
        while (progress.epochs() < fit.epochs() && !progress.isOutOfPatience(fit)) {
            long start = System.nanoTime();
            Optional<EpochReport> report = restOfEpoch(data, fit, progress)
                    ? cancellation.unlessRequested(() -> endOfEpoch(fit, progress, start))
                    : Optional.empty();
            if (report.isEmpty()) {
                return new History(reports, cancellation.reason());
            }
            reports.add(report.get());
            observers.forEach(o -> o.onEpoch(report.get()));
        }
        restoreBest(progress);
        unfinished = Optional.empty();
        return new History(reports, progress.isOutOfPatience(fit) ? StopReason.STOPPED_EARLY : StopReason.COMPLETED);
    }

    private void restoreBest(FitProgress progress) {
        step.lock().claim();
        try {
            progress.restoreBest(step.parameters());
        } finally {
            step.lock().release();
        }
    }

    /** Runs the remaining steps of the epoch; returns false if the fit was cancelled before the last of them. */
    private boolean restOfEpoch(Batches data, FitOptions fit, FitProgress progress) {
        int done = totals.steps();
        if (done == 0) {
            step.carry().reset();
        }
        for (Batch batch : data.epoch(epochs, done)) {
            if (cancellation.isRequested()) {
                return false;
            }
            done++;
            try {
                step.run(batch.x(), batch.y(), done, epochs, progress.rateFactor(), observers);
            } catch (IllegalArgumentException e) { // its rows are those of the batch
                throw Refusal.about("batch " + done + " of epoch " + (epochs + 1) + ": ", e);
            }
            StepReport report = step.report(batch.x(), batch.y());
            totals = totals.plus(report, loss.reduction(), step.lastTerms());
            for (int i = 0; step.lastTerms() > 0 && i < observers.size(); i++) {
                observers.get(i).onStep(report);
            }
        }
        if (totals.terms() == 0) {
            throw new IllegalArgumentException("epoch " + (epochs + 1) + ": in none of its " + totals.steps()
                    + " batches is there a row that counts, by the terms() of the loss " + Description.of(loss)
                    + ", so there is nothing to learn from; are all rows ignored, or of weight 0?");
        }
        return true;
    }

    private EpochReport endOfEpoch(FitOptions fit, FitProgress progress, long start) {
        step.average().afterEpoch(epochs + 1);
        boolean averaged = fit.validatesAverage() && step.average().exists();
        Validated validated = averaged ? step.withAverage(() -> validated(fit)) : validated(fit);
        double seconds = (System.nanoTime() - start) * 1e-9;
        EpochReport report = new EpochReport(
                epochs + 1,
                totals.loss(loss.reduction()),
                totals.norm(),
                totals.rate(),
                totals.steps(),
                totals.examples(),
                seconds,
                validated.loss(),
                validated.metrics(),
                observations(observers));
        if (averaged) { // so that it is the average that a best epoch keeps
            step.withAverage(() -> compare(report, fit, progress));
        } else {
            compare(report, fit, progress);
        }
        epochs++;
        totals = EpochTotals.NONE;
        step.average().nextEpoch();
        return report;
    }

    private FitProgress compare(EpochReport report, FitOptions fit, FitProgress progress) {
        progress.add(report, fit, options.plateau(), step.parameters());
        return progress;
    }

    /** What was measured on the validation data; NaN and nothing without such data. */
    private record Validated(double loss, SequencedMap<String, Double> metrics) {}

    private Validated validated(FitOptions fit) {
        double validation = Double.NaN;
        SequencedMap<String, Double> measured = new LinkedHashMap<>();
        if (fit.validation().isPresent()) {
            Dataset held = fit.validation().get();
            String before = options.debug() ? held.fingerprint() : "";
            validation = onValidation("", () -> Metrics.loss(model, loss, held.x(), held.y()));
            requireUnchanged(held, before, "the loss, or a layer of the model");
            fit.metrics().forEach((name, metric) -> {
                cancellation.check();
                measured.put(name, measure(name, metric, held));
                requireUnchanged(held, before, "metric '" + name + "'");
            });
        }
        return new Validated(validation, measured);
    }

    private static SequencedMap<String, Double> observations(List<TrainingObserver> observers) {
        SequencedMap<String, Double> all = new LinkedHashMap<>();
        for (TrainingObserver observer : observers) {
            observer.observations().forEach((name, value) -> {
                if (all.put(name, value) != null) {
                    throw new IllegalStateException("two observers measure '" + name + "', and the history has one"
                            + " column of that name: let one of them use another");
                }
            });
        }
        return all;
    }

    /** In debug mode only: it takes a hash of all values. */
    private void requireUnchanged(Dataset held, String before, String who) {
        if (options.debug() && !held.fingerprint().equals(before)) {
            throw new IllegalStateException(
                    who + " has changed the validation data; let it write into a copy() of the tensor that it gets");
        }
    }

    /** Says in a refusal that it is not about the training data, which has rows of the same numbers. */
    private static double onValidation(String who, DoubleSupplier measurement) {
        try {
            return measurement.getAsDouble();
        } catch (IllegalArgumentException e) {
            throw Refusal.about("the validation data: " + who, e);
        }
    }

    private double measure(String name, Metric metric, Dataset held) {
        try {
            return onValidation("metric '" + name + "': ", () -> metric.of(model, held.x(), held.y()));
        } catch (NullPointerException e) { // most often from a lambda that returns null
            NullPointerException named = new NullPointerException("metric '" + name + "': "
                    + (e.getMessage() == null ? "it threw a NullPointerException" : e.getMessage()));
            named.initCause(e);
            throw named;
        }
    }
}
