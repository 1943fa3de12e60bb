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
 * largest shapes were seen, no step allocates memory for numbers. What was {@linkplain Context#release released} comes
 * first: the way back through 50 layers of 256 units wrote 6 MB of gradients, where it now writes two tensors again and
 * again, and the whole step takes 6 % less.
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
    /** So many tensors are remembered as free, those released last. */
    private static final int MOST_RELEASED = 8;

    /** So many are looked through for one that is released, those handed out last. */
    private static final int RECENT = 32;

    private final List<Tensor> tensors = new ArrayList<>(); // each at the beginning of its array
    private int used;
    private final int[] recent = new int[RECENT]; // places in the list of tensors, in a ring
    private int handedOut; // how many tensors, in all of the step
    private final int[] released = new int[MOST_RELEASED]; // places
    private int free; // how many of them
    private final List<Way> ways = new ArrayList<>(); // by the order of the runs in a step
    private int runs;
    private Key parent; // of the step's key, if that was not made yet
    private long index;
    private Key key = Key.of(0);
    private final DrawCounter draws = new DrawCounter();

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
        handedOut = 0;
        free = 0;
        runs = 0;
        draws.restart();
        for (int i = 0; i < ways.size(); i++) {
            ways.get(i).close();
        }
    }

    @Override
    public Pass run(Layer layer, Tensor x, Context outermost) {
        return layer instanceof Propagating propagating
                ? wayThrough(propagating).make(x, outermost)
                : Pass.of(layer, x, outermost);
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
        int place = placeFor(shape);
        recent[handedOut++ % RECENT] = place;
        return tensors.get(place);
    }

    private int placeFor(Shape shape) {
        for (int i = free - 1; i >= 0; i--) {
            int place = released[i];
            if (tensors.get(place).shape().equals(shape)) {
                forget(i);
                return place;
            }
        }
        if (used == tensors.size()) {
            tensors.add(Tensor.zeros(shape));
        } else if (!tensors.get(used).shape().equals(shape)) {
            float[] array = tensors.get(used).array();
            tensors.set(used, shape.size() > array.length ? Tensor.zeros(shape) : Tensor.wrap(array, 0, shape));
        }
        return used++;
    }

    @Override
    public void release(Tensor scratch) {
        float[] array = scratch.array();
        for (int i = handedOut - 1; i >= Math.max(0, handedOut - RECENT); i--) {
            int place = recent[i % RECENT];
            if (tensors.get(place).array() == array) {
                remember(place);
                return;
            }
        }
    }

    private void remember(int place) {
        for (int i = 0; i < free; i++) {
            if (released[i] == place) {
                return; // released before
            }
        }
        if (free == MOST_RELEASED) {
            forget(0);
        }
        released[free++] = place;
    }

    private void forget(int i) {
        free--;
        System.arraycopy(released, i + 1, released, i, free - i);
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

    @Override
    public Key key(Key layer) {
        return draws.next(key(), Objects.requireNonNull(layer, "layer key"));
    }

    /** Passes through one layer, one at each step. */
    private static final class Way {
        private final Layer layer;
        private final Propagation propagation;
        private Pass pass; // null until the first is made

        Way(Propagating layer) {
            this.layer = layer;
            this.propagation = Misfit.requirePropagation(layer);
        }

        Pass make(Tensor x, Context context) {
            Tensor y = propagation.forward(x, context);
            if (pass != null && pass.output() == y) {
                pass.open(propagation);
            } else {
                pass = new Pass(Misfit.requireOutput(y, layer), propagation);
            }
            return Pass.checked(layer, x, pass);
        }

        void close() {
            if (pass != null) {
                pass.close();
            }
        }
    }
}
