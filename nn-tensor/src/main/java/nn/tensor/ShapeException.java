package nn.tensor;

/** Thrown for a tensor whose shape an operation, layer or initializer does not accept. */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The expected shape, such as {@code [batch x 9]}. */
    private final String expected;

    /** The actual shape. */
    private final transient Shape actual;

    /**
     * Creates the exception.
     *
     * @param message what, where, why and one likely fix
     * @param expected the expected shape, with names for the free dimensions, such as {@code [batch x 9]}
     * @param actual the actual shape
     */
    public ShapeException(String message, String expected, Shape actual) {
        super(message);
        this.expected = expected;
        this.actual = actual;
    }

    /**
     * Returns the expected shape, with names for its free dimensions.
     *
     * @return such as {@code [batch x 9]}
     */
    public String expected() {
        return expected;
    }

    /**
     * Returns the actual shape.
     *
     * @return the shape that does not fit
     */
    public Shape actual() {
        return actual;
    }
}
