/**
 * Checks for layers, ours and yours; free of any test framework. {@link nn.layers.testing.LayerContract} checks
 * everything that a layer owes its users, {@link nn.layers.testing.GradientCheck} its gradients alone.
 */
@NullMarked
package nn.layers.testing;

import org.jspecify.annotations.NullMarked;
