package nn.layers.internal.provider;

import java.util.Map;
import nn.init.InitializerProvider;
import nn.init.InitializerSpec;
import nn.layers.recurrent.Ring;
import nn.tensor.Key;

/** Reads back the initializers of a {@link Ring}. */
public final class RingSchemes implements InitializerProvider {
    private static final double ALL_PHASES = 2 * Math.PI;

    /** For {@code ServiceLoader}. */
    public RingSchemes() {}

    @Override
    public Map<String, Factory> factories() {
        return Map.of(
                "ring magnitudes", spec -> radii(spec).magnitudes(),
                "ring phases", spec -> new Ring(0, 1, spec.number("phase")).phases(),
                "ring gains", spec -> radii(spec).gains(key(spec)));
    }

    private static Key key(InitializerSpec spec) {
        String digits = spec.word("magnitudes");
        try {
            return Key.parse(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(spec.name() + ": the key of the magnitudes: " + e.getMessage(), e);
        }
    }

    private static Ring radii(InitializerSpec spec) {
        return new Ring(spec.number("inner"), spec.number("outer"), ALL_PHASES);
    }
}
