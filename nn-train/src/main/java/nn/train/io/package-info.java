/**
 * The exception for malformed files, {@link nn.train.io.DataFormatException}, which all readers of the module throw. A
 * reader of data files is a class of {@code nn.train.data}, a file format of models one of {@code nn.train.checkpoint}.
 */
@NullMarked
package nn.train.io;

import org.jspecify.annotations.NullMarked;
