package nn.examples.sweep;

import java.io.Serializable;
import java.util.Objects;
import nn.tensor.Key;

/**
 * One short training: a setting and a seed. The keys follow from these coordinates. Seeds are paired: the split of the
 * data and the order of the batches depend on the seed alone, so that all settings of a seed see the same data in the
 * same order.
 *
 * @param setting the network, its weights and the rate
 * @param seed names the randomness
 */
public record Trial(Setting setting, long seed) implements Serializable {
    /** Checks that there is a setting. */
    public Trial {
        Objects.requireNonNull(setting, "setting");
    }

    /**
     * Returns the key of the data: for the split into training and test part, and for the order of the batches.
     *
     * @return the same for all settings of a seed
     */
    public Key data() {
        return Key.of(seed).child("data");
    }

    /**
     * Returns the key of the first weights.
     *
     * @return another one for each setting and seed
     */
    public Key weights() {
        return Key.of(seed).child("weights").child(setting.toString());
    }

    /** Returns the coordinates in one line. */
    @Override
    public String toString() {
        return setting + ", seed " + seed;
    }
}
