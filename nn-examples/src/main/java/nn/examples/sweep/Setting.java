package nn.examples.sweep;

import java.io.Serializable;
import java.util.Objects;
import nn.examples.experiment.Nonlinearities;
import nn.init.Init;

/**
 * The coordinates of a trial without its seed: a dense network, the weights that it begins with, and a rate.
 *
 * @param scheme of the hidden weights, as {@link Init#parse} reads it, such as {@code he normal}
 * @param gain a factor for those weights, finite and above 0
 * @param depth the number of hidden layers, 1 or more
 * @param width the units of a hidden layer, 1 or more
 * @param activation the nonlinearity after each hidden layer, such as {@code tanh}
 * @param rate the learning rate, finite and above 0
 */
public record Setting(String scheme, double gain, int depth, int width, String activation, double rate)
        implements Serializable {
    /** The most hidden layers, and the most units of one. */
    public static final int LARGEST = 10_000;

    /**
     * Checks the coordinates.
     *
     * @throws IllegalArgumentException if a number is out of its range, or a name is unknown
     */
    public Setting {
        Objects.requireNonNull(scheme, "scheme");
        Init.parse(scheme);
        Nonlinearities.named(activation);
        requirePositive("gain", gain);
        requireCount("depth", depth);
        requireCount("width", width);
        requirePositive("rate", rate);
        if (scheme.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException(
                    "the scheme '" + scheme + "' has a control character; write it in one line, with spaces");
        }
    }

    private static void requirePositive(String name, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be finite and above 0");
        }
    }

    private static void requireCount(String name, int value) {
        if (value < 1 || value > LARGEST) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be from 1 to " + LARGEST);
        }
    }

    /**
     * Returns the coordinates in one line. Two settings have one text only if they are equal; the key of the weights
     * comes from it.
     *
     * @return such as {@code he normal, gain 1.0, depth 10, width 32, tanh, rate 0.1}
     */
    @Override
    public String toString() {
        return scheme + ", gain " + gain + ", depth " + depth + ", width " + width + ", " + activation + ", rate "
                + rate;
    }
}
