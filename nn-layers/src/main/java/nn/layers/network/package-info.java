/**
 * Layers made of layers: the chain and what stands around one.
 *
 * <p>{@link nn.layers.network.Network} and its builder; a residual block; layers that tell those inside the lengths of
 * padded sequences. A new container of layers belongs here. It needs the other packages for the methods of the builder,
 * and none of them needs it.
 */
@NullMarked
package nn.layers.network;

import org.jspecify.annotations.NullMarked;
