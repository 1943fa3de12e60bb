package nn.init.theory;

import java.util.List;
import java.util.Objects;
import nn.init.Fans;
import nn.init.nonlinearity.Nonlinearity;

/**
 * A part of a network in the theory of wide layers: what it does to the second moment of a signal of mean 0, forward,
 * and to that of a gradient, backward. Parts are put together by {@link Chain} and {@link Residual}, so that whole
 * blocks can be predicted:
 *
 * <pre>{@code
 * Fans fans = new Fans(64, 64);
 * Stage branch = new Stage.Chain(List.of(
 *         SignalPropagation.DenseLayer.ofGain(fans, Math.sqrt(2), Nonlinearity.RELU),
 *         SignalPropagation.DenseLayer.ofGain(fans, Math.sqrt(2.0 / 24), Nonlinearity.LINEAR)));   // by sqrt(24)
 * double growth = new Stage.Chain(Collections.nCopies(24, new Stage.Residual(branch, 1, 1))).output(1);
 * }</pre>
 *
 * <p>Second moments are means over the elements of a tensor and over the draws of the weights. The gradient is taken as
 * independent of the signal and of the weights of the forward pass, as in {@link SignalPropagation}.
 */
public interface Stage {
    /**
     * The second moment of the output.
     *
     * @param input E[x^2] of the input, finite, 0 or more
     * @return E[y^2]
     */
    double output(double input);

    /**
     * The factor of the gradient's second moment.
     *
     * @param input E[x^2] of the input, finite, 0 or more
     * @return E[dx^2] / E[dy^2]
     */
    double gradientFactor(double input);

    /**
     * Parts one after the other.
     *
     * @param stages in forward order; none at all passes everything on
     */
    record Chain(List<Stage> stages) implements Stage {
        /** Copies the list. */
        public Chain {
            stages = List.copyOf(stages);
        }

        /**
         * The second moments between the parts.
         *
         * @param input E[x^2] of the input, finite, 0 or more
         * @return one more than there are parts, that of the input first
         */
        public double[] outputs(double input) {
            double[] values = new double[stages.size() + 1];
            values[0] = Check.notNegative("stage", "second moment", input);
            for (int i = 0; i < stages.size(); i++) {
                values[i + 1] = stages.get(i).output(values[i]);
            }
            return values;
        }

        @Override
        public double output(double input) {
            return outputs(input)[stages.size()];
        }

        @Override
        public double gradientFactor(double input) {
            double[] values = outputs(input);
            double factor = 1;
            for (int i = 0; i < stages.size(); i++) {
                factor *= stages.get(i).gradientFactor(values[i]);
            }
            return factor;
        }
    }

    /**
     * {@code y = a x + b f(x)}, where the last weight of f is independent of x and has the mean 0, so that the two are
     * uncorrelated: {@code E y^2 = a^2 E x^2 + b^2 E f(x)^2}, and for the gradient {@code a^2 + b^2 F} with the factor
     * F of f.
     *
     * <p>For a branch of He weights, {@code W2 relu(W1 x)}, {@code E f^2 = 2 E x^2}: L blocks multiply the second
     * moment by {@code 3^L}, and with {@code b^2 = 1 / L} by {@code (1 + 2 / L)^L}, which is below e^2 (GPT-2's
     * division; Balduzzi and others 2017). Behind a normalization, E f^2 = v whatever x is, so it grows by addition,
     * from s to {@code s + L b^2 v}. ReZero and zero-last begin with {@code b = 0}, DeepNorm has {@code a = alpha}.
     *
     * @param branch f
     * @param shortcut a, finite
     * @param gain b, finite
     */
    record Residual(Stage branch, double shortcut, double gain) implements Stage {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if a number is not finite
         */
        public Residual {
            Objects.requireNonNull(branch, "branch");
            if (!Double.isFinite(shortcut) || !Double.isFinite(gain)) {
                throw new IllegalArgumentException(
                        "residual: shortcut " + shortcut + " and gain " + gain + " must be finite");
            }
        }

        @Override
        public double output(double input) {
            return shortcut * shortcut * input + (gain == 0 ? 0 : gain * gain * branch.output(input));
        }

        @Override
        public double gradientFactor(double input) {
            return shortcut * shortcut + (gain == 0 ? 0 : gain * gain * branch.gradientFactor(input));
        }
    }

    /**
     * A normalization of n elements with a scale of 1: the output has the second moment 1. Its derivative removes the
     * direction of the output, and that of the mean if the mean is subtracted: {@code E dx^2 = (1 - d / n) E dy^2 / E
     * x^2} with d removed directions (Ba, Kiros and Hinton, <i>Layer normalization</i>, 2016, section 5; Ioffe and
     * Szegedy 2015). The epsilon is taken as 0.
     *
     * @param elements n that are normalized together: the features of a layer normalization, the rows and places of a
     *     channel of a batch normalization
     * @param removed d: 2 for layer and batch normalization, 1 for RMS normalization
     */
    record Normalization(long elements, int removed) implements Stage {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if the directions are negative, or not fewer than the elements
         */
        public Normalization {
            if (removed < 0 || elements <= removed) {
                throw new IllegalArgumentException("normalization: " + removed + " removed directions of " + elements
                        + " elements; there must be fewer, 0 or more");
            }
        }

        @Override
        public double output(double input) {
            return Check.notNegative("stage", "second moment", input) > 0 ? 1 : 0;
        }

        @Override
        public double gradientFactor(double input) {
            return (1 - (double) removed / elements) / Check.positive("normalization", "second moment", input);
        }
    }

