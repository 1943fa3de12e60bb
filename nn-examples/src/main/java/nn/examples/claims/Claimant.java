package nn.examples.claims;

/** The author of a claim. */
public enum Claimant {
    /** The course unit on weight initialization, whose sentences are quoted one by one. */
    COURSE_UNIT,
    /** A paper, named in its claim. */
    PAPER
}
