package nn.train.diagnose;

import java.nio.IntBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Counts the distinct units of a map. */
final class UnitStatistics {
    /** Differences below this share of the largest weight are ignored. */
    private static final double TOLERANCE = 1e-6;

    private UnitStatistics() {}

    /**
     * Returns the number of units that differ in their weights in or out.
     *
     * @param map the map of the units
     * @param next the map that takes the units as inputs, if it is known
     * @return from 1 to the number of units
     */
    static int distinct(UnitMap map, Optional<UnitMap> next) {
        Tensor in = map.weight().value();
        @Nullable Tensor bias = map.bias().map(Parameter::value).orElse(null);
        @Nullable Tensor out = next.map(UnitMap::weight).map(Parameter::value).orElse(null);
        int outputs = out == null ? 0 : out.size() / map.units();
        int outAxis = next.map(UnitMap::inputAxis).orElse(0);
        double inStep = step(in);
        double biasStep = step(bias);
        double outStep = step(out);
        Set<IntBuffer> kinds = new HashSet<>();
        for (int unit = 0; unit < map.units(); unit++) {
            IntBuffer kind = IntBuffer.allocate(in.size() / map.units() + 1 + outputs);
            put(in, inStep, map.unitAxis(), unit, kind);
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

    /**
     * Returns the number of different columns. Columns of zeros, as of units that are off, count as different.
     *
     * @param states [... x units], such as the outputs of units for all rows
     * @return from 1 to the number of units
     */
    static int distinctColumns(Tensor states) {
        int units = RowStatistics.units(states);
        double step = step(states);
        Set<IntBuffer> kinds = new HashSet<>();
        int zeros = 0;
        for (int unit = 0; unit < units; unit++) {
            IntBuffer kind = IntBuffer.allocate(states.size() / units);
            boolean isZero = true;
            for (int i = unit; i < states.size(); i += units) {
                float state = states.array()[states.offset() + i];
                kind.put((int) Math.rint(state / step));
                isZero &= state == 0;
            }
            zeros += isZero ? 1 : 0;
            if (!isZero) {
                kinds.add(kind.flip());
            }
        }
        return kinds.size() + zeros;
    }

    /** Returns the step to whose multiples weights are rounded before they are compared. */
    private static double step(@Nullable Tensor weights) {
        double largest = weights == null ? 0 : weights.maxAbs();
        return largest == 0 ? 1 : TOLERANCE * largest;
    }

    /** Appends the weights of one unit as multiples of the step; the axis counts the units. */
    private static void put(Tensor weights, double step, int axis, int unit, IntBuffer kind) {
        int units = weights.dim(axis);
        int after = 1; // elements for each index of the axis
        for (int later = axis + 1; later < weights.shape().rank(); later++) {
            after *= weights.dim(later);
        }
        for (int block = unit * after; block < weights.size(); block += units * after) {
            for (int i = block; i < block + after; i++) {
                kind.put((int) Math.rint(weights.array()[weights.offset() + i] / step));
            }
        }
    }
}
