package nn.examples.experiment;

/**
 * How often a trial is made.
 *
 * @param count how often
 * @param widening by which factor a mean over so many trials spreads more than over those of a full run: the square
 *     root of the ratio, 1 in a full run
 */
public record Repetitions(int count, double widening) {
    /** Checks the count. */
    public Repetitions {
        if (count < 1) {
            throw new IllegalArgumentException(count + " repetitions: at least 1");
        }
    }

    /**
     * The tolerance of a mean over these trials.
     *
     * @param tolerance that of a full run
     * @return the same in a full run, more in a quick one
     */
    public double widen(double tolerance) {
        return tolerance * widening;
    }
}
