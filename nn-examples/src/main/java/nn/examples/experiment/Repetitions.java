package nn.examples.experiment;

/**
 * The number of trials, and its effect on a range.
 *
 * @param count the number of trials
 * @param widening the factor by which a mean spreads more than in a full run: the square root of the ratio of the
 *     counts, so 1 in a full run
 */
public record Repetitions(int count, double widening) {
    /** Checks the count. */
    public Repetitions {
        if (count < 1) {
            throw new IllegalArgumentException(count + " repetitions: at least 1");
        }
    }

    /**
     * Returns the tolerance of a mean over these trials.
     *
     * @param tolerance the tolerance in a full run
     * @return the same in a full run, more in a quick one
     */
    public double widen(double tolerance) {
        return tolerance * widening;
    }
}
