package nn.tensor.internal.thread;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An object for each thread that asks, made at its first call: a descriptor that the thread overwrites again and again.
 *
 * <p>A thread-local variable would let a thread that lives on keep the class loader of the object's class after the
 * application has dropped it. Here an entry ends with its thread or with this object.
 *
 * @param <T> the object, which must not refer to its thread
 */
public final class PerThread<T> {
    /** An object and the number of the thread that it belongs to. */
    private record Held<T>(long thread, T object) {}

    private final Supplier<T> maker;
    private final Map<Thread, Held<T>> all = new WeakHashMap<>();

    /** Those used last, by thread number: a look-up in the map would take as long as a tiny product. */
    private final @Nullable Held<?>[] recent = new Held<?>[256];

    /** Objects that a function makes. */
    public PerThread(Supplier<T> maker) {
        this.maker = maker;
    }

    /** The object of the calling thread. */
    @SuppressWarnings("unchecked") // only find writes to the array
    public T get() {
        long thread = Thread.currentThread().threadId();
        Held<?> held = recent[(int) thread & recent.length - 1];
        return held != null && held.thread == thread ? (T) held.object : find(thread);
    }

    private synchronized T find(long thread) {
        Held<T> held = all.computeIfAbsent(Thread.currentThread(), key -> new Held<>(thread, maker.get()));
        recent[(int) thread & recent.length - 1] = held;
        return held.object;
    }
}
