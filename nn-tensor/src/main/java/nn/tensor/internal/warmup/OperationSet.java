package nn.tensor.internal.warmup;

/** A set of operations that grows. Reading it takes no lock. */
public final class OperationSet {
    /** The most operations. */
    static final int CAPACITY = 2 * Long.SIZE;

    private volatile long low;
    private volatile long high;

    /** Whether an operation is in the set. */
    public boolean has(Operation operation) {
        return ((operation.inHigh ? high : low) & operation.bit) != 0;
    }

    /** Adds an operation; false if it was in the set. */
    public synchronized boolean add(Operation operation) {
        boolean isNew = !has(operation);
        if (operation.inHigh) {
            high |= operation.bit;
        } else {
            low |= operation.bit;
        }
        return isNew;
    }
}
