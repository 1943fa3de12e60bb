package nn.tensor.internal.thread;

import java.lang.ref.WeakReference;

/**
 * Places for floats that begin at a cache line. A vector of 512 bits that begins elsewhere lies in two lines, and a
 * product reads its right side at half the speed.
 *
 * <p>Java does not say where an array is, and the collector moves it. But G1, the default collector, puts an array of
 * half a region and more at the beginning of a region, after a header of 16 bytes, and leaves it there. So places are
 * pieces of arrays that fill a region, each thread cutting its own. With another collector, or another size of the
 * header, they are places like any other.
 */
public final class CacheLines {
    /** Floats of a cache line. */
    public static final int FLOATS = 16;

    /** The bytes of an array's header. */
    private static final int HEADER = 16;

    /** The index of the first float in an array of its own region that begins a cache line. */
    public static final int FIRST = FLOATS - HEADER / Float.BYTES;

    /**
     * Whether places begin at a cache line if the JVM runs the collector that it chooses itself: with one processor
     * that is not G1.
     */
    public static final boolean LIKELY = Runtime.getRuntime().availableProcessors() > 1;

    /** Smaller pieces, of which a product reads little, are not worth a place in a large array. */
    private static final int WORTH_IT = 1024;

    private static final PerThread<CacheLines> CUTTING = new PerThread<>(CacheLines::new);

    private WeakReference<float[]> array = new WeakReference<>(null); // lives as long as its pieces do
    private int end; // of the pieces that were cut

    private CacheLines() {}

    /** A piece of an array: floats from an offset on. */
    public record Piece(float[] array, int offset) {}

    /**
     * Returns zeros that nothing else uses.
     *
     * @param n the number of floats
     * @return an array, and where they begin in it
     * @throws OutOfMemoryError if the heap has no room for it
     */
    public static Piece zeros(int n) {
        return n < WORTH_IT ? new Piece(new float[n], 0) : CUTTING.get().cut(n);
    }

    private Piece cut(int n) {
        int whole = regionFloats();
        if (n > whole - FIRST) {
            return n > Integer.MAX_VALUE - 2 * FLOATS // no array has room for the offset as well
                    ? new Piece(new float[n], 0)
                    : new Piece(new float[FIRST + n], FIRST);
        }
        float[] last = array.get();
        if (last == null || n > last.length - end) {
            last = new float[whole];
            array = new WeakReference<>(last);
            end = FIRST;
        }
        int begin = end;
        end += (n + FLOATS - 1) / FLOATS * FLOATS;
        return new Piece(last, begin);
    }

    /** The floats of an array that fills a region of this JVM's heap. */
    static int regionFloats() {
        return regionFloats(Runtime.getRuntime().maxMemory());
    }

    /**
     * The floats of an array that fills a region of G1: the heap's maximum divided by 2048, rounded up to a power of
     * two, from 1 to 32 megabytes.
     */
    static int regionFloats(long maxHeap) {
        long least = Math.clamp(maxHeap / 2048, 1 << 20, 1 << 25);
        long region = Long.highestOneBit(2 * least - 1);
        return (int) (region - HEADER) / Float.BYTES;
    }
}
