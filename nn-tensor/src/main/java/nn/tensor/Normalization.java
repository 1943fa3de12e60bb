package nn.tensor;

import nn.tensor.internal.driver.Normalize;

/**
 * Normalization of the rows of a tensor to mean 0 and variance 1, or to the mean square 1, and its gradients. Columns
 * have {@link BatchNormalization}, and groups of columns {@link GroupNormalization}. Statistics are in double. Large
 * tensors are split between threads; the bits depend on neither threads nor vectors.
 */
public final class Normalization {
    private Normalization() {}

    /**
     * Normalizes each row to mean 0 and variance 1, then scales and shifts it: {@code y = (x - mean) / sqrt(variance +
     * epsilon) * scale + bias}, with the mean and the variance (with divisor n) of the row, in double.
     *
     * @param x of shape [... x n]
     * @param epsilon is added to the variance
     * @param scale of shape [n] for x [... x n]
     * @param bias of shape [n]
     * @param means receives the mean of each row, from index 0 on
     * @param factors receives {@code 1 / sqrt(variance + epsilon)} of each row
     * @param dst receives y, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if an array is shorter than the number of rows, or {@code dst} shares memory
     *     with an operand
     */
    public static void rows(
            Tensor x, double epsilon, Tensor scale, Tensor bias, double[] means, double[] factors, Tensor dst) {
        x.requireSame("normalizeRows", dst);
        dst.requireApart("normalizeRows", x, "x");
        requireOperandRow("normalizeRows", x, scale, dst);
        requireOperandRow("normalizeRows", x, bias, dst);
        requireNumbers("normalizeRows", "row", x.rowsOfElements(), means, factors);
        Normalize.rows(epsilon, x.operand(), scale.operand(), bias.operand(), means, factors, dst.operand());
    }

    /**
     * The gradients of {@link #rows}, at x. With normal = (x - mean) * factor
     * and d = dOutput * scale, each row gets {@code (d - mean of d - normal * mean of d normal) * factor}; the sum of
     * the rows of {@code dOutput * normal} is added to {@code dScale}, and that of {@code dOutput} to {@code dBias}. Up
     * to 128 rows are added in order, in float; more are cut into blocks of 128, whose sums are added in double.
     *
     * @param x of shape [... x n]
     * @param dOutput gradient at y, of the shape of x [... x n]
     * @param scale of shape [n]
     * @param means as {@link #rows} gave them
     * @param factors as {@link #rows} gave them
     * @param dScale the gradient at the scale is added to it; of shape [n]
     * @param dBias the gradient at the bias is added to it; of shape [n]
     * @param dst receives the gradient at x, in the shape of x; no part of it may be y's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if an array is shorter than the number of rows, or tensors share memory that
     *     must not
     */
    public static void rowsGrad(
            Tensor x,
            Tensor dOutput,
            Tensor scale,
            double[] means,
            double[] factors,
            Tensor dScale,
            Tensor dBias,
            Tensor dst) {
        requireGradientOf("normalizeRowsGrad", x, dOutput, dst);
        requireRowGradient("normalizeRowsGrad", x, dScale, dOutput, scale, dst);
        requireRowGradient("normalizeRowsGrad", x, dBias, dOutput, scale, dst);
        dScale.requireApart("normalizeRowsGrad", dBias, "the other gradient");
        requireOperandRow("normalizeRowsGrad", x, scale, dst);
        requireNumbers("normalizeRowsGrad", "row", x.rowsOfElements(), means, factors);
        Normalize.rowsGrad(
                x.operand(),
                dOutput.operand(),
                scale.operand(),
                means,
                factors,
                dScale.operand(),
                dBias.operand(),
                dst.operand());
    }

