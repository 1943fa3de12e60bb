package nn.train;

import nn.train.internal.Hyperparameters;

/**
 * A moving average of the weights, which a trainer keeps beside them. It often generalizes better than the last
 * weights, because their random moves from step to step cancel. All parameters are averaged, running statistics
 * included.
 *
 * <pre>{@code
 * TrainerOptions.NONE.averaging(Averaging.exponential(0.999))
 * }</pre>
 *
 * <p>{@link FitOptions#validateAverage} compares epochs by it, {@link Trainer#withAverage} lends it to the model, and
 * {@link Trainer#adoptAverage} leaves it there. Training does not see it.
 */
public sealed interface Averaging {
    /**
     * Returns an exponential moving average, which every step moves by {@code 1 - decay} towards the weights. Its
     * weights add up to 1 from the first step on, as if divided by {@code 1 - decay^t} after t steps: in the beginning
     * it is near the plain mean of all steps, and no start is remembered.
     *
     * @param decay weight of the past, above 0 and below 1; 0.999 averages over about the last 1000 steps
     * @return the rule
     * @throws IllegalArgumentException if it is out of range
     */
    static Averaging exponential(double decay) {
        return new Exponential(decay);
    }

    /**
     * Returns stochastic weight averaging (Izmailov et al., <i>Averaging weights leads to wider optima and better
     * generalization</i>, UAI 2018): the mean of the weights at the end of each epoch from a given one on. Training
     * usually has a constant rate in these epochs. After {@link Trainer#adoptAverage}, call {@link
     * Trainer#measureStatistics} if the model has batch normalization: a mean of running statistics is not that of the
     * averaged weights.
     *
     * @param epoch the first epoch that counts, by its number in the trainer, 1 or more
     * @return the rule, for use with {@link Trainer#fit}
     * @throws IllegalArgumentException if it is below 1
     */
    static Averaging equalFrom(int epoch) {
        return new Equal(epoch);
    }

    /**
     * The rule of {@link #exponential}.
     *
     * @param decay weight of the past
     */
    record Exponential(double decay) implements Averaging {
        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException if it is out of range
         */
        public Exponential {
            Hyperparameters.requireFractionDouble("Averaging", "decay", decay);
            if (decay == 0) {
                throw new IllegalArgumentException(
                        "Averaging: decay is 0.0; it must be above 0, or nothing is averaged");
            }
        }
    }

    /**
     * The rule of {@link #equalFrom}.
     *
     * @param epoch the first epoch that counts
     */
    record Equal(int epoch) implements Averaging {
        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException if it is below 1
         */
        public Equal {
            if (epoch < 1) {
                throw new IllegalArgumentException("Averaging: epoch is " + epoch + "; it must be 1 or more");
            }
        }
    }
}
