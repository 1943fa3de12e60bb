package nn.init;

/**
 * The number of connections by which the variance of a weight is divided. The variance {@code gain^2 / fan} keeps the
 * scale of the signal where {@code fan} is {@link #IN}, that of the gradient where it is {@link #OUT}; both only if
 * the two are equal.
 */
public enum Fan {
    /** Inputs of one unit: the forward pass keeps its scale, whatever the widths (He, LeCun). */
    IN,
    /** Units fed by one input: the backward pass keeps its scale, whatever the widths. */
    OUT,
    /**
     * The arithmetic mean {@code (in + out) / 2}: Glorot and Bengio's compromise, as the variance {@code 2 / (in +
     * out)} is the harmonic mean of {@code 1 / in} and {@code 1 / out}. Where widths alternate, both passes lose a
     * little in every layer.
     */
    AVERAGE,
    /**
     * The geometric mean {@code sqrt(in * out)}: the variance errs by the same factor forwards and backwards. With
     * alternating widths the errors of neighbouring layers cancel in both passes.
     */
    GEOMETRIC;

    /**
     * Returns this fan of a layer.
     *
     * @param fans the fans that the layer declares
     * @return above 0
     */
    public double of(Fans fans) {
        double in = fans.in();
        double out = fans.out();
        return switch (this) {
            case IN -> in;
            case OUT -> out;
            case AVERAGE -> (in + out) / 2;
            case GEOMETRIC -> Math.sqrt(in * out);
        };
    }
}
