package nn.examples.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.tensor.Key;

/**
 * The values of each coordinate. All their combinations are the settings of a sweep.
 *
 * @param schemes of the hidden weights
 * @param gains factors for those weights
 * @param depths numbers of hidden layers
 * @param widths units of a hidden layer
 * @param activations names of nonlinearities
 * @param rates learning rates
 * @param seeds of each setting
 */
public record Grid(
        List<String> schemes,
        List<Double> gains,
        List<Integer> depths,
        List<Integer> widths,
        List<String> activations,
        List<Double> rates,
        List<Long> seeds) {
    /** The most trials of a sweep. */
    public static final int MOST = 1_000_000;

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a list is empty or has a value twice, or there are more than {@link #MOST}
     *     combinations
     */
    public Grid {
        schemes = values("schemes", schemes);
        gains = values("gains", gains);
        depths = values("depths", depths);
        widths = values("widths", widths);
        activations = values("activations", activations);
        rates = values("rates", rates);
        seeds = values("seeds", seeds);
        double trials = 1;
        for (List<?> list : List.of(schemes, gains, depths, widths, activations, rates, seeds)) {
            trials *= list.size();
        }
        if (trials > MOST) {
            throw new IllegalArgumentException(
                    "the grid has more than " + MOST + " trials; give fewer values of some coordinates");
        }
    }

    private static <T> List<T> values(String name, List<T> list) {
        if (list.isEmpty() || list.stream().distinct().count() < list.size()) {
            throw new IllegalArgumentException(
                    "the " + name + " of a grid are " + list + "; give at least one, and each once");
        }
        return List.copyOf(list);
    }

    /**
     * Returns all settings, the last coordinate changing fastest.
     *
     * @return one for each combination, in a fixed order
     * @throws IllegalArgumentException if a value is out of its range
     */
    public List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        for (String scheme : schemes) {
            for (String activation : activations) {
                for (int width : widths) {
                    for (double rate : rates) {
                        for (int depth : depths) {
                            for (double gain : gains) {
                                settings.add(new Setting(scheme, gain, depth, width, activation, rate));
                            }
                        }
                    }
                }
            }
        }
        return settings;
    }

    /**
     * Returns some of the settings, drawn at random, each at most once.
     *
     * @param n how many, 1 or more; all if there are fewer
     * @param key names the choice
     * @return in the order of {@link #settings}
     */
    public List<Setting> settings(int n, Key key) {
        List<Setting> all = settings();
        int[] order = key.permutation(all.size());
        return Arrays.stream(order, 0, Math.min(n, order.length))
                .sorted()
                .mapToObj(all::get)
                .toList();
    }

    /**
     * Returns the trials of some settings.
     *
     * @param settings of this grid
     * @return one for each setting and seed, the seeds of a setting next to each other
     */
    public List<Trial> trials(List<Setting> settings) {
        return settings.stream()
                .flatMap(setting -> seeds.stream().map(seed -> new Trial(setting, seed)))
                .toList();
    }
}
