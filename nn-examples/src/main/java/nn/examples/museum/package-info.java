/**
 * Mistakes of initialization that other libraries made, rebuilt: each with its source, the sentence in which this
 * library names it, and its repair, which this library accepts. {@link nn.examples.museum.Museum} lists them.
 *
 * <p>No code is taken from the sources; each mistake is written anew as a small initializer or network.
 */
package nn.examples.museum;
