package nn.tensor;

/** A tensor has another shape than the operation, layer or initializer it was given to can take. */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** What was wanted, such as {@code [batch x 9]}. */
    private final String expected;

    /** What came. */
    private final transient Shape actual;

    /**
     * Describes a mismatch.
     *
     * @param message what, where, why and one likely fix
     * @param expected the shape wanted, with names for the free dimensions, such as {@code [batch x 9]}
     * @param actual the shape that came
     */
    public ShapeException(String message, String expected, Shape actual) {
        super(message);
        this.expected = expected;
        this.actual = actual;
    }

    /**
     * The shape wanted, with names for its free dimensions.
     *
     * @return such as {@code [batch x 9]}
     */
    public String expected() {
        return expected;
    }

    /**
     * The shape that came.
     *
     * @return the offending shape
     */
    public Shape actual() {
        return actual;
    }
}
