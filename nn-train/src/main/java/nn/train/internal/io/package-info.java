/** Reading and writing files: bytes, numbers, archives, atomic replacement. Not exported. */
@NullMarked
package nn.train.internal.io;

import org.jspecify.annotations.NullMarked;
