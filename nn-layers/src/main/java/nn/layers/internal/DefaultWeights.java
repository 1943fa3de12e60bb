package nn.layers.internal;

import java.util.Optional;
import java.util.OptionalDouble;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;

/** The weights that dense layers and convolutions get where a caller gives none. */
public final class DefaultWeights {
    private DefaultWeights() {}

    /**
     * Returns the weights that suit a nonlinearity: He normal before a rectifier, LeCun normal before SELU.
     *
     * @param next the nonlinearity that follows
     * @return empty if the usual ones, Xavier uniform, suit it
     */
    public static Optional<Initializer> before(Nonlinearity next) {
        if (next.equals(Nonlinearity.SELU)) {
            return Optional.of(Init.lecunNormal());
        }
        OptionalDouble slope = next.negativeSlope();
        return slope.isPresent() ? Optional.of(Init.heNormal(slope.getAsDouble())) : Optional.empty();
    }
}
