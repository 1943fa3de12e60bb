package nn.layers;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context for training that hands out the same tensors at every step. A step asks for the same shapes in the same
 * order as the step before, so the i-th request gets the i-th tensor. A request for another shape, as for a smaller
 * last batch, gets a tensor in the same memory, or new memory if that is too small. Once the largest shapes were seen,
 * no step allocates memory. A tensor that was {@linkplain Context#release released}, and not {@linkplain Context#save
 * saved}, is handed out again first.
 *
 * <p>Tensors begin at a cache line ({@link Tensor#aligned}), so several of them may be parts of one {@linkplain
 * Tensor#array() array}: to ask whether two share memory, call {@link Tensor#overlaps}.
 *
 * <p>For use by one thread. {@link #begin} ends the step before: its tensors are overwritten, and its pullbacks throw
 * {@link IllegalStateException}.
 */
public final class Workspace implements Context {
    /** Maximum number of released tensors that are kept for reuse. */
    private static final int MAX_RELEASED = 8;

    /** How many of the most recently handed-out tensors are searched by {@link #save} and {@link #release}. */
    private static final int RECENT = 32;

    private final List<Place> places = new ArrayList<>();
    private int used; // places, in this step
    private final Place[] recent = new Place[RECENT]; // a ring of those handed out last
    private int handedOut; // tensors, in all of the step
    private final Place[] released = new Place[MAX_RELEASED]; // the last one is handed out first
    private int free; // how many of them
    private long held; // floats of all places
    private long lost; // floats that were given up for more, and that stay in memory as long as their neighbors do
    private long steps;
    private final StepKey key = new StepKey();

    /** Some memory, and the tensor at its beginning that is handed out. */
    private static final class Place {
        private Tensor memory; // all of it
        private Tensor tensor;
        private boolean saved;

        Place(Shape shape) {
            memory = Tensor.aligned(shape);
            tensor = memory;
        }

        /** Whether a tensor, which is not empty, is this place's or a view of it. */
        boolean has(Tensor view) {
            int at = view.offset() - memory.offset();
            return view.array() == memory.array() && at >= 0 && at < memory.size();
        }

        boolean hasRoomFor(Shape shape) {
            return shape.size() <= memory.size();
        }

        /** Takes another shape in the same memory. */
        void take(Shape shape) {
            tensor = Tensor.wrap(memory.array(), memory.offset(), shape);
        }

        /** Takes new memory. */
        void renew(Shape shape) {
            memory = Tensor.aligned(shape);
            tensor = memory;
        }
    }

    /** An empty workspace. */
    public Workspace() {}

    /**
     * Begins a step: every tensor may be handed out again.
     *
     * @param stepKey the key of the step's randomness
     */
    public void begin(Key stepKey) {
        key.begin(stepKey);
        restart();
    }

    /**
     * Begins a numbered step, as {@link #begin(Key)} with {@code parent.child(index)}. That key is created when a layer
     * asks for it.
     *
     * @param parent the key of the randomness of all steps
     * @param index the step's number
     */
    public void begin(Key parent, long index) {
        key.begin(parent, index);
        restart();
    }

    private void restart() {
        used = 0;
        handedOut = 0;
        free = 0;
        steps++;
        if (lost > held) {
            places.forEach(place -> place.renew(place.memory.shape()));
            lost = 0;
        }
    }

    @Override
    public long step() {
        return steps;
    }

    @Override
    public Tensor empty(Shape shape) {
        Place place = placeFor(shape);
        place.saved = false;
        recent[handedOut++ % RECENT] = place;
        return place.tensor;
    }

    private Place placeFor(Shape shape) {
        for (int i = free - 1; i >= 0; i--) {
            Place place = released[i];
            if (place.tensor.shape().equals(shape)) {
                forget(i);
                return place;
            }
        }
        if (used == places.size()) {
            places.add(new Place(shape));
            held += shape.size();
        }
        Place place = places.get(used++);
        if (!place.tensor.shape().equals(shape)) {
            if (place.hasRoomFor(shape)) {
                place.take(shape);
            } else {
                int before = place.memory.size();
                place.renew(shape);
                lost += before;
                held += shape.size() - before;
            }
        }
        return place;
    }

    @Override
    public void save(Tensor tensor) {
        Place place = find(tensor);
        if (place != null) {
            place.saved = true;
            for (int i = free - 1; i >= 0; i--) {
                if (released[i] == place) {
                    forget(i); // released before it was saved
                }
            }
        }
    }

    @Override
    public void release(Tensor scratch) {
        Place place = find(scratch);
        if (place != null && !place.saved) {
            remember(place);
        }
    }

    @Override
    public Tensor reuse(Tensor scratch) {
        Place place = find(scratch);
        return place != null && place.tensor == scratch && !place.saved ? scratch : empty(scratch.shape());
    }

    /** Returns the place of a recently handed-out tensor, or of a view of one; null for any other tensor. */
    private @Nullable Place find(Tensor tensor) {
        if (tensor.size() == 0) {
            return null; // has no memory, and may lie at the end of a place, where another one begins
        }
        for (int i = handedOut - 1; i >= Math.max(0, handedOut - RECENT); i--) {
            Place place = recent[i % RECENT];
            if (place.has(tensor)) {
                return place;
            }
        }
        return null;
    }

    private void remember(Place place) {
        for (int i = 0; i < free; i++) {
            if (released[i] == place) {
                return; // released before
            }
        }
        if (free == MAX_RELEASED) {
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
        return key.key();
    }

    @Override
    public Key key(Key layer) {
        return key.next(layer);
    }
}
