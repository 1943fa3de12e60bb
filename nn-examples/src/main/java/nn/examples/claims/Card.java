package nn.examples.claims;

import java.util.List;

/**
 * A claim in words.
 *
 * @param ids the names that mean it. The first is its own and no other claim's first; the others are rows of the text,
 *     of papers and of experiments that it answers as well, as other claims may too
 * @param text the text's sentence, quoted
 * @param verdict whether it holds
 * @param statement what holds, in plain words, with the condition and the reason
 * @param derivation at most three lines of argument, plain text; at least one where the text is wrong
 */
public record Card(List<String> ids, String text, Verdict verdict, String statement, List<String> derivation) {
    private static final int MOST_LINES = 3;

    /** Checks what a reader relies on. */
    public Card {
        ids = List.copyOf(ids);
        derivation = List.copyOf(derivation);
        if (ids.isEmpty() || !ids.stream().allMatch(id -> id.matches("[A-Z]*-?[0-9]+[a-z]?"))) {
            throw new IllegalArgumentException("ids " + ids + ": at least one, such as S4, 40, 33a or B-1");
        }
        if (text.isBlank() || statement.isBlank()) {
            throw new IllegalArgumentException("claim " + ids.getFirst() + " has no text or no statement");
        }
        if (derivation.size() > MOST_LINES || verdict == Verdict.FALSE && derivation.isEmpty()) {
            throw new IllegalArgumentException("claim " + ids.getFirst() + " has " + derivation.size()
                    + " lines of derivation: at most " + MOST_LINES + ", and at least one where the text is wrong");
        }
    }

    /**
     * Begins a card.
     *
     * @param ids its own id first, then what else it answers, such as {@code "V2", "40", "46"}
     * @param text the text's sentence
     * @return a card that still needs its verdict
     */
    public static Draft of(List<String> ids, String text) {
        return new Draft(ids, text);
    }

    /**
     * Returns the name of the claim.
     *
     * @return the first id
     */
    public String id() {
        return ids.getFirst();
    }

    /**
     * A card without its verdict.
     *
     * @param ids see {@link Card}
     * @param text see {@link Card}
     */
    public record Draft(List<String> ids, String text) {
        /**
         * Gives the verdict that the text is right.
         *
         * @param statement what holds
         * @param derivation at most three lines
         * @return the card
         */
        public Card isTrue(String statement, String... derivation) {
            return new Card(ids, text, Verdict.TRUE, statement, List.of(derivation));
        }

        /**
         * Gives the verdict that the text is right under a condition.
         *
         * @param statement what holds, with the condition
         * @param derivation at most three lines
         * @return the card
         */
        public Card isConditional(String statement, String... derivation) {
            return new Card(ids, text, Verdict.CONDITIONAL, statement, List.of(derivation));
        }

        /**
         * Gives the verdict that the text is wrong.
         *
         * @param statement what holds instead
         * @param derivation one to three lines
         * @return the card
         */
        public Card isFalse(String statement, String... derivation) {
            return new Card(ids, text, Verdict.FALSE, statement, List.of(derivation));
        }
    }
}
