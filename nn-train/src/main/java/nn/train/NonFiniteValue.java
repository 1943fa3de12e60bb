package nn.train;

import org.jspecify.annotations.Nullable;

/**
 * The place in a model where the first number became NaN or infinite.
 *
 * @param layer the layer's path, empty for the model itself; null if it was the loss
 * @param quantity such as {@code output of layer 'hidden2'}
 * @param value the number
 * @param what such as {@code layer 'hidden2' (Dense 10 -> 3): its output has NaN in row 3, column 1}
 * @param row the first row (index along axis 0) that has a bad number, or -1 if it is not about rows
 */
record NonFiniteValue(@Nullable String layer, String quantity, float value, String what, int row) {}
