package nn.tensor.internal.thread;

/**
 * Buffers that kernels write intermediate values into, one of each for every thread, so that a product allocates
 * nothing once it has run. The content of a buffer is undefined; a kernel that calls another one uses another buffer.
 *
 * <p>A thread keeps its buffers, so no kernel asks for more than {@link #MOST} floats, however large its operands are:
 * it works piece by piece.
 */
public enum Scratch {
    /**
     * Panels of B. A long buffer of panels, of A or of sums over a tree fills a region of the collector, so that what
     * begins at {@link CacheLines#FIRST} begins at a cache line.
     */
    PANEL,
    /** A piece of A. */
    BLOCK,
    /** A tile at an edge of C. */
    TILE,
    /** A row of initial values of sums. */
    START,
    /** A transposed result, in pieces. */
    RESULT,
    /** A part of a long chain of sums. */
    CHAIN,
    /** Some images with their padding. */
    PADDED,
    /** A convolution's weight with input and output channels exchanged. */
    TURNED,
    /** Sums over a tree that wait for their partners. */
    TREE,
    /** Chains of a weight's gradient. */
    SUMS,
    /** The scores of some queries of an attention, or the gradients at them. */
    SCORES,
    /** The exponentials of these scores. */
    EXPONENTIALS,
    /** These queries, times a scale. */
    QUERIES,
    /** What is computed for these queries, or the gradients at it. */
    ATTENDED;

    /** The most floats of one buffer: 4 megabytes. */
    public static final int MOST = 1 << 20;

    /** Fewer floats of an operand than this stay in a first-level cache, and need no place of their own. */
    public static final int LONG = 1 << 13;

    private final ThreadLocal<float[]> buffer = ThreadLocal.withInitial(() -> new float[0]);

    /** Returns a buffer of at least this size, up to {@link #MOST}. */
    public float[] floats(int size) {
        float[] held = buffer.get();
        if (held.length < size) {
            boolean fillsRegion = (this == PANEL || this == BLOCK || this == TREE) && size >= LONG;
            held = allocate(fillsRegion ? Math.max(size, Math.min(MOST, CacheLines.regionFloats())) : size);
            buffer.set(held);
        }
        return held;
    }

    private static float[] allocate(int size) {
        if (size > MOST) {
            throw new IllegalArgumentException("a buffer of " + size + " floats exceeds the limit; work in pieces");
        }
        try {
            return new float[size];
        } catch (OutOfMemoryError e) {
            throw Memory.error("a buffer for an operation on tensors", (long) Float.BYTES * size, e);
        }
    }

    /** The total size of this thread's buffers, in floats. */
    static long held() {
        long floats = 0;
        for (Scratch scratch : values()) {
            floats += scratch.buffer.get().length;
        }
        return floats;
    }
}
