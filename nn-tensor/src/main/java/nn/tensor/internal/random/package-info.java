/**
 * Random numbers that are functions of a key and an index: the counter-based generator, and uniform and normal numbers
 * made of its bits.
 *
 * <p>A new distribution belongs here, in plain Java and on vectors. May use {@code math}.
 */
@NullMarked
package nn.tensor.internal.random;

import org.jspecify.annotations.NullMarked;
