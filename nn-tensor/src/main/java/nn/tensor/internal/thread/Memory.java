package nn.tensor.internal.thread;

/**
 * The error for an array that the heap has no room for. It stays an {@link OutOfMemoryError}: whether there is room
 * depends on the state of the JVM and not on an argument, and code that handles the JVM's own error, or exits on it,
 * still does.
 */
public final class Memory {
    private Memory() {}

    /**
     * Allocates zeros in double.
     *
     * @param n the number of elements
     * @param what their purpose, such as "QR: the triangular factor"; begins the message of an error
     * @return a new array
     * @throws OutOfMemoryError if the heap has no room for it
     */
    public static double[] doubles(int n, String what) {
        try {
            return new double[n];
        } catch (OutOfMemoryError e) {
            throw error(what, (long) Double.BYTES * n, e);
        }
    }

    /**
     * Returns the JVM's error with a useful message.
     *
     * @param what the object to allocate, such as "a tensor of shape [2 x 3]"; begins the message
     * @param bytes the number of bytes it needs
     * @param cause the error of the JVM
     * @return the error to throw
     */
    public static OutOfMemoryError error(String what, long bytes, OutOfMemoryError cause) {
        Runtime runtime = Runtime.getRuntime();
        long most = runtime.maxMemory();
        long free = most - runtime.totalMemory() + runtime.freeMemory();
        OutOfMemoryError error = new OutOfMemoryError(what + " needs " + bytes + " bytes; of the heap's " + most + ", "
                + free + " are free" + (free < bytes ? "" : ", but not in one piece") + " (" + cause.getMessage()
                + "): release other tensors, make it smaller, or start Java with a larger -Xmx");
        error.initCause(cause);
        return error;
    }
}
