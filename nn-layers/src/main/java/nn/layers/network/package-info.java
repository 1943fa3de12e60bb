/**
 * Layers made of layers.
 *
 * <p>{@link nn.layers.network.Network} and its builder, {@link nn.layers.network.Predictor} for many predictions with
 * the same weights, a residual block, and layers that pass the lengths of padded sequences to the layers inside. New
 * containers of layers belong here. The builder's methods need the other packages of layers; none of them needs this
 * one.
 */
@NullMarked
package nn.layers.network;

import org.jspecify.annotations.NullMarked;
