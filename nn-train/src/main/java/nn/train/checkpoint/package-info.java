/**
 * Models and the state of their training in files: {@link nn.train.checkpoint.Checkpoint} says what is in them, {@link
 * nn.train.checkpoint.Safetensors} is the file format.
 *
 * <p>A malformed file is refused with a {@link nn.train.io.DataFormatException}; one that is whole but of another
 * model with an {@link java.lang.IllegalArgumentException} that lists what does not fit. Nothing here is, or ever
 * reads, Java serialization.
 */
@NullMarked
package nn.train.checkpoint;

import org.jspecify.annotations.NullMarked;
