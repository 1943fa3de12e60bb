package nn.tensor.internal;

/**
 * Buffers that kernels write intermediate values into, one of each for every thread, so that a product allocates
 * nothing once it has run. What a buffer holds is undefined; a kernel that calls another one uses another buffer.
 *
 * <p>A thread keeps its buffers, so no kernel asks for more than {@link #MOST} floats, however large its operands are:
 * it goes piece by piece.
 */
enum Scratch {
    /** Panels of B. */
    PANEL,
    /** A piece of A. */
    BLOCK,
    /** A tile at an edge of C. */
    TILE,
    /** A row that sums begin with. */
    START,
    /** A transposed result, in pieces. */
    RESULT,
    /** A part of a long chain of sums. */
    CHAIN;

    /** The most floats of one buffer: 4 megabytes. */
    static final int MOST = 1 << 20;

    private final ThreadLocal<float[]> buffer = ThreadLocal.withInitial(() -> new float[0]);

    /** At least so many floats, up to {@link #MOST}. */
    float[] floats(int size) {
        float[] held = buffer.get();
        if (held.length < size) {
            held = allocate(size);
            buffer.set(held);
        }
        return held;
    }

    private static float[] allocate(int size) {
        if (size > MOST) {
            throw new IllegalArgumentException("a buffer of " + size + " floats; a thread would keep it");
        }
        try {
            return new float[size];
        } catch (OutOfMemoryError e) {
            throw Memory.error("a buffer for an operation on tensors", (long) Float.BYTES * size, e);
        }
    }

    /** How many floats this thread's buffers have. */
    static long held() {
        long floats = 0;
        for (Scratch scratch : values()) {
            floats += scratch.buffer.get().length;
        }
        return floats;
    }
}
