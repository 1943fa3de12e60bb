package nn.train.internal;

import java.util.Arrays;
import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Checks of inputs and targets before training. */
public final class InputChecks {
    private InputChecks() {}

    /**
     * Refuses null, no rows, and values that are not finite.
     *
     * @param name of the data, for messages
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
                + "; replace or leave out such values before training");
    }

    /**
     * Says which element of a tensor is the first that is not finite, as in {@code NaN in row 6, column 4}.
     *
     * @param data has such an element
     * @return its value and place
     */
    public static String firstBad(Tensor data) {
        int at = firstBadIndex(data);
        float value = data.array()[data.offset() + at];
        return data.shape().rank() == 0 ? "" + value : value + " in " + place(data.shape(), at);
    }

    /**
     * Says which element of a saved tensor must not be there, as in {@code has -0.5 in row 3; ...}.
     *
     * @param data saved values
     * @param least the least value that they may have; negative infinity if every finite one will do
     * @return what is wrong; empty if nothing is
     */
    public static String problem(Tensor data, double least) {
        if (!data.isFinite()) {
            return "has " + firstBad(data);
        }
        for (int at = 0; least > Double.NEGATIVE_INFINITY && at < data.size(); at++) {
            float value = data.array()[data.offset() + at];
            if (value < least) {
                return "has " + value + (data.shape().rank() == 0 ? "" : " in " + place(data.shape(), at)) + "; "
                        + (least == 0 ? "no value may be negative" : "no value may be below " + least)
                        + ", so the values were changed or made by another program: load others";
            }
        }
        return "";
    }

    /**
     * Names an element of a tensor of rank 1 or more by its row-major index, as in {@code row 6, column 4}.
     *
     * @param shape of the tensor
     * @param at the index
     * @return the place
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
     * The row-major index of the first element that is not finite.
     *
     * @param data has such an element
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