    /**
     * The mean over windows that do not overlap, of elements with correlation 0: {@code E y^2 = m^2 + (s - m^2) / n}
     * for elements of second moment s and mean m; every input gets {@code dy / n}, so the factor of the gradient is
     * {@code 1 / n^2}.
     *
     * @param window n, at least 1
     * @param meanShare m^2 / s, from 0 to 1: 0 for a signal of mean 0, 1 / pi for a ReLU of one
     */
    record MeanPool(int window, double meanShare) implements Stage {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public MeanPool {
            Check.atLeast(1, "mean pooling", "window", window);
            if (!(meanShare >= 0 && meanShare <= 1)) {
                throw new IllegalArgumentException("mean pooling: mean share " + meanShare + " must be from 0 to 1");
            }
        }

        @Override
        public double output(double input) {
            return Check.notNegative("stage", "second moment", input) * (meanShare + (1 - meanShare) / window);
        }

        @Override
        public double gradientFactor(double input) {
            return 1.0 / window / window;
        }
    }

    /**
     * The maximum over windows that do not overlap, of independent normal elements of mean 0: {@code E y^2 = E[max^2] E
     * x^2} (David and Nagaraja, <i>Order statistics</i>, 2003, section 3.2). One input of n gets the gradient, so its
     * factor is {@code 1 / n}. A ReLU may be before or after it.
     *
     * @param window n, at least 1
     */
    record MaxPool(int window) implements Stage {
        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException if it is below 1
         */
        public MaxPool {
            Check.atLeast(1, "max pooling", "window", window);
        }

        /**
         * The mean of the maximum of n standard normal variables.
         *
         * @return 0, 1 / sqrt(pi), 3 / (2 sqrt(pi)), ...
         */
        public double mean() {
            return moment(1);
        }

        /**
         * The second moment of the maximum of n standard normal variables.
         *
         * @return 1, 1, 1 + sqrt(3) / (2 pi), ...
         */
        public double secondMoment() {
            return moment(2);
        }

        /** The integral of {@code x^k n phi(x) Phi(x)^(n - 1)}, by trapezoids, which converge exponentially here. */
        private double moment(int k) {
            double step = 1.0 / 64;
            double sum = 0;
            for (int i = -16 * 64; i <= 16 * 64; i++) {
                double x = i * step;
                double below = (1 + Nonlinearity.ERF.value(x / Math.sqrt(2))) / 2;
                double density = StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
                sum += (k == 1 ? x : x * x) * window * density * StrictMath.pow(below, window - 1);
            }
            return sum * step;
        }

        @Override
        public double output(double input) {
            return Check.notNegative("stage", "second moment", input) * secondMoment();
        }

        @Override
        public double gradientFactor(double input) {
            return 1.0 / window;
        }
    }

    /**
     * The mean over tokens that an attention begins with: where all scores are alike, as with small queries and keys,
     * each of T tokens gets the mean of T values, and in a causal attention token t the mean of the first t. Of values
     * with correlation c between tokens, {@code E y^2 = (c + (1 - c) r) E x^2} with {@code r = 1 / T}, or causal, over
     * all tokens, {@code r = (1 + 1/2 + ... + 1/T) / T}. The gradient of uncorrelated outputs has the factor r, too.
     *
     * @param tokens T, at least 1
     * @param causal whether a token sees only itself and those before
     * @param correlation c of two tokens' values, from 0 to 1
     */
    record UniformAttention(int tokens, boolean causal, double correlation) implements Stage {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public UniformAttention {
            Check.atLeast(1, "attention", "tokens", tokens);
            if (!(correlation >= 0 && correlation <= 1)) {
                throw new IllegalArgumentException("attention: correlation " + correlation + " must be from 0 to 1");
            }
        }

        private double share() {
            double sum = 1;
            for (int t = 2; causal && t <= tokens; t++) {
                sum += 1.0 / t;
            }
            return sum / tokens;
        }

        @Override
        public double output(double input) {
            return Check.notNegative("stage", "second moment", input) * (correlation + (1 - correlation) * share());
        }

        @Override
        public double gradientFactor(double input) {
            return share();
        }
    }

    /**
     * The gate of a gated dense layer, {@code y = f(x U) (x V)} (Shazeer, <i>GLU variants improve transformer</i>,
     * 2020), with independent U and V of one variance and fans: with {@code q = in v E x^2} the second moment of both
     * products, {@code E y^2 = V(q) q}, of mean 0. Backward, {@code E dx^2 = out v (D(q) q + V(q)) E dy^2}, where V and
     * D are f's second moments of value and slope.
     *
     * @param fans of U and of V
     * @param weightVariance v, finite, 0 or more
     * @param nonlinearity f
     */
    record GatedDense(Fans fans, double weightVariance, Nonlinearity nonlinearity) implements Stage {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if the variance is out of its range
         */
        public GatedDense {
            Objects.requireNonNull(fans, "fans");
            Check.notNegative("gated dense", "weight variance", weightVariance);
            Objects.requireNonNull(nonlinearity, "nonlinearity");
        }

        @Override
        public double output(double input) {
            double q = fans.in() * weightVariance * Check.notNegative("stage", "second moment", input);
            return nonlinearity.moments(q).secondMoment() * q;
        }

        @Override
        public double gradientFactor(double input) {
            double q = fans.in() * weightVariance * Check.notNegative("stage", "second moment", input);
            double both = nonlinearity.moments(q).slopeSecondMoment() * q
                    + nonlinearity.moments(q).secondMoment();
            return fans.out() * weightVariance * both;
        }
    }
}
