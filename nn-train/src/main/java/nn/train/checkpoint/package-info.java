/**
 * Models and the state of their training in files: {@link nn.train.checkpoint.Safetensors} is the file format.
 *
 * <p>Nothing here is, or ever reads, Java serialization.
 */
package nn.train.checkpoint;
