/**
 * Weight initialization: {@linkplain nn.init.Initializer initializers}, the {@linkplain nn.init.Fans fans} that a layer
 * declares, and {@linkplain nn.init.Gain gains}. The nonlinearities that gains are computed for are in {@link
 * nn.init.nonlinearity}, the theory of wide networks in {@code nn.init.theory}.
 *
 * <p>A weight is stored [inputs x outputs], so a layer computes {@code y = x W + b}; fans are declared by the layer and
 * never guessed from a shape. Initializers that depend on the axes, such as {@link nn.init.Orthogonal}, {@link
 * nn.init.Sparse} and {@link nn.init.Gates}, take the last axis for the units.
 *
 * <p>The page {@code INITIALIZERS.md} in this module's folder has a guide to the choice and a table of all schemes,
 * with formula, use, and the frameworks that take each by default. {@code RANDOMNESS.md} in nn-tensor defines how a key
 * becomes a weight, to the bit.
 *
 * <p>A new initializer is a record in this package, with a factory in {@link nn.init.Init}, a name in {@code
 * InitializerRegistry} and a line in {@code INITIALIZERS.md}; {@code EveryInitializerIsTestedTest} lists the tests that
 * are missing.
 */
@NullMarked
package nn.init;

import org.jspecify.annotations.NullMarked;
