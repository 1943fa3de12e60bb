package nn.layers.internal;

import java.util.Optional;
import java.util.OptionalDouble;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Gain;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;

/** The weights that dense layers and convolutions get where a caller gives none. */
public final class DefaultWeights {
    private DefaultWeights() {}

    /**
     * Returns the weights that suit a nonlinearity, by {@link Gain#suitable}: He normal before a rectifier, LeCun
     * normal before SELU, normal weights of gain 4 before a sigmoid and of gain 1.53 before GELU.
     *
     * @param next the nonlinearity that follows
     * @return empty if the usual ones, Xavier uniform, suit it
     */
    public static Optional<Initializer> before(Nonlinearity next) {
        OptionalDouble slope = next.negativeSlope();
        if (slope.isPresent()) {
            return Optional.of(Init.heNormal(slope.getAsDouble()));
        }
        if (next.equals(Nonlinearity.SELU)) { // whose gain is 1 but for rounding
            return Optional.of(Init.lecunNormal());
        }
        try {
            double gain = Gain.suitable(next);
            return gain == 1 ? Optional.empty() : Optional.of(new VarianceScaling(gain, Fan.IN, Distribution.NORMAL));
        } catch (IllegalArgumentException e) { // a user's function without a finite second moment
            return Optional.empty();
        }
    }
}
