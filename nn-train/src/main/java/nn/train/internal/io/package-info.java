/** Reading and writing files: bytes, numbers, archives, atomic replacement. Not exported. */
package nn.train.internal.io;
