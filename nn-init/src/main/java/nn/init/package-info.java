/**
 * Weight initialization: {@linkplain nn.init.Initializer strategies}, the {@linkplain nn.init.Fans fans} a layer says,
 * {@linkplain nn.init.Gain gains}, and the {@linkplain nn.init.Nonlinearity nonlinearities} they belong to.
 *
 * <p>A weight is stored [inputs x outputs], so a layer computes {@code y = x W + b}; fans are said by the layer and
 * never guessed from a shape, so nothing here depends on that layout but {@link nn.init.Identity}.
 */
package nn.init;
