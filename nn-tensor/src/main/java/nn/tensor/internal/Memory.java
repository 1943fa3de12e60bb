package nn.tensor.internal;

/**
 * The error for an array that the heap has no room for. It stays an {@link OutOfMemoryError}: whether there is room
 * depends on the state of the JVM and not on an argument, and whoever handles the JVM's own error, or exits on it, goes
 * on doing so.
 */
public final class Memory {
    private Memory() {}

    /**
     * Zeros in double.
     *
     * @param n how many
     * @param what they are for, such as "QR: the triangular factor"; begins the message of an error
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
     * The JVM's error with a message that helps.
     *
     * @param what is to be allocated, such as "a tensor of shape [2 x 3]"; begins the message
     * @param bytes how many it needs
     * @param cause what the JVM threw
     * @return the error to throw
     */
    public static OutOfMemoryError error(String what, long bytes, OutOfMemoryError cause) {
        Runtime runtime = Runtime.getRuntime();
        long most = runtime.maxMemory();
        long free = most - runtime.totalMemory() + runtime.freeMemory();
        OutOfMemoryError error = new OutOfMemoryError(what + " needs " + bytes + " bytes; of the heap's " + most + ", "
                + free + " are free" + (free < bytes ? "" : ", but not in one piece") + " (" + cause.getMessage()
                + "): let go of other tensors, make it smaller, or start Java with a larger -Xmx");
        error.initCause(cause);
        return error;
    }
}
