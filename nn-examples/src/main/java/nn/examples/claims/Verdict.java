package nn.examples.claims;

/** The verdict on a sentence of a text. */
public enum Verdict {
    /** True as written. */
    TRUE,
    /** True under a condition that our statement names. */
    CONDITIONAL,
    /** False as written; our statement says what is true. */
    FALSE
}