    /**
     * Divides each row by its root mean square, then scales it: {@code y = x / sqrt(mean of x^2 + epsilon) * scale},
     * with the sum of the squares in double.
     *
     * @param x of shape [... x n]
     * @param epsilon is added to the mean square
     * @param scale of shape [n] for x [... x n]
     * @param factors receives {@code 1 / sqrt(mean of x^2 + epsilon)} of each row, from index 0 on
     * @param dst receives y, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if the array is shorter than the number of rows, or {@code dst} shares memory
     *     with an operand
     */
    public static void rowsByRootMeanSquare(Tensor x, double epsilon, Tensor scale, double[] factors, Tensor dst) {
        x.requireSame("rowsByRootMeanSquare", dst);
        dst.requireApart("rowsByRootMeanSquare", x, "x");
        requireOperandRow("rowsByRootMeanSquare", x, scale, dst);
        requireNumbers("rowsByRootMeanSquare", "row", x.rowsOfElements(), factors, factors);
        RootMeanSquare.rows(x, epsilon, scale, factors, dst);
    }

    /**
     * The gradients of {@link #rowsByRootMeanSquare}, at x. With normal = x * factor and d = dOutput * scale, each row
     * gets {@code (d - normal * mean of d normal) * factor}; the sum of the rows of {@code dOutput * normal} is added
     * to {@code dScale}, as in {@link #rowsGrad}.
     *
     * @param x of shape [... x n]
     * @param dOutput gradient at y, of the shape of x [... x n]
     * @param scale of shape [n]
     * @param factors as {@link #rowsByRootMeanSquare} gave them
     * @param dScale the gradient at the scale is added to it; of shape [n]
     * @param dst receives the gradient at x, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if the array is shorter than the number of rows, or tensors share memory that
     *     must not
     */
    public static void rowsByRootMeanSquareGrad(
            Tensor x, Tensor dOutput, Tensor scale, double[] factors, Tensor dScale, Tensor dst) {
        requireGradientOf("rowsByRootMeanSquareGrad", x, dOutput, dst);
        requireRowGradient("rowsByRootMeanSquareGrad", x, dScale, dOutput, scale, dst);
        requireOperandRow("rowsByRootMeanSquareGrad", x, scale, dst);
        requireNumbers("rowsByRootMeanSquareGrad", "row", x.rowsOfElements(), factors, factors);
        RootMeanSquare.rowsGrad(x, dOutput, scale, factors, dScale, dst);
    }

    /**
     * The sum of each column of y, and of its product with the normalized columns of x: {@code sum_i
     * y_ij} and {@code sum_i y_ij (x_ij - mean_j) * factor_j}. Four rows are added in float, then in double, in order.
     *
     * @param x of shape [... x n]
     * @param y of the shape of x [... x n]
     * @param means a number for each column
     * @param factors a number for each column
     * @param sums receives n numbers
     * @param dots receives n numbers
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if an array is shorter than the number of columns
     */
    public static void columnDots(Tensor x, Tensor y, double[] means, double[] factors, double[] sums, double[] dots) {
        x.requireSame("columnDots", y);
        requireNumbers("columnDots", "column", x.rowLength(), means, factors);
        requireNumbers("columnDots", "column", x.rowLength(), sums, dots);
        Normalize.dots(means, factors, x.operand(), y.operand(), sums, dots);
    }

    private static void requireGradientOf(String operation, Tensor x, Tensor dOutput, Tensor dst) {
        x.requireSame(operation, dOutput);
        x.requireSame(operation, dst);
        dst.requireApart(operation, x, "x");
        dst.requireApart(operation, dOutput, "the output's gradient");
    }

    /** Checks the place of a gradient at a scale or bias. */
    static void requireRowGradient(String operation, Tensor x, Tensor row, Tensor dOutput, Tensor scale, Tensor dst) {
        requireOperandRow(operation, x, row, dst);
        row.requireApart(operation, x, "x");
        row.requireApart(operation, dOutput, "the output's gradient");
        row.requireApart(operation, scale, "the scale");
    }

    /** Checks a scale, a bias, or a gradient at one. */
    static void requireOperandRow(String operation, Tensor x, Tensor row, Tensor dst) {
        x.requireRow(operation, row);
        dst.requireApart(operation, row, "a row");
    }

    private static void requireNumbers(String operation, String each, int count, double[] first, double[] second) {
        if (first.length < count || second.length < count) {
            throw new IllegalArgumentException(operation + ": an array of " + Math.min(first.length, second.length)
                    + " numbers is too short; it has one for each of " + count + " " + each + "s");
        }
    }
}
