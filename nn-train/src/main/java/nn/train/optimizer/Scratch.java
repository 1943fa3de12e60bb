package nn.train.optimizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Memory for intermediate values of an update, which all rules of a trainer share: they update their parameters one
 * after the other. So a trainer needs it once, as large as its largest parameter, and not once for each. For use by one
 * thread.
 */
public final class Scratch {
    private final List<Place> places = new ArrayList<>();

    /** One array, and the tensors at its beginning that were handed out, by shape. */
    private static final class Place {
        private float[] array = {};
        private final Map<Shape, Tensor> tensors = new HashMap<>();

        Tensor tensor(Shape shape) {
            Tensor known = tensors.get(shape); // no lambda, which would be an object at each step
            if (known != null) {
                return known;
            }
            if (shape.size() > array.length) {
                array = new float[shape.size()];
                tensors.clear();
            }
            Tensor made = Tensor.wrap(array, 0, shape);
            tensors.put(shape, made);
            return made;
        }
    }

    /** No memory yet. */
    public Scratch() {}

    /**
     * Returns a tensor whose values are undefined, until another rule asks for the same place. Once it was asked for
     * all its shapes twice, a call allocates nothing.
     *
     * @param place tensors of different places share no memory; from 0, with few gaps
     * @param shape every dimension known
     * @return the same tensor for the same place and shape, unless a larger shape was asked for meanwhile
     */
    public Tensor tensor(int place, Shape shape) {
        Objects.requireNonNull(shape, "shape");
        while (places.size() <= place) {
            places.add(new Place());
        }
        return places.get(place).tensor(shape);
    }
}
