package nn.tensor;

/** The side of a matrix product that is read transposed. */
public enum Transposed {
    /** A B. */
    NONE,
    /** A' B, the weight gradient of a dense layer. */
    LEFT,
    /** A B', the input gradient of a dense layer. */
    RIGHT
}
