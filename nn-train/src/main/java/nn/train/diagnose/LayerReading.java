package nn.train.diagnose;

import java.util.Objects;

/**
 * The effect of one layer on a batch, together with the nonlinearity that follows it, if one does. What does not apply
 * is NaN. A layer that is run several times has as many readings.
 *
 * @param path such as {@code hidden1}
 * @param layer what it is, such as {@code Dense 64 -> 128}
 * @param nonlinearity the name of the one that follows, or that it is itself; empty if there is none
 * @param preActivation E z^2, the mean square of the layer's output, over rows and units
 * @param predicted E z^2 by theory, from the mean squares of the layer's own input, weights and biases, as independent
 *     weights would give it: {@code in E[w^2] E[x^2] + E[b^2]}; of dense layers
 * @param output E y^2, behind the nonlinearity; that of z if there is none
 * @param gradient the squared length of the loss's gradient by z, over that by the network's output
 * @param alike the mean product of y of two different rows, over E y^2: the correlation of two inputs there, 1 if all
 *     rows are alike; NaN for one row
 * @param dead share of units whose nonlinearity has derivative 0 for every row
 * @param saturated share of elements at the flat ends of a bounded nonlinearity
 * @param units features of the output
 * @param distinctUnits how many of them have weights of their own; 0 where that was not asked
 */
public record LayerReading(
        String path,
        String layer,
        String nonlinearity,
        double preActivation,
        double predicted,
        double output,
        double gradient,
        double alike,
        double dead,
        double saturated,
        int units,
        int distinctUnits) {
    /** Checks that no text is null. */
    public LayerReading {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(nonlinearity, "nonlinearity");
    }
}
