/**
 * Weight initialization: {@linkplain nn.init.Initializer strategies}, the {@linkplain nn.init.Fans fans} a layer says,
 * {@linkplain nn.init.Gain gains}, and the {@linkplain nn.init.nonlinearity.Nonlinearity nonlinearities} they belong to.
 *
 * <p>A weight is stored [inputs x outputs], so a layer computes {@code y = x W + b}; fans are said by the layer and
 * never guessed from a shape. What looks at the axes, such as {@link nn.init.Orthogonal}, {@link nn.init.Sparse} and
 * {@link nn.init.Gates}, takes the last one for the units.
 *
 * <p>Which one to take: the page {@code INITIALIZERS.md} in this module's folder has a guide in plain language and a
 * table of all schemes, with formula, use, and who takes each by default. How a key becomes a weight, to the bit:
 * {@code RANDOMNESS.md} in nn-tensor.
 */
package nn.init;
