/**
 * Data for training: a {@link nn.train.data.Dataset} of inputs and targets, from arrays, from files ({@linkplain
 * nn.train.data.Idx IDX}, {@linkplain nn.train.data.Csv CSV}, {@linkplain nn.train.data.Npy NumPy}) or {@linkplain
 * nn.train.data.SyntheticDatasets synthetic}; its splits and folds; {@link nn.train.data.Standardizer} and {@link
 * nn.train.data.OneHot}, which {@link nn.train.data.Preprocessing} saves with a model; and {@link
 * nn.train.data.Batches} shuffled by key, also of an {@link nn.train.data.ExampleSource} larger than memory.
 *
 * <p>Examples are the rows of a tensor: axis 0 counts them. Every malformed file is refused with a {@link
 * nn.train.io.DataFormatException}, and no memory is allocated for sizes that it only claims.
 */
@NullMarked
package nn.train.data;

import org.jspecify.annotations.NullMarked;
