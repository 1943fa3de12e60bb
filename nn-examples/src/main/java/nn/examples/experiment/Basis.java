package nn.examples.experiment;

/** Where the expected value of a measurement comes from. */
public enum Basis {
    /** A formula or an exact argument. */
    THEORY,
    /** An independent experiment, in float64 and with other code. */
    REFERENCE,
    /** Nothing: no value is predicted, only a range is asked for. */
    NONE
}
