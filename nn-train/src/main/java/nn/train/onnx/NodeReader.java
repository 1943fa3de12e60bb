package nn.train.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.train.internal.Texts;
import org.jspecify.annotations.Nullable;

/** One node with the meanings of its inputs. */
final class NodeReader {
    private static final int MOST_NUMBERS = 1 << 24; // of whole numbers in one constant

    final OnnxNode node;
    private final Map<String, Meaning> meanings;

    NodeReader(OnnxNode node, Map<String, Meaning> meanings) {
        this.node = node;
        this.meanings = meanings;
    }

    boolean has(int input) {
        return input < node.inputs().size() && !node.inputs().get(input).isEmpty();
    }

    int inputs() {
        return node.inputs().size();
    }

    Meaning meaning(int input) {
        Meaning meaning = has(input) ? meanings.get(node.inputs().get(input)) : null;
        if (meaning == null) {
            throw new UnreadableNode("input " + input + " is missing");
        }
        return meaning;
    }

    /** A name for a layer that has this constant: that of the constant without its last part. */
    String hint(int input) {
        String name = has(input) ? node.inputs().get(input) : "";
        int end = name.lastIndexOf('.');
        return end < 0 ? "" : name.substring(0, end);
    }

    boolean isFlow(int input) {
        return has(input) && meaning(input) instanceof Meaning.Flow;
    }

    boolean isFloats(int input) {
        return has(input)
                && meaning(input) instanceof Meaning.Numbers numbers
                && numbers.tensor() instanceof OnnxTensor.Floats;
    }

    Meaning.Flow flow(int input) {
        if (meaning(input) instanceof Meaning.Flow flow) {
            return flow;
        }
        throw new UnreadableNode("input " + input + " must be computed from an input of the model");
    }

    /** Constant floats. */
    Tensor floats(int input) {
        if (meaning(input) instanceof Meaning.Numbers numbers && numbers.tensor() instanceof OnnxTensor.Floats floats) {
            return floats.numbers();
        }
        throw new UnreadableNode("input " + input + " must be constant floats");
    }

    /** Constant floats that a parameter gets, all of them finite. */
    Tensor weights(int input) {
        Tensor weights = floats(input);
        if (!weights.isFinite()) {
            throw new UnreadableNode("input " + input + " has a number that is not finite: this model cannot compute");
        }
        return weights;
    }

    @Nullable
    Tensor weightsOrNull(int input) {
        return has(input) ? weights(input) : null;
    }

    /** Constant whole numbers, or sizes. */
    Meaning.Sizes sizes(int input) {
        Meaning meaning = meaning(input);
        if (meaning instanceof Meaning.Sizes sizes) {
            return sizes;
        }
        if (meaning instanceof Meaning.Numbers numbers && numbers.tensor() instanceof OnnxTensor.Wholes wholes) {
            if (wholes.numbers().length > MOST_NUMBERS) {
                throw new UnreadableNode("input " + input + " has " + wholes.numbers().length + " whole numbers");
            }
            return new Meaning.Sizes(wholes.shape(), wholes.numbers());
        }
        throw new UnreadableNode("input " + input + " must be constant whole numbers");
    }

    boolean isSizes(int input) {
        return has(input)
                && (meaning(input) instanceof Meaning.Sizes
                        || meaning(input) instanceof Meaning.Numbers numbers
                                && numbers.tensor() instanceof OnnxTensor.Wholes);
    }

    /** Constant whole numbers. */
    long[] wholes(int input) {
        Meaning.Sizes sizes = sizes(input);
        if (!sizes.isKnown()) {
            throw new UnreadableNode("input " + input + " depends on a size that differs from run to run");
        }
        return sizes.numbers();
    }

    /** The single whole number of a constant, or a size. */
    long size(int input) {
        long[] numbers = sizes(input).numbers();
        if (numbers.length != 1) {
            throw new UnreadableNode("input " + input + " has " + numbers.length + " whole numbers instead of one");
        }
        return numbers[0];
    }

    /** The single number of a constant. */
    double number(int input) {
        if (isFloats(input) && floats(input).size() == 1) {
            Tensor numbers = floats(input);
            return numbers.array()[numbers.offset()];
        }
        throw new UnreadableNode("input " + input + " must be one constant number");
    }

