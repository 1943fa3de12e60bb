package nn.train.schedule;

/**
 * A learning rate schedule: for each step, a factor that multiplies the rate of the {@link
 * nn.train.optimizer.Optimizer}. The factor depends only on the numbers of steps and epochs, so a resumed training has
 * the right rate; a {@link Plateau} depends on the results of the training. The factors are those of PyTorch's {@code
 * torch.optim.lr_scheduler} with the scheduler stepped after every step of the optimizer.
 *
 * <pre>{@code
 * Schedule.warmUp(500).times(Schedule.cosine(20_000, 0.01))
 * Schedule.step(30, 0.1).perEpoch()
 * }</pre>
 *
 * <p>A lambda can be a schedule. Built-in schedules compute powers and cosines by {@link StrictMath}, so they have the
 * same bits everywhere.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * Returns the factor of one step.
     *
     * @param steps number of steps done before it
     * @param epochs number of epochs finished before it, in the whole training; 0 if {@link nn.train.Trainer#fit} is
     *     not used
     * @return finite, 0 or more
     */
    double factor(long steps, int epochs);

    /**
     * Returns a schedule whose factor is always 1.
     *
     * @return the schedule
     */
    static Schedule constant() {
        return new Schedules.Constant();
    }

    /**
     * Returns {@code decay^floor(k / every)} at step k from 0: PyTorch's {@code StepLR}.
     *
     * @param every number of steps after which the rate falls, 1 or more
     * @param decay factor by which it falls, finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule step(long every, double decay) {
        return new Schedules.Step(every, decay);
    }

    /**
     * Returns {@code decay^k} at step k from 0: PyTorch's {@code ExponentialLR}.
     *
     * @param decay factor of each step, finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if it is out of its range
     */
    static Schedule exponential(double decay) {
        return new Schedules.Step(1, decay);
    }

    /**
     * Returns {@code decay^m} after m of the milestones: PyTorch's {@code MultiStepLR}.
     *
     * @param decay factor of each milestone, finite, 0 or more
     * @param milestones the steps, from 0, at which the rate falls
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule milestones(double decay, long... milestones) {
        return new Schedules.Milestones(decay, milestones);
    }

    /**
     * Returns a schedule that falls from 1 to a floor along half a cosine, {@code floor + (1 - floor) (1 + cos(pi k /
     * steps)) / 2} at step k from 0, and stays there (Loshchilov and Hutter, <i>SGDR</i>, ICLR 2017). PyTorch's {@code
     * CosineAnnealingLR} rises again instead.
     *
     * @param steps number of steps until the floor is reached, 1 or more
     * @param floor the final factor, from 0 to 1
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule cosine(long steps, double floor) {
        return new Schedules.Cosine(steps, floor);
    }

    /**
     * Returns a schedule that falls from 1 to a floor along half a cosine, again and again: PyTorch's {@code
     * CosineAnnealingWarmRestarts}.
     *
     * @param steps number of steps of the first period, 1 or more
     * @param longer factor by which each period is longer than the one before, 1 or more
     * @param floor the lowest factor, from 0 to 1
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule cosineRestarts(long steps, int longer, double floor) {
        return new Schedules.Restarts(steps, longer, floor);
    }

    /**
     * Returns a schedule that goes linearly from one factor to another, and stays there: PyTorch's {@code LinearLR}.
     *
     * @param steps number of steps until the end is reached, 1 or more
     * @param from the first factor, finite, 0 or more
     * @param to the last factor, finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule linear(long steps, double from, double to) {
        return new Schedules.Linear(steps, from, to);
    }

    /**
     * Returns a schedule that rises linearly to 1: {@code min(1, (k + 1) / steps)} at step k from 0.
     *
     * @param steps the step at which 1 is reached, from 1
     * @return the schedule
     * @throws IllegalArgumentException if it is below 1
     */
    static Schedule warmUp(long steps) {
        return new Schedules.WarmUp(steps);
    }

    /**
     * Returns {@code (1 - k / steps)^power} at step k from 0 to {@code steps}, and stays there: PyTorch's {@code
     * PolynomialLR}. So it falls from 1 to 0, except that a power of 0 gives 1 at every step, for ever.
     *
     * @param steps number of steps until the end is reached, 1 or more
     * @param power the exponent, finite, 0 or more; 1 for a straight line
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Schedule polynomial(long steps, double power) {
        return new Schedules.Polynomial(steps, power);
    }

    /**
     * Returns a schedule of one cycle of half cosines: in the first 3/10 of the steps it rises from 1/25 to 1, then it
     * falls to 1/250000 and stays there. This is PyTorch's {@code OneCycleLR} with its defaults; the optimizer's rate
     * is the highest one.
     *
     * @param steps number of steps of the cycle, 5 or more
     * @return the schedule, whose other settings can be changed
     * @throws IllegalArgumentException if it is below 5
     */
    static OneCycle oneCycle(long steps) {
        return new OneCycle(steps, 0.3, 25, 1e4, false, false);
    }

    /**
     * Returns the product of two schedules.
     *
     * @param other the other schedule
     * @return the product
     */
    default Schedule times(Schedule other) {
        return new Schedules.Product(this, other);
    }

    /**
     * Returns this schedule for some steps, followed by another, which counts its steps from there. To switch after a
     * number of epochs, count both in epochs: {@code Schedule.constant().then(2, Schedule.step(1, 0.5)).perEpoch()}.
     *
     * @param steps number of steps of this schedule, 0 or more
     * @param next the schedule after it; one that counts epochs is refused, because the epoch in which it begins
     *     depends on the data. A lambda gets the epochs of the whole training
     * @return the sequence of the two
     * @throws IllegalArgumentException if {@code steps} is negative, or {@code next} counts epochs
     * @throws NullPointerException if {@code next} is null
     */
    default Schedule then(long steps, Schedule next) {
        return new Schedules.Sequence(this, steps, next);
    }

    /**
     * Returns this schedule with all its numbers of steps, also those of {@link #then}, taken as numbers of epochs. For
     * use with {@link nn.train.Trainer#fit}.
     *
     * @return a schedule that changes between epochs only
     */
    default Schedule perEpoch() {
        return new Schedules.PerEpoch(this);
    }
}
