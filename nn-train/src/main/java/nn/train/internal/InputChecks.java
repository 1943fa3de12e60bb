package nn.train.internal;

import java.util.Arrays;
import java.util.Objects;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Checks inputs and targets before training. */
public final class InputChecks {
    private InputChecks() {}

    /**
     * Refuses null, an empty batch, and values that are not finite.
     *
     * @param name the name of the data, for messages
     * @param data inputs or targets
     */
    public static void requireUsable(String name, Tensor data) {
        Objects.requireNonNull(data, name);
        if (data.shape().rank() == 0 || data.size() == 0) {
            throw new ShapeException(
                    name + " of shape " + data.shape() + " is an empty batch; give it at least one row",
                    "[batch x ...]",
                    data.shape());
        }
        if (!data.isFinite()) {
            throw notFinite(name, data);
        }
    }

    private static IllegalArgumentException notFinite(String name, Tensor data) {
        return new IllegalArgumentException(name + " of shape " + data.shape() + " has " + firstBad(data)
                + "; replace or remove such values before training");
    }

    /**
     * Describes the first element of a tensor that is not finite, as in {@code NaN in row 6, column 4}.
     *
     * @param data a tensor with such an element
     * @return its value and position
     */
    public static String firstBad(Tensor data) {
        int at = firstBadIndex(data);
        float value = data.array()[data.offset() + at];
        return data.shape().rank() == 0 ? "" + value : value + " in " + place(data.shape(), at);
    }

    /**
     * Describes the first value that is not allowed, as in {@code has -0.5 in row 3; ...}.
     *
     * @param data values that were read or are to be written
     * @param minimum the smallest value allowed; negative infinity if every finite value is
     * @return the problem; empty if there is none
     */
    public static String problem(Tensor data, double minimum) {
        if (!data.isFinite()) {
            return "has " + firstBad(data);
        }
        for (int at = 0; minimum > Double.NEGATIVE_INFINITY && at < data.size(); at++) {
            float value = data.array()[data.offset() + at];
            if (value < minimum) {
                return "has " + value + (data.shape().rank() == 0 ? "" : " in " + place(data.shape(), at)) + "; "
                        + (minimum == 0 ? "no value may be negative" : "no value may be below " + minimum)
                        + ", so other code or another program set it: load or set other values";
            }
        }
        return "";
    }

    /**
     * Describes the first value that a parameter may not have. Whoever reads values and whoever writes them refuse the
     * same ones.
     *
     * @param data values that were read or are to be written, of the parameter's shape
     * @param parameter the parameter
     * @return the problem; empty if there is none
     */
    public static String problem(Tensor data, Parameter parameter) {
        String problem = problem(data, parameter.minimum());
        if (!problem.isEmpty() || parameter.paddingRow().isEmpty()) {
            return problem;
        }
        int row = parameter.paddingRow().getAsInt();
        return data.row(row).maxAbs() == 0
                ? ""
                : "has numbers other than 0 in row " + row + ", which is the padding of an embedding; make that row 0,"
                        + " or build the embedding without padding";
    }

    /**
     * Describes the position of an element of a tensor of rank 1 or more, as in {@code row 6, column 4}.
     *
     * @param shape the shape of the tensor
     * @param at the row-major index of the element
     * @return the position
     */
    public static String place(Shape shape, int at) {
        int[] index = new int[shape.rank()];
        int rest = at;
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape.dim(axis);
            rest /= shape.dim(axis);
        }
        return "row " + index[0]
                + switch (index.length) {
                    case 1 -> "";
                    case 2 -> ", column " + index[1];
                    default -> ", element " + Arrays.toString(Arrays.copyOfRange(index, 1, index.length));
                };
    }

    /**
     * Returns the row-major index of the first element that is not finite.
     *
     * @param data a tensor with such an element
     * @return its index
     */
    public static int firstBadIndex(Tensor data) {
        int at = 0;
        while (Float.isFinite(data.array()[data.offset() + at])) {
            at++;
        }
        return at;
    }
}
