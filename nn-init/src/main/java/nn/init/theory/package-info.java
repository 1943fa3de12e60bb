/**
 * The effect of initialization on signals and gradients of wide networks, computed instead of measured. Pure functions
 * and records over {@link nn.init.nonlinearity.Nonlinearity}, in double, the same bits everywhere.
 *
 * <table>
 * <caption>Types by question</caption>
 * <tr><th>question</th><th>type</th></tr>
 * <tr><td>second moments and gradients, layer by layer, of a given stack</td>
 *     <td>{@link nn.init.theory.SignalPropagation}</td></tr>
 * <tr><td>second moments through residual blocks, normalizations, pooling, attention and gates</td>
 *     <td>{@link nn.init.theory.Stage}</td></tr>
 * <tr><td>how many products a convolution adds up where it is padded</td>
 *     <td>{@link nn.init.theory.Taps}</td></tr>
 * <tr><td>where lengths and correlations converge, how fast, and whether the limit is stable</td>
 *     <td>{@link nn.init.theory.MeanField}</td></tr>
 * <tr><td>which weight and bias variance is critical</td><td>{@link nn.init.theory.Criticality}</td></tr>
 * <tr><td>how much single networks of finite width scatter</td><td>{@link nn.init.theory.FiniteWidth}</td></tr>
 * <tr><td>second moments at finite width, with an error bar</td><td>{@link nn.init.theory.WidthCorrection}</td></tr>
 * <tr><td>how likely a narrow ReLU network is dead from the start</td><td>{@link nn.init.theory.BornDead}</td></tr>
 * <tr><td>how evenly the directions of a signal are scaled</td><td>{@link nn.init.theory.JacobianSpectrum}</td></tr>
 * <tr><td>whether mean and variance return to a fixed point (SELU)</td>
 *     <td>{@link nn.init.theory.SelfNormalization}</td></tr>
 * <tr><td>how long a deep linear network learns a mode</td><td>{@link nn.init.theory.DeepLinear}</td></tr>
 * </table>
 *
 * <p>Every variance here is over the ensemble of weights, unless its name says otherwise. The expectations themselves
 * belong to the nonlinearity: {@link nn.init.nonlinearity.Nonlinearity#moments(double)}.
 */
@NullMarked
package nn.init.theory;

import org.jspecify.annotations.NullMarked;
