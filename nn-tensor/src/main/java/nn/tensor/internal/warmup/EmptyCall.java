package nn.tensor.internal.warmup;

/**
 * Calls of a kernel that return at once. C2 compiles a method that has been called a few thousand times, whatever the
 * calls did; see {@code VectorWarmUp} for why nearly all of these do nothing. A kernel that would load or store
 * something even without inner steps begins with {@code if (k <= EmptyCall.STEPS) return}, and one that would make
 * vectors even without rows with {@code if (rows == 0) return}. C2 then takes the lengths of loops from the other calls
 * alone.
 */
public final class EmptyCall {
    /** The number of inner steps (or of rows) of an empty call; no product has as few. */
    public static final int STEPS = -1;

    private EmptyCall() {}
}
