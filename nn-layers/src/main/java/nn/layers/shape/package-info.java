/**
 * Layers that move values and compute nothing.
 *
 * <p>Another shape, or other axes. A new rearrangement belongs here.
 */
package nn.layers.shape;
