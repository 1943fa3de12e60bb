package nn.train.internal.io;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nn.tensor.Shape;

/** Collects the dimensions that a file claims, and refuses those that no tensor can have. */
public final class Dimensions {
    private static final int MAX_RANK = 255;
    private static final int LISTED = 16; // in a message

    private final List<Integer> dims = new ArrayList<>();
    private long elements = 1; // the product of all dimensions but zeros, which must be possible too

    /**
     * Refuses to write a shape that could not be read again.
     *
     * @param name the name of the tensor, for the message
     * @param shape the shape of the tensor
     * @throws IllegalArgumentException if it has more than 255 dimensions
     */
    public static void requireReadable(String name, Shape shape) {
        if (shape.rank() > MAX_RANK) {
            throw new IllegalArgumentException(
                    name + " has " + shape.rank() + " dimensions; a file holds at most " + MAX_RANK + ": reshape it");
        }
    }

    /** Creates the dimensions of a scalar: none. */
    public Dimensions() {}

    /**
     * Adds a dimension.
     *
     * @param dim the dimension, 0 or more
     * @return what is wrong with it; empty if nothing is
     */
    public Optional<String> add(long dim) {
        boolean possible = dims.size() < MAX_RANK && dim <= Integer.MAX_VALUE;
        long product = possible ? elements * Math.max(dim, 1) : 0; // below 2^62: elements was at most MAX_SIZE before
        if (!possible || product > Shape.MAX_SIZE) {
            return Optional.of("dimension " + dims.size() + " is " + dim + (dims.isEmpty() ? "" : " after " + before())
                    + ": a tensor holds at most " + Shape.MAX_SIZE + " elements"
                    + (dims.size() < MAX_RANK ? "" : ", in at most " + MAX_RANK + " dimensions"));
        }
        elements = product;
        dims.add((int) dim);
        return Optional.empty();
    }

    private String before() {
        return dims.size() <= LISTED ? dims.toString() : dims.size() + " others";
    }

    /**
     * Returns the dimensions as a shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return Shape.of(dims.stream().mapToInt(d -> d).toArray());
    }
}
