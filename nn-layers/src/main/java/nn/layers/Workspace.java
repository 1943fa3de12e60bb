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
 * <p>It does the same with {@linkplain Propagation what makes the passes} of the layers that it {@linkplain
 * Context#run runs}: if the i-th run of a step is of the same layer as that of the step before, the same object goes
 * through it. Nothing has to be the same beside the layer, neither the input nor its shape; but if the output is the
 * same tensor too, as it is when shapes recur, so is the {@link Pass}, and nothing is allocated at all.
 *
 * <p>For one thread. Tensors handed out before {@link #begin} are written over after it, and passes made before it are
 * closed: their pullbacks throw {@link IllegalStateException}.
 */
public final class Workspace implements Context {
    private final List<Tensor> tensors = new ArrayList<>(); // each at the beginning of its array
    private int used;
    private final List<Way> ways = new ArrayList<>(); // by the order of the runs in a step
    private int runs;
    private Key parent; // of the step's key, if that was not made yet
    private long index;
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
        parent = null;
        restart();
    }

    /**
     * Begins a step that has a number: {@link #begin(Key)} with {@code parent.child(index)}, which is made when a layer
     * asks for it.
     *
     * @param parent names the randomness of all such steps
     * @param index the step's number
     */
    public void begin(Key parent, long index) {
        this.parent = Objects.requireNonNull(parent, "parent key");
        this.index = index;
        restart();
    }

    private void restart() {
        used = 0;
        runs = 0;
        for (int i = 0; i < ways.size(); i++) {
            ways.get(i).close();
        }
    }

    @Override
    public Pass run(Layer layer, Tensor x, Context outermost) {
        return layer instanceof Propagating propagating
                ? wayThrough(propagating).make(x, outermost)
                : layer.forward(x, outermost);
    }

    /** The one of this place in the step, if it is through this layer, or else a new one. */
    private Way wayThrough(Propagating layer) {
        int place = runs++;
        if (place == ways.size()) {
            ways.add(new Way(layer));
        } else if (ways.get(place).layer != layer) {
            ways.set(place, new Way(layer));
        }
        return ways.get(place);
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
        if (parent != null) {
            key = parent.child(index);
            parent = null;
        }
        return key;
    }

    /** Passes through one layer, one at each step. */
    private static final class Way {
        private final Layer layer;
        private final Propagation propagation;
        private Pass pass; // null until the first is made

        Way(Propagating layer) {
            this.layer = layer;
            this.propagation = layer.propagation();
        }

        Pass make(Tensor x, Context context) {
            Tensor y = propagation.forward(x, context);
            if (pass != null && pass.output() == y) {
                pass.open(propagation);
            } else {
                pass = new Pass(y, propagation);
            }
            return pass;
        }

        void close() {
            if (pass != null) {
                pass.close();
            }
        }
    }
}
