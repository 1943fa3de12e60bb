package nn.train.diagnose;

import java.nio.IntBuffer;
import java.util.HashSet;
import java.util.Set;
import nn.layers.Dense;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** Which units of a dense layer have weights of their own. */
final class UnitStatistics {
    /** Differences below this share of the largest weight count for nothing. */
    private static final double SAME = 1e-6;

    private UnitStatistics() {}

    /**
     * Returns the number of units that differ in their input or in the use of their output.
     *
     * @param layer with weights [inputs x units]
     * @param next with weights [units x its own units]; null if it is not known
     * @return 1 to the layer's units
     */
    static int distinct(Dense layer, Dense next) {
        int units = layer.units();
        int ways = next == null ? 0 : next.units();
        Tensor in = layer.weight().value();
        Tensor bias = layer.bias().map(Parameter::value).orElse(null);
        Tensor out = next == null ? null : next.weight().value();
        double inStep = step(in);
        double biasStep = step(bias);
        double outStep = step(out);
        Set<IntBuffer> kinds = new HashSet<>();
        for (int unit = 0; unit < units; unit++) {
            IntBuffer kind = IntBuffer.allocate(layer.inputs() + 1 + ways);
            put(in, inStep, unit, units, layer.inputs(), kind);
            if (bias != null) {
                put(bias, biasStep, unit, units, 1, kind);
            }
            if (out != null) {
                put(out, outStep, unit * ways, 1, ways, kind);
            }
            kinds.add(kind.flip());
        }
        return kinds.size();
    }

    /** What counts for nothing. */
    private static double step(Tensor weights) {
        double largest = weights == null ? 0 : weights.maxAbs();
        return largest == 0 ? 1 : SAME * largest;
    }

    /** Elements as multiples of what counts for nothing. */
    private static void put(Tensor weights, double step, int first, int apart, int count, IntBuffer kind) {
        for (int i = 0; i < count; i++) {
            kind.put((int) Math.rint(weights.array()[weights.offset() + first + i * apart] / step));
        }
    }
}
