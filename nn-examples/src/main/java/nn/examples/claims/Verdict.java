package nn.examples.claims;

/** Whether what a text says holds. */
public enum Verdict {
    /** As written. */
    TRUE,
    /** Under a condition that our statement names. */
    CONDITIONAL,
    /** Not as written; our statement is what holds. */
    FALSE
}
