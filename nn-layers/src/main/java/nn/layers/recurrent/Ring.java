package nn.layers.recurrent;

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
 * exp(theta_log))}, and each parameter draws with its own key.
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
        return new Magnitudes(this);
    }

    /**
     * Draws {@code theta_log}, the logarithm of the phases.
     *
     * @return an initializer for any shape
     */
    public Initializer phases() {
        return new Phases(this);
    }

    private record Magnitudes(Ring ring) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            double least = ring.inner * ring.inner;
            double span = ring.outer * ring.outer - least;
            key.uniform(out, -1, 1);
            each(out, u -> StrictMath.log(-0.5 * StrictMath.log(least + span * u)));
        }

        @Override
        public String toString() {
            return "magnitudes of " + ring;
        }
    }

    private record Phases(Ring ring) implements Initializer {
        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            key.uniform(out, -1, 1);
            each(out, u -> StrictMath.log(ring.phase * u));
        }

        @Override
        public String toString() {
            return "phases of " + ring;
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
