package nn.train.schedule;

/**
 * The course of the learning rate in a training: a value that gives, for each step, the factor by which the rate of the
 * {@link nn.train.optimizer.Optimizer} is multiplied by. It depends on how far the training is and on nothing else, so
 * a training that is continued has the right rate; what depends on how well it goes is a {@link Plateau}. The numbers
 * are those of PyTorch's {@code torch.optim.lr_scheduler} with the scheduler stepped after every step of the optimizer.
 *
 * <pre>{@code
 * Schedule.warmUp(500).times(Schedule.cosine(20_000, 0.01))
 * Schedule.step(30, 0.1).perEpoch()
 * }</pre>
 *
 * <p>A lambda will do, too. Powers and cosines of the built-in ones are {@link StrictMath}'s: the same bits everywhere.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * The factor of one step.
     *
     * @param steps how many steps were made before it
     * @param epochs how many epochs were finished before it, in the whole training; 0 where {@link
     *     nn.train.Trainer#fit} is not used
     * @return finite, 0 or more
     */
    double factor(long steps, int epochs);

    /**
     * Always 1.
     *
     * @return the rate as it is
     */
    static Schedule constant() {
        return new Schedules.Constant();
    }

    /**
     * {@code decay^floor(k / every)} at step k from 0: {@code StepLR}.
     *
     * @param every after how many steps the rate falls, 1 or more
     * @param decay by how much, finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule step(long every, double decay) {
        return new Schedules.Step(every, decay);
    }

    /**
     * {@code decay^k} at step k from 0: {@code ExponentialLR}.
     *
     * @param decay finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if it is out of its range
     */
    static Schedule exponential(double decay) {
        return new Schedules.Step(1, decay);
    }

    /**
     * {@code decay^m} after m of some milestones: {@code MultiStepLR}.
     *
     * @param decay finite, 0 or more
     * @param milestones the steps, from 0, at which the rate falls
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule milestones(double decay, long... milestones) {
        return new Schedules.Milestones(decay, milestones);
    }

    /**
     * From 1 down to a floor along half a cosine, {@code floor + (1 - floor) (1 + cos(pi k / steps)) / 2}, and on at
     * the floor: {@code CosineAnnealingLR} (Loshchilov and Hutter, <i>SGDR</i>, ICLR 2017), which would rise again.
     *
     * @param steps after how many the floor is reached, 1 or more
     * @param floor from 0 to 1
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule cosine(long steps, double floor) {
        return new Schedules.Cosine(steps, floor);
    }

    /**
     * From 1 down to a floor along half a cosine, again and again, each time {@code longer} times as long: {@code
     * CosineAnnealingWarmRestarts}.
     *
     * @param steps the length of the first, 1 or more
     * @param longer 1 or more
     * @param floor from 0 to 1
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule cosineRestarts(long steps, int longer, double floor) {
        return new Schedules.Restarts(steps, longer, floor);
    }

    /**
     * From one factor to another in a straight line, and on at that: {@code LinearLR}.
     *
     * @param steps after how many the end is reached, 1 or more
     * @param from finite, 0 or more
     * @param to finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule linear(long steps, double from, double to) {
        return new Schedules.Linear(steps, from, to);
    }

    /**
     * Up to 1 in a straight line: {@code min(1, (k + 1) / steps)} at step k from 0.
     *
     * @param steps the step at which 1 is reached, from 1
     * @return the schedule
     * @throws IllegalArgumentException if it is below 1
     */
    static Schedule warmUp(long steps) {
        return new Schedules.WarmUp(steps);
    }

    /**
     * {@code (1 - k / steps)^power} at step k from 0, and on at 0: {@code PolynomialLR}.
     *
     * @param steps after how many 0 is reached, 1 or more
     * @param power finite, 0 or more
     * @return the schedule
     * @throws IllegalArgumentException if a number is out of its range; by name and value
     */
    static Schedule polynomial(long steps, double power) {
        return new Schedules.Polynomial(steps, power);
    }

    /**
     * Up and down once, along half cosines: in the first 3/10 of the steps from 1/25 to 1, then down to 1/250000, and
     * on at that. {@code OneCycleLR} with its defaults (Smith and Topin, <i>Super-convergence</i>, 2018); the
     * optimizer's rate is the highest one.
     *
     * @param steps the length of the cycle, 5 or more
     * @return the schedule
     * @throws IllegalArgumentException if it is below 5
     */
    static Schedule oneCycle(long steps) {
        return new Schedules.OneCycle(steps);
    }

    /**
     * Both factors multiplied.
     *
     * @param other a second schedule
     * @return the product
     */
    default Schedule times(Schedule other) {
        return new Schedules.Product(this, other);
    }

    /**
     * Returns this schedule for some steps, followed by another, which counts its steps from there. To switch after a
     * number of epochs, count both in epochs: {@code Schedule.constant().then(2, Schedule.step(1, 0.5)).perEpoch()}.
     *
     * @param steps how long this one holds, 0 or more
     * @param next the schedule after it; one that counts epochs is refused, because the number of the epoch in which it
     *     begins depends on the data. A lambda gets the epochs of the whole training
     * @return one after the other
     * @throws IllegalArgumentException if {@code steps} is negative, or {@code next} counts epochs
     * @throws NullPointerException if {@code next} is null
     */
    default Schedule then(long steps, Schedule next) {
        return new Schedules.Sequence(this, steps, next);
    }

    /**
     * Returns this schedule with every number of steps, those of {@link #then} included, as a number of epochs. For use
     * with {@link nn.train.Trainer#fit}.
     *
     * @return a schedule that changes between epochs only
     */
    default Schedule perEpoch() {
        return new Schedules.PerEpoch(this);
    }
}
