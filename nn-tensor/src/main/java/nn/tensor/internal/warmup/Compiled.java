package nn.tensor.internal.warmup;

/**
 * The vector kernels that C2 has compiled. Others must not be used: until it is compiled, each vector operation
 * allocates an object, which is a thousand times slower.
 */
public interface Compiled {
    /** Everything may be used. */
    Compiled ALL = new Compiled() {
        @Override
        public boolean has(Operation operation, int n) {
            return true;
        }
    };

    /** Nothing may be used. */
    Compiled NONE = new Compiled() {
        @Override
        public boolean has(Operation operation, int n) {
            return false;
        }
    };

    /**
     * Whether an operation is compiled.
     *
     * @param operation what is about to be computed
     * @param n the number of its elements, by which its use is counted
     */
    boolean has(Operation operation, int n);
}
