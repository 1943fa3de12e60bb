package nn.train.diagnose;

import java.util.Objects;

/**
 * What may help.
 *
 * @param text says what to write, in a sentence
 * @param treatment does it; {@link Treatment#NONE} if it is for people to do
 */
public record Remedy(String text, Treatment treatment) {
    /**
     * Checks that nothing is null.
     *
     * @throws NullPointerException if an argument is null
     */
    public Remedy {
        text = Sentences.capital(Objects.requireNonNull(text, "text"));
        Objects.requireNonNull(treatment, "treatment");
    }

    /**
     * A remedy that only people can apply, such as another architecture.
     *
     * @param text says what to write
     * @return the remedy
     */
    public static Remedy advice(String text) {
        return new Remedy(text, Treatment.NONE);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return text;
    }
}
