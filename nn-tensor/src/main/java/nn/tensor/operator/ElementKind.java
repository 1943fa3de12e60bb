package nn.tensor.operator;

/** The type of the numbers of a {@link Value}. The tensors of this library have {@link #FLOAT32} only. */
public enum ElementKind {
    /** IEEE 754 binary32. */
    FLOAT32,
    /** IEEE 754 binary64, in which some constants are computed. */
    FLOAT64,
    /** Signed, 32 bits, such as lengths of sequences. */
    INT32,
    /** Signed, 64 bits, such as indices and sizes. */
    INT64,
    /** True or false. */
    BOOL
}
