/**
 * Layers that make one step of a sequence.
 *
 * <p>The last step, the mean, the largest value: [time x batch x ...] in, [batch x ...] out, the padding left out. A
 * new way to combine steps belongs here.
 */
@NullMarked
package nn.layers.pooling;

import org.jspecify.annotations.NullMarked;
