/**
 * Models and the state of their training in files: {@link nn.train.checkpoint.Checkpoint} defines their content, {@link
 * nn.train.checkpoint.Safetensors} is the file format, and {@link nn.train.checkpoint.Weights} takes weights of other
 * programs and other models.
 *
 * <p>A malformed file is refused with a {@link nn.train.io.DataFormatException}, a valid file of another model with an
 * {@link java.lang.IllegalArgumentException} that lists all differences. Java serialization is never written or read.
 */
@NullMarked
package nn.train.checkpoint;

import org.jspecify.annotations.NullMarked;
