package nn.examples.sweep;

/** A number with what it counts. */
public final class Counted {
    private Counted() {}

    /**
     * Returns such as {@code 1 step} and {@code 2 steps}.
     *
     * @param number how many
     * @param noun in the singular, whose plural ends with s
     * @return the text
     */
    public static String of(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
