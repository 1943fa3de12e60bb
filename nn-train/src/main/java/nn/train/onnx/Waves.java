package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.attention.SinusoidalPositions.Order;
import nn.train.onnx.Meaning.Flow;
import nn.train.onnx.Meaning.Sizes;
import nn.train.onnx.Meaning.Wave;
import org.jspecify.annotations.Nullable;

/**
 * Sines and cosines of positions of unknown number, as this library writes them: a product of the positions and some
 * angles, the rest of it by full turns in double precision, and the sines and cosines of that. What operators make of
 * positions is kept as a formula, which is compared with those that are known.
 */
final class Waves {
    /** The product of the positions and the angles at position 1. */
    static final String ANGLES = "angles";

    private static final String TURN = "Mod{fmod=1}(" + ANGLES + "," + 2 * Math.PI + ")";
    private static final String NEAR = "Cast{to=1}(" + TURN + ")";
    private static final String REST = "Cast{to=1}(Sub(" + TURN + ",Cast{to=11}(" + NEAR + ")))";
    private static final String SINES = "Add(Sin(" + NEAR + "),Mul(" + REST + ",Cos(" + NEAR + ")))";
    private static final String COSINES = "Sub(Cos(" + NEAR + "),Mul(" + REST + ",Sin(" + NEAR + ")))";

    private static final int LONGEST = 2000; // characters of a formula; those that are known have fewer

    private Waves() {}

    /** What a node makes of positions, if it reads nothing but these, and constants; else null. */
    static @Nullable Meaning of(NodeReader n) {
        if (n.node.type().equals("Mul") && n.inputs() == 2 && n.meaning(0) instanceof Meaning.Positions positions) {
            return product(n, positions);
        }
        Wave first = null;
        List<String> parts = new ArrayList<>();
        for (int k = 0; k < n.inputs(); k++) {
            Meaning meaning = n.has(k) ? n.meaning(k) : null;
            switch (meaning) {
                case Wave wave -> {
                    boolean fits = first == null
                            || first.size() == wave.size() && first.angles().equals(wave.angles());
                    if (!fits) {
                        throw new UnreadableNode("positions of different numbers, or of different angles");
                    }
                    first = wave;
                    parts.add(wave.formula());
                }
                case Meaning.Numbers(OnnxTensor.Doubles(var shape, double[] numbers))
                when numbers.length == 1 -> parts.add(Double.toString(numbers[0]));
                case Meaning.Numbers(OnnxTensor.Wholes wholes)
                when wholes.numbers().length < 8 -> parts.add(Arrays.toString(wholes.numbers()));
                case null, default -> parts.add("?");
            }
        }
        if (first == null || parts.contains("?")) {
            return null;
        }
        String formula = n.node.type() + attributes(n) + "(" + String.join(",", parts) + ")";
        if (formula.length() > LONGEST) {
            throw new UnreadableNode("a formula of positions that is longer than any that is read");
        }
        return new Wave(first.size(), first.angles(), formula);
    }

    private static String attributes(NodeReader n) {
        Map<String, OnnxAttribute> attributes = new TreeMap<>(n.node.attributes());
        return attributes.isEmpty()
                ? ""
                : attributes.entrySet().stream()
                        .map(entry -> entry.getKey() + "="
                                + (entry.getValue() instanceof OnnxAttribute.Whole(long number) ? number : "?"))
                        .collect(Collectors.joining(",", "{", "}"));
    }

    private static @Nullable Meaning product(NodeReader n, Meaning.Positions positions) {
        boolean isTable = positions.isColumn()
                && n.meaning(1) instanceof Meaning.Numbers(OnnxTensor.Doubles(var shape, double[] numbers))
                && shape.rank() == 1;
        if (!isTable) {
            return null;
        }
        OnnxTensor.Doubles angles = (OnnxTensor.Doubles) ((Meaning.Numbers) n.meaning(1)).tensor();
        return new Wave(
                positions.size(), Arrays.stream(angles.numbers()).boxed().toList(), ANGLES);
    }

    /** Cosines and sines of a row of angles for each position, with axes of size 1 put in. */
    static boolean areCosines(Wave wave, long... axes) {
        return wave.formula().equals("Unsqueeze(" + COSINES + "," + Arrays.toString(axes) + ")");
    }

    static boolean areSines(Wave wave, long... axes) {
        return wave.formula().equals("Unsqueeze(" + SINES + "," + Arrays.toString(axes) + ")");
    }

    /** The sum of a sequence and sinusoidal positions. */
    static Flow sum(Importer i, NodeReader n, Flow x, Wave wave) {
        Step step = i.plain(x).step();
        if (step.rank() == 3 && step.dims[2] > 0 && Sizes.of(step.dims[1]) == wave.size()) {
            for (Order order : Order.values()) {
                SinusoidalPositions layer = new SinusoidalPositions(order);
                boolean fits = wave.formula().equals(table(order, step.dims[2]))
                        && wave.angles().size() == (step.dims[2] + (order == Order.INTERLEAVED ? 1 : 0)) / 2
                        && wave.angles()
                                .equals(Arrays.stream(layer.angles(step.dims[2]))
                                        .boxed()
                                        .toList());
                if (fits) {
                    return Flow.of(i.made(n, "", layer, step, step.rank()));
                }
            }
        }
        throw new UnreadableNode(
                "positions that are neither those of SinusoidalPositions nor of the sequence " + step.shape());
    }

    /** The formula of sinusoidal positions for a number of features. */
    private static String table(Order order, int features) {
        boolean isOdd = features % 2 != 0;
        if (order == Order.HALVES) {
            String both = "Concat{axis=1}(" + SINES + "," + COSINES + ")";
            return isOdd ? "Pad(" + both + ",[0, 0, 0, 1])" : both;
        }
        String pairs = "Concat{axis=2}(Unsqueeze(" + SINES + ",[2]),Unsqueeze(" + COSINES + ",[2]))";
        String rows = "Reshape(" + pairs + ",[-1, " + (features + features % 2) + "])";
        return isOdd ? "Slice(" + rows + ",[0],[" + features + "],[1])" : rows;
    }
}
