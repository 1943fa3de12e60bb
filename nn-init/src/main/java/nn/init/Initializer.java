package nn.init;

import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Fills a parameter with its initial values. An initializer is a pure function of the shape, the fans and the key: it
 * has no state and no seed, so one instance serves any number of parameters and two parameters with two keys get two
 * sets of values. A lambda can be one; those of this library are records, created by {@link Init}.
 *
 * <pre>{@code
 * Initializer small = (out, fans, key) -> key.normal(out, 0f, (float) (0.1 / Math.sqrt(fans.in())));
 * }</pre>
 */
@FunctionalInterface
public interface Initializer {
    /**
     * Writes every element of a tensor.
     *
     * @param out the parameter's values, of any shape the initializer supports; its previous content is ignored
     * @param fans how many inputs feed each of the parameter's units, and how many units each input feeds
     * @param key names the randomness; the same key gives the same bits
     * @throws nn.tensor.ShapeException if the initializer cannot fill this shape
     */
    void fill(Tensor out, Fans fans, Key key);
}
