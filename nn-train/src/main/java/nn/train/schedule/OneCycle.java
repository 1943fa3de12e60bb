package nn.train.schedule;

import nn.train.internal.Hyperparameters;

/**
 * A schedule of one cycle (Smith and Topin, <i>Super-convergence: very fast training of neural networks using large
 * learning rates</i>, 2018), with the settings of PyTorch's {@code OneCycleLR}: the rate rises from a fraction of the
 * optimizer's rate to that rate, falls to a much smaller one, and stays there. Momentum stays as it is. {@link
 * Schedule#oneCycle} gives the defaults:
 *
 * <pre>{@code
 * Schedule.oneCycle(steps).rise(0.25).startDivisor(10).endDivisor(100).asLines()
 * }</pre>
 *
 * @param steps number of steps of the cycle, 5 or more
 * @param rise the share of the steps in which the rate rises, above 1 / steps and below 1; at most 1/2 with three
 *     phases
 * @param startDivisor the first rate is the optimizer's rate divided by this, 1 or more
 * @param endDivisor the last rate is the first rate divided by this, 1 or more
 * @param linear whether the rate changes linearly, rather than along half a cosine
 * @param threePhases whether the rate falls to the first rate in as many steps as it rises, and in the rest to the last
 *     one
 */
public record OneCycle(
        long steps, double rise, double startDivisor, double endDivisor, boolean linear, boolean threePhases)
        implements Schedule {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it and its value
     */
    public OneCycle {
        Schedules.requireSteps("one-cycle", "steps", steps, 5); // by default, fewer have no rising part
        if (!(rise * steps > 1 && (threePhases ? rise <= 0.5 : rise < 1))) {
            throw new IllegalArgumentException("one-cycle schedule: rise is " + rise + "; it must be above 1 / " + steps
                    + " and " + (threePhases ? "at most 1/2 with three phases" : "below 1"));
        }
        requireDivisor("startDivisor", startDivisor);
        requireDivisor("endDivisor", endDivisor);
    }

    private static void requireDivisor(String name, double divisor) {
        Hyperparameters.requirePositive("one-cycle schedule", name, divisor);
        if (divisor < 1) {
            throw new IllegalArgumentException(
                    "one-cycle schedule: " + name + " is " + divisor + "; it must be 1 or more");
        }
    }

    /**
     * Returns a copy that rises for another share of the steps.
     *
     * @param rise above 1 / steps and below 1
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public OneCycle rise(double rise) {
        return new OneCycle(steps, rise, startDivisor, endDivisor, linear, threePhases);
    }

    /**
     * Returns a copy with another first rate.
     *
     * @param startDivisor what the optimizer's rate is divided by, 1 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public OneCycle startDivisor(double startDivisor) {
        return new OneCycle(steps, rise, startDivisor, endDivisor, linear, threePhases);
    }

    /**
     * Returns a copy with another last rate.
     *
     * @param endDivisor what the first rate is divided by, 1 or more
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public OneCycle endDivisor(double endDivisor) {
        return new OneCycle(steps, rise, startDivisor, endDivisor, linear, threePhases);
    }

    /**
     * Returns a copy whose rate changes linearly.
     *
     * @return the copy
     */
    public OneCycle asLines() {
        return new OneCycle(steps, rise, startDivisor, endDivisor, true, threePhases);
    }

    /**
     * Returns a copy of three phases: it falls to the first rate in as many steps as it rises, and then to the last
     * one.
     *
     * @return the copy
     * @throws IllegalArgumentException if the rate rises in more than half of the steps
     */
    public OneCycle inThreePhases() {
        return new OneCycle(steps, rise, startDivisor, endDivisor, linear, true);
    }

    @Override
    public double factor(long done, int epochs) {
        double first = 1 / startDivisor;
        double end = first / endDivisor;
        double top = rise * steps - 1;
        double last = steps - 1;
        double at = Math.min(done, last);
        if (at <= top) {
            return between(first, 1, at / top);
        }
        double down = threePhases ? 2 * rise * steps - 2 : last;
        return at <= down
                ? between(1, threePhases ? first : end, (at - top) / (down - top))
                : between(first, end, (at - down) / (last - down));
    }

    private double between(double from, double to, double t) {
        return linear ? from + (to - from) * t : Schedules.halfCosine(from, to, t);
    }
}
