package nn.examples.experiment;

import java.util.OptionalDouble;
import nn.init.Gain;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.Criticality;

/** The edge of chaos, for drawings. */
public final class CriticalLine {
    private CriticalLine() {}

    /**
     * Returns the weight variance at the edge of chaos.
     *
     * @param f the nonlinearity
     * @param biasVariance sigma_b^2, finite, 0 or more
     * @return sigma_w^2; empty if there is none for this variance. For ReLU and its leaky forms it is He's
     */
    public static OptionalDouble weightVariance(Nonlinearity f, double biasVariance) {
        if (f.negativeSlope().isPresent()) {
            double gain = Gain.he(f.negativeSlope().getAsDouble());
            return OptionalDouble.of(gain * gain);
        }
        try {
            return OptionalDouble.of(Criticality.of(f, biasVariance).weightVariance());
        } catch (IllegalArgumentException e) { // none for this variance
            return OptionalDouble.empty();
        }
    }
}
