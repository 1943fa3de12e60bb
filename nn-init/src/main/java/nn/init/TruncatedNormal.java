package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Fma;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Independent normal values without the tails: {@code w = mean + parent * z}, where z is standard normal given {@code
 * |z| <= cut}. The parent's standard deviation is larger than the one asked for, so that the <em>result</em> has the
 * standard deviation asked for: {@code parent = stddev / sqrt(v)}, where v is the variance of z, {@code 1 - 2 c phi(c)
 * / (2 Phi(c) - 1)} at {@code c = cut} (Johnson, Kotz and Balakrishnan, <i>Continuous Univariate Distributions</i> I,
 * 1994, section 13.10.1). At a cut of 2 that is 0.87962566103423978 squared. (PyTorch's {@code trunc_normal_} takes the
 * parent's standard deviation instead.)
 *
 * <p>For places where one outlier would saturate a unit or spoil an embedding.
 *
 * <p>Element i is the first of the values i of {@code key}, {@code key.child(1)}, {@code key.child(2)}, ... (each as
 * {@link Key#normal(long)} gives it) that lies within the cut: exact, and a pure function of the key and i.
 *
 * @param mean the mean, finite
 * @param stddev the standard deviation of the result, finite, 0 or more
 * @param cut the largest magnitude of z, in standard deviations of the parent, finite, at least 0.1: values beyond it
 *     are drawn again, which takes long for small cuts, where the shape is close to that of {@link Uniform} anyway
 */
public record TruncatedNormal(double mean, double stddev, double cut) implements Initializer {
    private static final double LEAST_CUT = 0.1;

    /** From this cut on, the variance rounds to 1. */
    private static final double NO_CUT = 9;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is NaN, beyond the range of float32, or other than 0 but 0 in float32,
     *     the standard deviation is negative, the cut below 0.1, or the largest values would be beyond that range
     */
    public TruncatedNormal {
        Arguments.finite("truncated normal", "mean", mean);
        Arguments.notNegative("truncated normal", "stddev", stddev);
        if (Arguments.finite("truncated normal", "cut", cut) < LEAST_CUT) {
            throw new IllegalArgumentException("truncated normal: cut " + cut + " must be at least " + LEAST_CUT
                    + " standard deviations; for a narrower one use a uniform distribution, which it then is");
        }
        Arguments.withinRange("truncated normal", mean, stddev, reach(cut));
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        fill(out, mean, stddev, cut, key);
    }

    static void fill(Tensor out, double mean, double stddev, double cut, Key key) {
        double parent = stddev / Math.sqrt(variance(cut));
        key.normal(out, 0, 1);
        float[] array = out.array();
        Tensor second = null; // values of the first child, all at once: much faster than one by one
        for (int i = 0; i < out.size(); i++) {
            float z = array[out.offset() + i];
            if (Math.abs(z) > cut) {
                if (second == null) {
                    second = Tensor.zeros(out.size());
                    key.child(1).normal(second, 0, 1);
                }
                z = second.array()[second.offset() + i];
                for (long child = 2; Math.abs(z) > cut; child++) {
                    z = key.child(child).normal(i);
                }
            }
            array[out.offset() + i] = (float) Fma.fma(parent, z, mean);
        }
    }

    /** The largest magnitude, in standard deviations of the result. */
    static double reach(double cut) {
        return Math.min(cut, Arguments.NORMAL_REACH) / Math.sqrt(variance(cut));
    }

    /**
     * The variance of a standard normal value given that its magnitude is at most c. From the series {@code 2 Phi(c) -
     * 1 = 2 phi(c) (c + c^3/3 + c^5/(3*5) + ...)} the closed form becomes {@code 1 - 1/t = (t - 1)/t} with {@code t =
     * 1 + c^2/3 + c^4/(3*5) + ...}: only sums, products and quotients of positive numbers, so no cancellation, and the
     * same bits everywhere.
     */
    static double variance(double c) {
        if (c >= NO_CUT) {
            return 1;
        }
        double square = c * c;
        double rest = 0;
        double term = 1;
        for (int odd = 3; rest + term != rest; odd += 2) {
            term *= square / odd;
            rest += term;
        }
        return rest / (1 + rest);
    }

    /** Such as {@code truncated normal(0, 0.02)}; the cut is named where it is not 2. */
    @Override
    public String toString() {
        return "truncated normal(" + Arguments.brief(mean) + ", " + Arguments.brief(stddev)
                + (cut == Distribution.CUT ? "" : ", cut " + Arguments.brief(cut)) + ")";
    }
}
