package nn.train.internal.pass;

import org.jspecify.annotations.Nullable;

/**
 * The place in a model where the first number became NaN or infinite.
 *
 * @param layer the layer's path, empty for the model itself; null for the loss
 * @param quantity such as {@code output of layer 'hidden2'}
 * @param value NaN or an infinity
 * @param what such as {@code layer 'hidden2' (Dense 10 -> 3): its output has NaN in row 3, column 1}
 * @param row the first row (index along axis 0) with such a value; -1 if rows do not apply
 */
public record NonFiniteValue(@Nullable String layer, String quantity, float value, String what, int row) {}
