/**
 * Weight initialization: {@linkplain nn.init.Initializer initializers}, the {@linkplain nn.init.Fans fans} that a layer
 * declares, and {@linkplain nn.init.Gain gains}. The nonlinearities that gains are computed for are in {@link
 * nn.init.nonlinearity}, the theory of wide networks in {@code nn.init.theory}.
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
