package nn.layers;

import java.util.List;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** The scratch tensors of a state. A steady step gets the same state object as the step before. */
public final class StateTensors {
    private Tensor[] parts = {};
    private Recurrent.State state = Recurrent.State.of();

    /** No tensors yet. */
    public StateTensors() {}

    /**
     * Returns a state whose tensors are to be written.
     *
     * @param shapes of its parts
     * @param context gives the tensors
     * @return the state
     */
    public Recurrent.State empty(List<Shape> shapes, Context context) {
        boolean isNew = parts.length != shapes.size();
        parts = isNew ? new Tensor[shapes.size()] : parts;
        for (int i = 0; i < parts.length; i++) {
            Tensor part = context.empty(shapes.get(i));
            isNew |= part != parts[i];
            parts[i] = part;
        }
        if (isNew) {
            state = Recurrent.State.of(parts);
        }
        return state;
    }

    /**
     * The state that {@link #empty} returned last.
     *
     * @return the state; without parts if there was none
     */
    public Recurrent.State last() {
        return state;
    }

    /**
     * Returns the shapes of the parts of a layer's state.
     *
     * @param layer the layer
     * @param batch rows of the state
     * @return [batch x size] for each part
     */
    public static List<Shape> shapes(Recurrent layer, int batch) {
        return layer.stateSizes().stream().map(size -> Shape.of(batch, size)).toList();
    }
}
