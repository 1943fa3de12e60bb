package nn.train.diagnose;

import java.nio.IntBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Which units of a linear map have weights of their own. */
final class UnitStatistics {
    /** Differences below this share of the largest weight count for nothing. */
    private static final double SAME = 1e-6;

    private UnitStatistics() {}

    /**
     * Returns the number of units that differ in their input or in the use of their output.
     *
     * @param map whose units they are
     * @param next the map that takes them as inputs, if it is known
     * @return 1 to the number of units
     */
    static int distinct(LinearMap map, Optional<LinearMap> next) {
        Tensor in = map.weight().value();
        @Nullable Tensor bias = map.bias().map(Parameter::value).orElse(null);
        @Nullable Tensor out = next.map(LinearMap::weight).map(Parameter::value).orElse(null);
        int ways = next.map(LinearMap::units).orElse(0);
        int outAxis = next.map(LinearMap::inputAxis).orElse(0);
        double inStep = step(in);
        double biasStep = step(bias);
        double outStep = step(out);
        Set<IntBuffer> kinds = new HashSet<>();
        for (int unit = 0; unit < map.units(); unit++) {
            IntBuffer kind = IntBuffer.allocate(map.inputs() + 1 + ways);
            put(in, inStep, 1 - map.inputAxis(), unit, kind);
            if (bias != null) {
                put(bias, biasStep, 0, unit, kind);
            }
            if (out != null) {
                put(out, outStep, outAxis, unit, kind);
            }
            kinds.add(kind.flip());
        }
        return kinds.size();
    }

    /** Threshold below which a value is treated as zero. */
    private static double step(@Nullable Tensor weights) {
        double largest = weights == null ? 0 : weights.maxAbs();
        return largest == 0 ? 1 : SAME * largest;
    }

    /** The elements of one unit, as multiples of what counts for nothing; the axis counts the units. */
    private static void put(Tensor weights, double step, int axis, int unit, IntBuffer kind) {
        int units = weights.dim(axis);
        int count = weights.size() / units;
        int first = axis == 0 ? unit * count : unit;
        int apart = axis == 0 ? 1 : units;
        for (int i = 0; i < count; i++) {
            kind.put((int) Math.rint(weights.array()[weights.offset() + first + i * apart] / step));
        }
    }
}
