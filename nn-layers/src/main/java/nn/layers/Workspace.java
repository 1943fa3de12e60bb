package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A context for training that hands out the same tensors at every step: a step asks for the same shapes in the same
 * order as the last one, so the i-th request gets the i-th tensor. Where a step asks for another shape (a smaller last
 * batch, or a part of one), it gets a view of the same array, and a new array only if that is too small: once the
 * largest shapes were seen, no step allocates memory for numbers.
 *
 * <p>For one thread. Tensors handed out before {@link #begin} are written over after it.
 */
public final class Workspace implements Context {
    private final List<Tensor> tensors = new ArrayList<>(); // each at the beginning of its array
    private int used;
    private Key key = Key.of(0);

    /** An empty workspace. */
    public Workspace() {}

    /**
     * Begins a step: every tensor may be handed out again.
     *
     * @param stepKey names the step's randomness
     */
    public void begin(Key stepKey) {
        key = Objects.requireNonNull(stepKey, "step key");
        used = 0;
    }

    @Override
    public Tensor empty(Shape shape) {
        if (used == tensors.size()) {
            tensors.add(Tensor.zeros(shape));
        } else if (!tensors.get(used).shape().equals(shape)) {
            float[] array = tensors.get(used).array();
            tensors.set(used, shape.size() > array.length ? Tensor.zeros(shape) : Tensor.wrap(array, 0, shape));
        }
        return tensors.get(used++);
    }

    @Override
    public boolean training() {
        return true;
    }

    @Override
    public Key key() {
        return key;
    }
}
