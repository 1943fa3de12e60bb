package nn.examples.experiment;

/** The set over which a mean or a variance is taken. Much confusion in the subject comes from not stating it. */
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
     * Returns the set in plain words.
     *
     * @return empty for {@link #NOTHING}
     */
    public String words() {
        return words;
    }
}
