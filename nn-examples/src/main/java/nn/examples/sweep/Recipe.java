package nn.examples.sweep;

import java.io.Serializable;
import java.util.Locale;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/**
 * What all trials of a sweep have in common. The data are {@linkplain nn.examples.data.DigitImages digits}, three
 * quarters for training and the others for the test.
 *
 * @param steps the steps of a trial, 1 or more
 * @param batch the examples of a batch, 1 or more
 * @param method the optimizer
 * @param biasVariance the variance of the hidden biases at the start, sigma_b^2; finite, 0 or more
 */
public record Recipe(int steps, int batch, Method method, double biasVariance) implements Serializable {
    /** An optimizer, whose rate is a coordinate of the trial. */
    public enum Method {
        /** Stochastic gradient descent. */
        SGD,
        /** Stochastic gradient descent with a momentum of 0.9. */
        MOMENTUM,
        /** Adam with its usual constants. */
        ADAM;

        /**
         * Returns the optimizer of a rate.
         *
         * @param rate above 0
         * @return the optimizer
         */
        public Optimizer of(double rate) {
            return switch (this) {
                case SGD -> Sgd.of(rate);
                case MOMENTUM -> Sgd.of(rate).withMomentum(0.9);
                case ADAM -> Adam.of(rate);
            };
        }

        /** Returns the name in lower case, as on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Recipe {
        if (steps < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "a recipe of " + steps + " steps with batches of " + batch + "; give at least 1 of both");
        }
        if (!(biasVariance >= 0 && Double.isFinite(biasVariance))) {
            throw new IllegalArgumentException(
                    "the variance of the biases is " + biasVariance + "; it must be finite, and 0 or more");
        }
    }

    /** Returns everything that the outcomes depend on besides the coordinates and the version of the program. */
    @Override
    public String toString() {
        return "digits, " + Counted.of(steps, "step") + " of " + method + ", batches of " + batch + ", bias variance "
                + biasVariance;
    }
}
