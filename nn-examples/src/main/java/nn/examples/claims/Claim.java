package nn.examples.claims;

import java.util.List;
import nn.tensor.Key;

/** One claim of the subject and the experiment that judges it. */
public interface Claim {
    /** Whether what the text says holds. */
    enum Verdict {
        /** As written. */
        TRUE,
        /** Under a condition that our statement names. */
        CONDITIONAL,
        /** Not as written; our statement is what holds. */
        FALSE
    }

    /**
     * A short name, such as {@code V2}.
     *
     * @return the id
     */
    String id();

    /**
     * What a textbook says, in one or two lines.
     *
     * @return the claim as one reads it
     */
    String text();

    /**
     * Whether it holds.
     *
     * @return the verdict, which {@link #measure} supports
     */
    Verdict verdict();

    /**
     * What holds, with the condition, and the reason in a line or two.
     *
     * @return our statement
     */
    String statement();

    /**
     * Does the experiment.
     *
     * @param key names all its randomness
     * @return what was measured, beside prediction and accepted range
     */
    List<Finding> measure(Key key);
}
