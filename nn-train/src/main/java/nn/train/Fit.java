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
import nn.train.internal.Data;
import nn.train.internal.Hyper;
import nn.train.metric.Metric;

/**
 * What a {@link Trainer#fit(nn.train.data.Batches, Fit)} is to do.
 *
 * <pre>{@code
 * Fit.epochs(100).validation(split.test()).metric("accuracy", Metrics::accuracy).patience(10).keepBest()
 * }</pre>
 *
 * @param epochs how many passes over the data at most, 1 or more; with those before it was broken off, if it was
 * @param validation data to measure the loss on after every epoch; not learned from
 * @param metrics what else to measure on the validation data, by name
 * @param patience after how many epochs in a row that are not better to stop; 0 for never
 * @param minDelta a better epoch has a loss that is lower than the best one by more than this, 0 or more
 * @param endsWithBest whether the model ends with the parameters of its best epoch
 * @param observers called after every step and epoch
 */
public record Fit(
        int epochs,
        Optional<Dataset> validation,
        SequencedMap<String, Metric> metrics,
        int patience,
        double minDelta,
        boolean endsWithBest,
        List<TrainingObserver> observers) {
    /**
     * Checks the arguments, and keeps copies.
     *
     * @throws IllegalArgumentException if {@code epochs} is below 1, {@code patience} is negative, {@code minDelta} is
     *     negative, NaN or infinite, the validation data are empty or have a value that is not finite, there are
     *     metrics but no validation data, or the name of a metric is blank or that of a column of {@link History}
     * @throws NullPointerException if an argument, a metric or an observer is null
     */
    public Fit {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + "; it must be 1 or more");
        }
        if (patience < 0) {
            throw new IllegalArgumentException("patience is " + patience + "; it must be 1 or more, or 0 for none");
        }
        Hyper.requireNonNegativeDouble("Fit", "minDelta", minDelta);
        Objects.requireNonNull(validation, "validation");
        validation.ifPresent(data -> {
            Data.requireUsable("x of the validation data", data.x());
            Data.requireUsable("y of the validation data", data.y());
        });
        SequencedMap<String, Metric> copy = new LinkedHashMap<>();
        Objects.requireNonNull(metrics, "metrics").forEach((name, metric) -> {
            History.requireMetricName(Objects.requireNonNull(name, "a metric's name"));
            copy.put(name, Objects.requireNonNull(metric, "metric '" + name + "'"));
        });
        metrics = Collections.unmodifiableSequencedMap(copy);
        if (!metrics.isEmpty() && validation.isEmpty()) {
            throw new IllegalArgumentException("metrics " + metrics.keySet()
                    + " without validation data to measure them on; call validation(data) first");
        }
        Objects.requireNonNull(observers, "observers").forEach(o -> Objects.requireNonNull(o, "an observer"));
        observers = List.copyOf(observers);
    }

    /**
     * Some epochs, and nothing else.
     *
     * @param epochs how many, 1 or more
     * @return the fit
     * @throws IllegalArgumentException if it is below 1
     */
    public static Fit epochs(int epochs) {
        return new Fit(epochs, Optional.empty(), new LinkedHashMap<>(), 0, 0, false, List.of());
    }

    /**
     * This, measuring the loss on other data after every epoch. What is said of the loss of an epoch ({@link
     * #patience}, {@link #keepBest}, {@link nn.train.schedule.Plateau}) is then said of that.
     *
     * @param data not learned from
     * @return a changed copy
     * @throws IllegalArgumentException if the data are empty or have a value that is not finite
     */
    public Fit validation(Dataset data) {
        Optional<Dataset> given = Optional.of(Objects.requireNonNull(data, "validation data"));
        return new Fit(epochs, given, metrics, patience, minDelta, endsWithBest, observers);
    }

    /**
     * This, measuring something else on the validation data, too.
     *
     * @param name its column in the {@link History}: not blank, not used by another metric, and not the name of a
     *     column that a history has anyway, such as {@code loss}
     * @param metric what to measure
     * @return a changed copy
     * @throws IllegalArgumentException if the name is refused, or there are no validation data yet
     */
    public Fit metric(String name, Metric metric) {
        SequencedMap<String, Metric> more = new LinkedHashMap<>(metrics);
        if (more.put(name, metric) != null) {
            throw new IllegalArgumentException("metric '" + name + "' was added before; give each a name of its own");
        }
        return new Fit(epochs, validation, more, patience, minDelta, endsWithBest, observers);
    }

    /**
     * This, stopping early.
     *
     * @param epochs after how many in a row that are not better, 1 or more; 0 for never
     * @return a changed copy
     * @throws IllegalArgumentException if it is negative
     */
    public Fit patience(int epochs) {
        return new Fit(this.epochs, validation, metrics, epochs, minDelta, endsWithBest, observers);
    }

    /**
     * This, counting an epoch as better only if it is so by a margin.
     *
     * @param minDelta 0 or more
     * @return a changed copy
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public Fit minDelta(double minDelta) {
        return new Fit(epochs, validation, metrics, patience, minDelta, endsWithBest, observers);
    }

    /**
     * This, leaving the model with the parameters of its best epoch, when all epochs are done or patience has run out.
     * A fit that is cancelled or interrupted stores them in the trainer's state and leaves the model as it is, so that
     * the same call of fit can continue.
     *
     * @return a changed copy
     */
    public Fit keepBest() {
        return new Fit(epochs, validation, metrics, patience, minDelta, true, observers);
    }

    /**
     * This, watched.
     *
     * @param more called after those there are
     * @return a changed copy
     */
    public Fit observers(TrainingObserver... more) {
        List<TrainingObserver> all = new ArrayList<>(observers);
        all.addAll(Arrays.asList(Objects.requireNonNull(more, "observers")));
        return new Fit(epochs, validation, metrics, patience, minDelta, endsWithBest, all);
    }
}
