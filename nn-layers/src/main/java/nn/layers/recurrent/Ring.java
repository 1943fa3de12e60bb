package nn.layers.recurrent;

import java.util.Objects;
import nn.init.Fans;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Complex numbers spread evenly over a ring, or over a sector of it: the eigenvalues lambda that a {@link
 * LinearRecurrence} begins with (Orvieto and others, <i>Resurrecting recurrent neural networks for long sequences</i>,
 * ICML 2023, Lemma 3.2). The square of the magnitude is uniform between the squares of the two radii, and the phase is
 * uniform from 0 to the largest one. A magnitude r forgets by half in about 0.7 / (1 - r) steps.
 *
 * <p>{@link #magnitudes} and {@link #phases} are two initializers: {@code lambda = exp(-exp(nu_log) + i
 * exp(theta_log))}, and each parameter draws with its own key. {@link #gains} follow from the magnitudes. {@link
 * nn.init.Init#parse} reads back the texts of all three.
 *
 * @param inner the least magnitude, from 0 to below 1
 * @param outer the largest magnitude, at least {@code inner}, at most 1
 * @param phase the largest phase, above 0, at most 2 pi
 */
public record Ring(double inner, double outer, double phase) {
    private static final double NEAREST = 0x1p-25; // to 0 and to 1, of a uniform number

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Ring {
        if (!(inner >= 0 && inner < 1 && outer >= inner && outer <= 1 && outer > 0)) {
            throw new IllegalArgumentException("ring: the radii are " + inner + " and " + outer
                    + "; they must be 0 <= inner <= outer <= 1, with inner below 1 and outer above 0");
        }
        if (!(phase > 0 && phase <= 2 * Math.PI)) {
            throw new IllegalArgumentException("ring: the phase " + phase + " must be above 0 and at most 2 pi");
        }
    }

    /**
     * Draws {@code nu_log}, the logarithm of the negative logarithm of the magnitudes.
     *
     * @return an initializer for any shape
     */
    public Initializer magnitudes() {
        return new Magnitudes(inner, outer);
    }

    /**
     * Draws {@code theta_log}, the logarithm of the phases.
     *
     * @return an initializer for any shape
     */
    public Initializer phases() {
        return new Phases(phase);
    }

    /**
     * Draws {@code gamma_log}, with which each state has the variance 1: {@code log sqrt(1 - |lambda|^2)}.
     *
     * @param key with which {@link #magnitudes} filled {@code nu_log}, of the same shape
     * @return an initializer whose values follow from those magnitudes
     */
    public Initializer gains(Key key) {
        return new Gains(inner, outer, Objects.requireNonNull(key, "key"));
    }

    private record Magnitudes(double inner, double outer) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            double least = inner * inner;
            double span = outer * outer - least;
            key.uniform(out, -1, 1);
            each(out, u -> StrictMath.log(-0.5 * StrictMath.log(least + span * u)));
        }

        /** Such as {@code ring magnitudes(inner 0.9, outer 0.999)}. */
        @Override
        public String toString() {
            return "ring magnitudes(inner " + inner + ", outer " + outer + ")";
        }
    }

    private record Phases(double phase) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            key.uniform(out, -1, 1);
            each(out, u -> StrictMath.log(phase * u));
        }

        /** Such as {@code ring phases(phase 0.314)}. */
        @Override
        public String toString() {
            return "ring phases(phase " + phase + ")";
        }
    }

    private record Gains(double inner, double outer, Key magnitudes) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            new Magnitudes(inner, outer).fill(out, fans, magnitudes);
            for (int i = out.offset(); i < out.offset() + out.size(); i++) {
                double nu = StrictMath.exp(out.array()[i]);
                out.array()[i] = (float) (0.5 * StrictMath.log(-StrictMath.expm1(-2 * nu)));
            }
        }

        /** Such as {@code ring gains(inner 0.9, outer 0.999, magnitudes 0123456789abcdef0123456789abcdef)}. */
        @Override
        public String toString() {
            return "ring gains(inner " + inner + ", outer " + outer + ", magnitudes " + magnitudes.hex() + ")";
        }
    }

    private interface Map {
        double of(double u);
    }

    /** Turns numbers between -1 and 1 into a function of numbers between 0 and 1. */
    private static void each(Tensor out, Map map) {
        for (int i = out.offset(); i < out.offset() + out.size(); i++) {
            double u = Math.clamp(0.5 + 0.5 * out.array()[i], NEAREST, 1 - NEAREST);
            out.array()[i] = (float) map.of(u);
        }
    }

    /** Such as {@code ring(0.9, 0.999, 6.283)}. */
    @Override
    public String toString() {
        return "ring(" + inner + ", " + outer + ", " + phase + ")";
    }
}
