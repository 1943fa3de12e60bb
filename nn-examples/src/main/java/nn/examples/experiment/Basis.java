package nn.examples.experiment;

/** The origin of the expected value of a measurement. */
public enum Basis {
    /** A formula or an exact argument. */
    THEORY,
    /** An independent experiment, in float64 and with other code. */
    REFERENCE,
    /** Nothing: no value is predicted, only a range is required. */
    NONE
}
