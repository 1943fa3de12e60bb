package nn.examples.sweep;

import java.util.OptionalDouble;
import nn.examples.experiment.CriticalLine;
import nn.examples.experiment.Nonlinearities;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Theory for the hidden layers of a sweep, by the gain of their weights.
 *
 * @param nonlinearity f
 * @param unitVariance sigma_w^2 at gain 1: inputs times the variance of a weight
 * @param biasVariance sigma_b^2
 */
public record DepthScales(Nonlinearity nonlinearity, double unitVariance, double biasVariance) {
    /** The variance of a scheme is measured on as many weights: to 0.3 %. */
    private static final int WEIGHTS = 1 << 18;

    /**
     * Returns theory for a setting, at any gain.
     *
     * @param setting names scheme, width and activation
     * @param biasVariance sigma_b^2
     * @return the scales
     */
    public static DepthScales of(Setting setting, double biasVariance) {
        int n = setting.width();
        Initializer scheme = Init.parse(setting.scheme());
        Tensor w = Tensor.zeros(n, n);
        int draws = Math.max(1, WEIGHTS / n / n);
        double sum = 0;
        for (int draw = 0; draw < draws; draw++) {
            scheme.fill(w, new Fans(n, n), Key.of(draw));
            sum += w.secondMoment();
        }
        return new DepthScales(Nonlinearities.named(setting.activation()), n * sum / draws, biasVariance);
    }

    /**
     * Returns the gain at the edge of chaos.
     *
     * @return empty if there is none for this bias variance
     */
    public OptionalDouble criticalGain() {
        OptionalDouble variance = CriticalLine.weightVariance(nonlinearity, biasVariance);
        return variance.isPresent() && unitVariance > 0
                ? OptionalDouble.of(Math.sqrt(variance.getAsDouble() / unitVariance))
                : OptionalDouble.empty();
    }

    /**
     * Returns the number of layers in which the mean square of a gradient changes by a factor of e.
     *
     * @param gain of the weights, 0 or more
     * @return 1 / |ln chi| at the fixed point of the length; infinite at the edge of chaos; NaN if lengths grow without
     *     bound and f is not homogeneous
     */
    public double gradients(double gain) {
        MeanField field = field(gain);
        boolean homogeneous = nonlinearity.negativeSlope().isPresent(); // then chi is the same at every length
        double q = homogeneous ? 1 : field.fixedPoint(1);
        return Double.isFinite(q) ? 1 / Math.abs(StrictMath.log(field.chi(q))) : Double.NaN;
    }

    /**
     * Returns the number of layers in which the correlation of two inputs comes nearer to its limit by a factor of e.
     *
     * @param gain of the weights, 0 or more
     * @return xi_c; infinite at the edge of chaos; NaN if the length has no fixed point above 0
     */
    public double correlations(double gain) {
        MeanField field = field(gain);
        double q = field.fixedPoint(1);
        return q > 1e-9 && Double.isFinite(q) ? field.correlationDepth(q) : Double.NaN;
    }

    private MeanField field(double gain) {
        return new MeanField(nonlinearity, gain * gain * unitVariance, biasVariance);
    }
}