    boolean hasAttribute(String name) {
        return node.attributes().containsKey(name);
    }

    long whole(String name, long otherwise) {
        return switch (node.attributes().get(name)) {
            case null -> otherwise;
            case OnnxAttribute.Whole whole -> whole.number();
            default -> throw wrong(name, "a whole number");
        };
    }

    /** A whole number that must have one value. */
    void require(String name, long otherwise, long value) {
        long given = whole(name, otherwise);
        if (given != value) {
            throw new UnreadableNode("attribute " + name + " is " + given + "; only " + value + " is read");
        }
    }

    /** A real number, as the nearest double of few digits: 1e-5 for the float of that name. */
    double real(String name, double otherwise) {
        return switch (node.attributes().get(name)) {
            case null -> otherwise;
            case OnnxAttribute.Real real -> Double.parseDouble(Float.toString(real.number()));
            default -> throw wrong(name, "a real number");
        };
    }

    String text(String name, String otherwise) {
        return switch (node.attributes().get(name)) {
            case null -> otherwise;
            case OnnxAttribute.Text text -> text.text();
            default -> throw wrong(name, "a text");
        };
    }

    List<String> texts(String name, List<String> otherwise) {
        return switch (node.attributes().get(name)) {
            case null -> otherwise;
            case OnnxAttribute.Texts texts -> texts.texts();
            default -> throw wrong(name, "a list of texts");
        };
    }

    long[] wholes(String name, long... otherwise) {
        return switch (node.attributes().get(name)) {
            case null -> otherwise;
            case OnnxAttribute.Wholes wholes ->
                wholes.numbers().stream().mapToLong(Long::longValue).toArray();
            default -> throw wrong(name, "a list of whole numbers");
        };
    }

    /** As ints, each in a range. */
    int[] ints(String name, int count, int least, int otherwise) {
        long[] all = wholes(name);
        if (!hasAttribute(name)) {
            all = new long[count];
            Arrays.fill(all, otherwise);
        }
        if (all.length != count) {
            throw new UnreadableNode("attribute " + name + " has " + all.length + " numbers instead of " + count);
        }
        int[] ints = new int[count];
        for (int i = 0; i < count; i++) {
            ints[i] = inRange("attribute " + name, all[i], least, Shape.MAX_SIZE);
        }
        return ints;
    }

    static int inRange(String what, long number, long least, long most) {
        if (number < least || number > most) {
            throw new UnreadableNode(what + " is " + number + "; it is " + least + " to " + most);
        }
        return (int) number;
    }

    /** An axis from 0 of a value of this rank. */
    static int axis(long axis, int rank) {
        return inRange("an axis", axis < 0 ? axis + rank : axis, 0, rank - 1L);
    }

    private static UnreadableNode wrong(String name, String expected) {
        return new UnreadableNode("attribute " + name + " is not " + expected);
    }

    /** The constant of a node that has one. */
    OnnxTensor constant() {
        for (Map.Entry<String, OnnxAttribute> attribute : node.attributes().entrySet()) {
            switch (attribute.getValue()) {
                case OnnxAttribute.Numbers numbers -> {
                    return numbers.tensor();
                }
                case OnnxAttribute.Real real -> {
                    return new OnnxTensor.Floats(Tensor.full(real.number()));
                }
                case OnnxAttribute.Whole whole -> {
                    return new OnnxTensor.Wholes(ElementKind.INT64, Shape.of(), whole.number());
                }
                case OnnxAttribute.Wholes wholes -> {
                    long[] numbers =
                            wholes.numbers().stream().mapToLong(Long::longValue).toArray();
                    return new OnnxTensor.Wholes(ElementKind.INT64, Shape.of(numbers.length), numbers);
                }
                case OnnxAttribute.Reals reals -> {
                    float[] numbers = new float[reals.numbers().size()];
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = reals.numbers().get(i);
                    }
                    return new OnnxTensor.Floats(Tensor.of(numbers, numbers.length));
                }
                default ->
                    throw new UnreadableNode(
                            "attribute " + Texts.visible(attribute.getKey()) + " is no constant of numbers");
            }
        }
        throw new UnreadableNode("it has no constant");
    }
}
