package nn.train.diagnose;

import java.util.Objects;

/**
 * The effect of one layer on a batch, together with the nonlinearity that follows it, if one does. Numbers that do not
 * apply are NaN. A layer that is run several times has a reading for each run.
 *
 * @param path such as {@code hidden1}
 * @param layer a description, such as {@code Dense 64 -> 128}
 * @param nonlinearity the name of the nonlinearity that follows the layer, or that it is itself; empty if there is none
 * @param preActivation E z^2, the mean square of the layer's output, over rows and units
 * @param predicted E z^2 for independent weights, from the mean squares of the layer's input, weights and biases:
 *     {@code in E[w^2] E[x^2] + E[b^2]}; NaN for layers that are not a {@linkplain nn.layers.Layer#linearMap linear
 *     map}
 * @param output E y^2, the mean square of the nonlinearity's output; that of z if there is none
 * @param gradient the squared length of the loss's gradient at z, over that at the network's output
 * @param correlation the mean product of y for two different rows, over E y^2; 1 if all rows are equal; NaN for one row
 * @param dead share of units whose nonlinearity has derivative 0 for every row
 * @param saturated share of elements at the flat ends of a bounded nonlinearity
 * @param units features of the output
 * @param distinctUnits number of units with distinct weights, in and out; 0 for layers that are not a hidden linear map
 */
public record LayerReading(
        String path,
        String layer,
        String nonlinearity,
        double preActivation,
        double predicted,
        double output,
        double gradient,
        double correlation,
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
