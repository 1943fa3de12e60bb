package nn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Report of one epoch: one pass over the data.
 *
 * @param epoch its number in this trainer, from 1
 * @param loss the loss of all its examples, a mean or a sum over them as the {@linkplain nn.train.loss.Loss#reduction
 *     loss says}; of each batch before its own step
 * @param gradientNorm mean of the steps' gradient norms
 * @param rate the learning rate of its last step
 * @param steps the number of steps
 * @param examples the number of examples seen
 * @param seconds what it took, observers and validation included; only since it was continued, if it was broken off
 * @param validationLoss the loss of all validation data after it, a mean or a sum over them likewise; NaN if there are
 *     none
 * @param metrics what else was measured on the validation data, by name
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
        SequencedMap<String, Double> metrics) {
    /**
     * Keeps a copy of the metrics.
     *
     * @throws IllegalArgumentException if the name of a metric is blank or that of a column of {@link History}
     * @throws NullPointerException if the metrics, one's name or its value is null
     */
    public EpochReport {
        Objects.requireNonNull(metrics, "metrics");
        metrics.forEach((name, value) -> {
            History.requireMetricName(Objects.requireNonNull(name, "a metric's name"));
            Objects.requireNonNull(value, () -> "the value of metric '" + name + "'");
        });
        metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    }
}
