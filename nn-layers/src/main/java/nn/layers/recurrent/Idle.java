package nn.layers.recurrent;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a layer's last pass of inference, for the next one: a prediction makes a new pass, and to clear new
 * memory would take a third of the time of an LSTM for one sequence. Passes that run at the same time have memory of
 * their own each, of which one is kept.
 *
 * @param <T> the memory
 */
final class Idle<T> {
    private final AtomicReference<@Nullable T> kept = new AtomicReference<>();
    private final Supplier<T> maker;

    Idle(Supplier<T> maker) {
        this.maker = maker;
    }

    /** Returns memory that no other pass uses. */
    T take() {
        T memory = kept.getAndSet(null);
        return memory == null ? maker.get() : memory;
    }

    /** Gives memory back; the pass does not use it any more. */
    void giveBack(T memory) {
        kept.set(memory);
    }
}
