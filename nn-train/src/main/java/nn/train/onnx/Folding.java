package nn.train.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.onnx.Meaning.Numbers;
import nn.train.onnx.Meaning.Sizes;

/** Operators on constants and sizes, which are computed while a file is read. */
final class Folding {
    private Folding() {}

    static Meaning numbers(Tensor tensor) {
        return new Numbers(new OnnxTensor.Floats(tensor));
    }

    /** Products of sizes that differ from run to run. */
    interface Products {
        /** The size that is another one times a number. */
        long times(long size, long factor);

        /** A size divided by a number; {@link Sizes#UNKNOWN} if it is not known to be a multiple of it. */
        long dividedBy(long size, long divisor);
    }

    /** Element-wise arithmetic of whole numbers; one of the two may be a single number. */
    static Sizes arithmetic(String type, Sizes a, Sizes b, Products products) {
        LongBinaryOperator operator = switch (type) {
            case "Add" -> Folding::sum;
            case "Sub" -> (x, y) -> x == y && x != Sizes.UNKNOWN ? 0 : known(x, y) ? x - y : y == 0 ? x : Sizes.UNKNOWN;
            case "Mul" ->
                (x, y) -> known(x, y) ? x * y : Sizes.isKnown(y) ? products.times(x, y) : products.times(y, x);
            default -> (x, y) -> known(x, y) && y != 0 ? x / y : products.dividedBy(x, y);
        };
        int size = Math.max(a.numbers().length, b.numbers().length);
        if (a.numbers().length != size && a.numbers().length != 1
                || b.numbers().length != size && b.numbers().length != 1) {
            throw new UnreadableNode(
                    "its inputs have " + a.numbers().length + " and " + b.numbers().length + " numbers");
        }
        long[] result = new long[size];
        for (int i = 0; i < size; i++) {
            result[i] = operator.applyAsLong(
                    a.numbers()[a.numbers().length == 1 ? 0 : i], b.numbers()[b.numbers().length == 1 ? 0 : i]);
        }
        return new Sizes(a.numbers().length == size ? a.shape() : b.shape(), result);
    }

    private static long sum(long x, long y) {
        return known(x, y) ? x + y : x == 0 ? y : y == 0 ? x : Sizes.UNKNOWN;
    }

    private static boolean known(long x, long y) {
        return Sizes.isKnown(x) && Sizes.isKnown(y);
    }

    /** A row of sizes put together. */
    static Sizes concat(List<Sizes> parts) {
        int size = 0;
        for (Sizes part : parts) {
            size = Math.addExact(size, part.numbers().length);
        }
        long[] all = new long[size];
        int at = 0;
        for (Sizes part : parts) {
            System.arraycopy(part.numbers(), 0, all, at, part.numbers().length);
            at += part.numbers().length;
        }
        return new Sizes(Shape.of(all.length), all);
    }

    /** Elements of a row of sizes, by their indices. */
    static Sizes gather(Sizes from, Sizes indices) {
        requireRow(from);
        long[] result = new long[indices.numbers().length];
        for (int i = 0; i < result.length; i++) {
            result[i] = from.numbers()[NodeReader.axis(indices.numbers()[i], from.numbers().length)];
        }
        return new Sizes(indices.shape(), result);
    }

    /** A part of a row of sizes. */
    static Sizes slice(Sizes from, long start, long end, long step) {
        requireRow(from);
        int length = from.numbers().length;
        if (step != 1) {
            throw new UnreadableNode("a step of " + step + " in a row of sizes");
        }
        int first = Math.clamp(start < 0 ? start + length : start, 0, length);
        int last = Math.clamp(end < 0 ? end + length : end, first, length);
        return new Sizes(Shape.of(last - first), Arrays.copyOfRange(from.numbers(), first, last));
    }

    private static void requireRow(Sizes from) {
        if (from.shape().rank() != 1) {
            throw new UnreadableNode("its input " + from.shape() + " is no row of sizes");
        }
    }

    /** The shape with axes of size 1 put in. */
    static Shape unsqueezed(Shape shape, long... axes) {
        int rank = shape.rank() + axes.length;
        boolean[] isNew = new boolean[rank];
        for (long axis : axes) {
            isNew[NodeReader.axis(axis, rank)] = true;
        }
        int[] dims = new int[rank];
        int from = 0;
        for (int i = 0; i < rank; i++) {
            if (isNew[i]) {
                dims[i] = 1;
            } else if (from < shape.rank()) {
                dims[i] = shape.dim(from++);
            } else {
                throw new UnreadableNode("axes " + Arrays.toString(axes) + " has one twice");
            }
        }
        return Shape.of(dims);
    }

    /** The shape without axes of size 1; without all of them if none is named. */
    static Shape squeezed(Shape shape, long... axes) {
        boolean[] gone = new boolean[shape.rank()];
        for (int i = 0; i < shape.rank() && axes.length == 0; i++) {
            gone[i] = shape.dim(i) == 1;
        }
        for (long axis : axes) {
            gone[NodeReader.axis(axis, shape.rank())] = true;
        }
        int[] dims = new int[shape.rank()];
        int count = 0;
        for (int i = 0; i < shape.rank(); i++) {
            if (!gone[i]) {
                dims[count++] = shape.dim(i);
            } else if (shape.dim(i) != 1) {
                throw new UnreadableNode("axis " + i + " of " + shape + " is not of size 1");
            }
        }
        return Shape.of(Arrays.copyOf(dims, count));
    }

    /** The same constant in another shape of as many elements. */
    static Meaning reshaped(Meaning constant, Shape shape) {
        return switch (constant) {
            case Sizes sizes -> new Sizes(shape, sizes.numbers());
            case Numbers numbers ->
                switch (numbers.tensor()) {
                    case OnnxTensor.Floats floats -> numbers(floats.numbers().reshape(shape));
                    case OnnxTensor.Wholes wholes ->
                        new Numbers(new OnnxTensor.Wholes(wholes.kind(), shape, wholes.numbers()));
                    case OnnxTensor.Doubles doubles -> new Numbers(new OnnxTensor.Doubles(shape, doubles.numbers()));
                };
            default -> throw new UnreadableNode("its input is no constant");
        };
    }

    static Shape shape(Meaning constant) {
        return switch (constant) {
            case Sizes sizes -> sizes.shape();
            case Numbers numbers -> numbers.tensor().shape();
            default -> throw new UnreadableNode("its input is no constant");
        };
    }

    /** The upper or lower triangle of the last two axes, zeros elsewhere. */
    static Meaning triangle(OnnxTensor x, long diagonal, boolean upper) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new UnreadableNode("a triangle of " + shape + ", which is no matrix");
        }
        int rows = shape.dim(-2);
        int columns = shape.dim(-1);
        IntPredicate isKept = i -> {
            int distance = i % columns - i / columns % rows;
            return upper ? distance >= diagonal : distance <= diagonal;
        };
        return switch (x) {
            case OnnxTensor.Floats floats -> {
                Tensor result = floats.numbers().copy();
                for (int i = 0; i < result.size(); i++) {
                    if (!isKept.test(i)) {
                        result.array()[result.offset() + i] = 0;
                    }
                }
                yield numbers(result);
            }
            case OnnxTensor.Wholes wholes -> {
                long[] result = wholes.numbers().clone();
                for (int i = 0; i < result.length; i++) {
                    result[i] = isKept.test(i) ? result[i] : 0;
                }
                yield new Numbers(new OnnxTensor.Wholes(wholes.kind(), shape, result));
            }
            case OnnxTensor.Doubles doubles -> throw new UnreadableNode("a triangle of doubles");
        };
    }
}
