/**
 * Checks for built-in and custom layers, independent of any test framework. {@link nn.layers.testing.LayerContract}
 * checks everything that networks and trainers rely on, {@link nn.layers.testing.GradientCheck} only the gradients.
 */
@NullMarked
package nn.layers.testing;

import org.jspecify.annotations.NullMarked;
