/**
 * Layers that slide a window over images or sequences: {@link nn.layers.convolution.Convolution}, {@link
 * nn.layers.convolution.TransposedConvolution} and {@link nn.layers.convolution.Pool}. Images are [batch x height x
 * width x channels], sequences [batch x length x channels].
 *
 * <p>A new layer belongs here if an output depends on the input within a window around its place.
 */
@NullMarked
package nn.layers.convolution;

import org.jspecify.annotations.NullMarked;
