package nn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Report of one epoch: one pass over the data.
 *
 * @param epoch its number in this trainer, from 1
 * @param loss the loss of all its examples, a mean or a sum by the loss's {@linkplain nn.train.loss.Loss#reduction
 *     reduction}; each batch is measured before its own update
 * @param gradientNorm mean of the steps' gradient norms
 * @param rate the learning rate of its last step
 * @param steps the number of steps
 * @param examples the number of examples
 * @param seconds its duration, with observers and validation; if it was resumed, since then
 * @param validationLoss the loss of all validation data after the epoch, by the same reduction; NaN if there are none
 * @param metrics the metrics of the validation data, by name
 * @param observations what {@linkplain TrainingObserver#observations observers} have measured in this epoch, by name
 */
public record EpochReport(
        int epoch,
        double loss,
        double gradientNorm,
        double rate,
        int steps,
        long examples,
        double seconds,
        double validationLoss,
        SequencedMap<String, Double> metrics,
        SequencedMap<String, Double> observations) {
    /**
     * Keeps copies of the maps.
     *
     * @throws IllegalArgumentException if the name of a metric or observation is blank or names a column of {@link
     *     History}
     * @throws NullPointerException if a map, or a name or value in it, is null
     */
    public EpochReport {
        metrics = copy("metric", Objects.requireNonNull(metrics, "metrics"));
        observations = copy("observation", Objects.requireNonNull(observations, "observations"));
    }

    private static SequencedMap<String, Double> copy(String what, SequencedMap<String, Double> numbers) {
        numbers.forEach((name, value) -> {
            String article = what.startsWith("o") ? "an " : "a ";
            History.requireName(article + what, Objects.requireNonNull(name, () -> article + what + "'s name"));
            Objects.requireNonNull(value, () -> "the value of " + what + " '" + name + "'");
        });
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(numbers));
    }
}
