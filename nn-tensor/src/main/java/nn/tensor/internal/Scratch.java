package nn.tensor.internal;

/**
 * Buffers that kernels write intermediate values into, one of each for every thread, so that a product allocates
 * nothing once it has run. What a buffer holds is undefined; a kernel that calls another one uses another buffer.
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
    /** A transposed result. */
    RESULT;

    private final ThreadLocal<float[]> buffer = ThreadLocal.withInitial(() -> new float[0]);

    /** At least so many floats. */
    float[] floats(int size) {
        float[] held = buffer.get();
        if (held.length < size) {
            held = new float[size];
            buffer.set(held);
        }
        return held;
    }
}
