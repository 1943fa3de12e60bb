package nn.examples.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import nn.examples.numeric.Statistics;

/**
 * The outcomes of one setting over its seeds. A margin is half of a 95 % interval of the mean by Student's t; 0 for a
 * single seed.
 *
 * @param setting the coordinates
 * @param seeds the number of seeds
 * @param accuracy mean share of test examples classified correctly
 * @param accuracyMargin its margin
 * @param loss mean of the last losses; infinite if a seed diverged
 * @param lossMargin its margin; NaN if a seed diverged
 * @param diverged the number of seeds that diverged
 * @param difference the accuracy compared with that of the first scheme; empty for the first scheme itself, and where
 *     the first scheme has no trials of these coordinates
 */
public record Summary(
        Setting setting,
        int seeds,
        double accuracy,
        double accuracyMargin,
        double loss,
        double lossMargin,
        int diverged,
        Optional<Difference> difference) {
    /**
     * A difference of accuracies by pairs of one seed, which saw the same data in the same order.
     *
     * @param mean of this scheme minus the first one
     * @param margin half of the 95 % interval
     */
    public record Difference(double mean, double margin) {}

    /**
     * Summarizes the trials by setting.
     *
     * @param trials of a grid, in its order
     * @param outcomes one for each trial, and perhaps others
     * @return one for each setting, in the order of the trials
     */
    public static List<Summary> of(List<Trial> trials, Map<Trial, Outcome> outcomes) {
        Map<Setting, List<Trial>> bySetting = new LinkedHashMap<>();
        for (Trial trial : trials) {
            bySetting.computeIfAbsent(trial.setting(), s -> new ArrayList<>()).add(trial);
        }
        String first = trials.getFirst().setting().scheme();
        List<Summary> summaries = new ArrayList<>();
        bySetting.forEach((setting, own) -> {
            double[] accuracy = values(own, outcomes, Outcome::accuracy);
            double[] loss = values(own, outcomes, Outcome::loss);
            Optional<Difference> difference = Optional.empty();
            List<Trial> other = bySetting.get(new Setting(
                    first, setting.gain(), setting.depth(), setting.width(), setting.activation(), setting.rate()));
            if (other != null && !setting.scheme().equals(first)) {
                difference = Optional.of(difference(accuracy, values(other, outcomes, Outcome::accuracy)));
            }
            summaries.add(new Summary(
                    setting,
                    own.size(),
                    Statistics.mean(accuracy),
                    Statistics.margin(accuracy),
                    Statistics.mean(loss),
                    Statistics.margin(loss),
                    (int) own.stream().filter(t -> outcomes.get(t).diverged()).count(),
                    difference));
        });
        return summaries;
    }

    private static double[] values(List<Trial> trials, Map<Trial, Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return trials.stream().map(outcomes::get).mapToDouble(value).toArray();
    }

    /** Compares trials in the order of the same seeds. */
    private static Difference difference(double[] own, double[] first) {
        double[] differences = new double[own.length];
        for (int i = 0; i < own.length; i++) {
            differences[i] = own[i] - first[i];
        }
        return new Difference(Statistics.mean(differences), Statistics.margin(differences));
    }
}
