package nn.layers.internal;

import java.lang.ref.SoftReference;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a layer's last pass of inference, for the next one: a prediction makes a new pass, and to clear new
 * memory would take a third of the time of an LSTM for one sequence. Passes that run at the same time have memory of
 * their own each, of which one is kept, as long as the heap has room for it.
 *
 * @param <T> the memory
 */
public final class Idle<T> {
    private final AtomicReference<@Nullable SoftReference<T>> kept = new AtomicReference<>();
    private final Supplier<T> maker;

    /**
     * Without any memory yet.
     *
     * @param maker makes new memory
     */
    public Idle(Supplier<T> maker) {
        this.maker = maker;
    }

    /**
     * Returns memory that no other pass uses.
     *
     * @return memory that was given back, or new memory
     */
    public T take() {
        SoftReference<T> reference = kept.getAndSet(null);
        T memory = reference == null ? null : reference.get();
        return memory == null ? maker.get() : memory;
    }

    /**
     * Gives memory back; the pass does not use it any more.
     *
     * @param memory what {@link #take} returned
     */
    public void giveBack(T memory) {
        kept.set(new SoftReference<>(memory));
    }
}
