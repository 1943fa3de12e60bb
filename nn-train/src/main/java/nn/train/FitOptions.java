package nn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import nn.train.data.Dataset;
import nn.train.internal.InputChecks;
import nn.train.metric.Metric;
import nn.train.metric.Monitor;

/**
 * Options of a {@link Trainer#fit(nn.train.data.Batches, FitOptions) fit}.
 *
 * <pre>{@code
 * FitOptions.epochs(100).validation(split.test()).metric("accuracy", Metrics::accuracy).patience(10).keepBest()
 * }</pre>
 *
 * @param epochs the most passes over the data, 1 or more; a resumed fit counts those before it was interrupted
 * @param validation data on which the loss is measured after every epoch; not trained on
 * @param metrics further measures of the validation data, by name
 * @param earlyStopping compares epochs, and stops after some that are not better
 * @param endsWithBest whether the model ends with the parameters of its best epoch
 * @param validatesAverage whether epochs are measured and kept with the averaged weights
 * @param observers called after every step and epoch
 */
public record FitOptions(
        int epochs,
        Optional<Dataset> validation,
        SequencedMap<String, Metric> metrics,
        EarlyStopping earlyStopping,
        boolean endsWithBest,
        boolean validatesAverage,
        List<TrainingObserver> observers) {
    /**
     * Checks the arguments, and keeps copies.
     *
     * @throws IllegalArgumentException if {@code epochs} is below 1, the validation data are empty or have a value that
     *     is not finite, there are metrics but no validation data, the name of a metric is blank or names a column of
     *     {@link History}, or the monitored metric is not measured
     * @throws NullPointerException if an argument, a metric or an observer is null
     */
    public FitOptions {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + "; it must be 1 or more");
        }
        Objects.requireNonNull(earlyStopping, "earlyStopping");
        Objects.requireNonNull(validation, "validation");
        validation.ifPresent(data -> {
            InputChecks.requireUsable("x of the validation data", data.x());
            InputChecks.requireUsable("y of the validation data", data.y());
        });
        SequencedMap<String, Metric> copy = new LinkedHashMap<>();
        Objects.requireNonNull(metrics, "metrics").forEach((name, metric) -> {
            History.requireName("a metric", Objects.requireNonNull(name, "a metric's name"));
            copy.put(name, Objects.requireNonNull(metric, "metric '" + name + "'"));
        });
        metrics = Collections.unmodifiableSequencedMap(copy);
        if (!metrics.isEmpty() && validation.isEmpty()) {
            throw new IllegalArgumentException("metrics " + metrics.keySet()
                    + " without validation data to measure them on; call validation(data) first");
        }
        requireMeasured("early stopping", earlyStopping.monitor(), metrics);
        Objects.requireNonNull(observers, "observers").forEach(o -> Objects.requireNonNull(o, "an observer"));
        observers = List.copyOf(observers);
    }

    /** Refuses a monitor of a metric that is not measured. */
    static void requireMeasured(String user, Monitor monitor, SequencedMap<String, Metric> metrics) {
        if (!monitor.isLoss() && !metrics.containsKey(monitor.quantity())) {
            throw new IllegalArgumentException(user + " monitors the " + monitor + ", but "
                    + (metrics.isEmpty() ? "no metric is measured" : "only " + metrics.keySet() + " are measured")
                    + "; call metric(\"" + monitor.quantity() + "\", ...) first");
        }
    }

    /**
     * Returns options with a number of epochs and the defaults of all others.
     *
     * @param epochs the number, 1 or more
     * @return the options
     * @throws IllegalArgumentException if it is below 1
     */
    public static FitOptions epochs(int epochs) {
        return new FitOptions(
                epochs, Optional.empty(), new LinkedHashMap<>(), EarlyStopping.NONE, false, false, List.of());
    }

    /**
     * Returns a copy that measures the loss on validation data after every epoch. Early stopping, {@link #keepBest} and
     * a {@link nn.train.schedule.Plateau} that monitor the loss then use the validation loss.
     *
     * @param data not trained on
     * @return the copy
     * @throws IllegalArgumentException if the data are empty or have a value that is not finite
     */
    public FitOptions validation(Dataset data) {
        Optional<Dataset> given = Optional.of(Objects.requireNonNull(data, "validation data"));
        return new FitOptions(epochs, given, metrics, earlyStopping, endsWithBest, validatesAverage, observers);
    }

    /**
     * Returns a copy that also measures a metric on the validation data.
     *
     * @param name its column in the {@link History}: not blank, not used by another metric, and not the name of a
     *     column that every history has, such as {@code loss}
     * @param metric the measure
     * @return the copy
     * @throws IllegalArgumentException if the name is refused, or there are no validation data yet
     */
    public FitOptions metric(String name, Metric metric) {
        SequencedMap<String, Metric> more = new LinkedHashMap<>(metrics);
        if (more.put(name, metric) != null) {
            throw new IllegalArgumentException("metric '" + name + "' was added before; give each metric another name");
        }
        return new FitOptions(epochs, validation, more, earlyStopping, endsWithBest, validatesAverage, observers);
    }

    /**
     * Returns a copy that stops after some epochs in a row whose loss is not better than the best loss before: {@link
     * #earlyStopping(EarlyStopping)} with {@link EarlyStopping#of}.
     *
     * @param epochs the number of epochs, 1 or more; 0 for no early stop
     * @return the copy
     * @throws IllegalArgumentException if it is negative
     */
    public FitOptions patience(int epochs) {
        return earlyStopping(EarlyStopping.of(epochs));
    }

    /**
     * Returns a copy that stops early by a rule.
     *
     * @param rule compares epochs by the loss or a metric
     * @return the copy
     * @throws IllegalArgumentException if it monitors a metric that is not measured
     */
    public FitOptions earlyStopping(EarlyStopping rule) {
        return new FitOptions(epochs, validation, metrics, rule, endsWithBest, validatesAverage, observers);
    }

    /**
     * Returns a copy that ends with the parameters of the best epoch, when all epochs are done or patience has run out.
     * A fit that is cancelled or interrupted keeps them in the trainer's state and leaves the model as it is, so that
     * the same call of fit can resume it.
     *
     * @return the copy
     */
    public FitOptions keepBest() {
        return new FitOptions(epochs, validation, metrics, earlyStopping, true, validatesAverage, observers);
    }

    /**
     * Returns a copy that measures the validation data with the {@linkplain Averaging averaged} weights, once there are
     * some, and whose best epoch is that of the best average: {@link #keepBest} ends with the averaged weights of that
     * epoch. The training loss is that of the weights themselves.
     *
     * @return the copy, for a trainer with {@link TrainerOptions#averaging}
     */
    public FitOptions validateAverage() {
        return new FitOptions(epochs, validation, metrics, earlyStopping, endsWithBest, true, observers);
    }

    /**
     * Returns a copy with more observers.
     *
     * @param more called after the present ones
     * @return the copy
     */
    public FitOptions observers(TrainingObserver... more) {
        List<TrainingObserver> all = new ArrayList<>(observers);
        all.addAll(Arrays.asList(Objects.requireNonNull(more, "observers")));
        return new FitOptions(epochs, validation, metrics, earlyStopping, endsWithBest, validatesAverage, all);
    }
}
