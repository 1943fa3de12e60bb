/**
 * Data for training: a {@link nn.train.data.Dataset} of inputs and targets, {@link nn.train.data.Batches} shuffled by
 * key, and a reader of {@linkplain nn.train.data.Idx IDX files}.
 *
 * <p>Examples are the rows of a tensor: axis 0 counts them.
 */
package nn.train.data;
