package nn.examples.experiment;

/** What a mean or a variance is taken over. Much confusion in the subject comes from leaving it out. */
public enum Over {
    /** Nothing: the quantity is no average. */
    NOTHING(""),
    /** Independent draws of all weights: the ensemble, which theory speaks of. */
    WEIGHTS("over draws of the weights"),
    /** The units of one layer in one network. */
    UNITS("across the units"),
    /** The inputs, with the weights fixed. */
    INPUTS("over the inputs, weights fixed");

    private final String words;

    Over(String words) {
        this.words = words;
    }

    /**
     * In plain words.
     *
     * @return empty for {@link #NOTHING}
     */
    public String words() {
        return words;
    }
}
