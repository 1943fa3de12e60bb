package nn.tensor;

import java.util.Arrays;
import nn.tensor.internal.driver.Normalize;
import nn.tensor.internal.row.Operand;

/**
 * Normalization of columns to mean 0 and variance 1, or by given means and variances, and its gradients. Means and
 * variances are in double, and are kept from a forward pass to {@link #backward}, so each place of a model has an
 * object of this class. It is for one thread at a time.
 *
 * <p>Large tensors are split between threads; the bits depend on neither threads nor vectors.
 */
public final class BatchNormalization {
    private final int features;
    private final double epsilon;
    private final Normalize.Columns columns; // means, and factors by variances with the divisor n
    private final double[] variances; // with the divisor n - 1
    private final double[] sums;
    private final double[] dots;
    private boolean isOfBatch; // whether means and variances are those of x

    /**
     * Allocates what is kept.
     *
     * @param features the number of columns, at least 1
     * @param epsilon is added to each variance
     * @throws IllegalArgumentException if there is no column
     */
    public BatchNormalization(int features, double epsilon) {
        if (features < 1) {
            throw new IllegalArgumentException("batch normalization: " + features + " features; there is at least one");
        }
        this.features = features;
        this.epsilon = epsilon;
        columns = new Normalize.Columns(new double[features], new double[features]);
        variances = new double[features];
        sums = new double[features];
        dots = new double[features];
    }

    /**
     * Normalizes each column, then scales and shifts it: {@code y = (x - mean) / sqrt(variance + epsilon) * scale +
     * bias}, with the mean and the variance (with divisor n) of the n numbers of the column.
     *
     * @param x of shape [... x features]
     * @param scale of shape [features]
     * @param bias of shape [features]
     * @param dst receives y, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public void forward(Tensor x, Tensor scale, Tensor bias, Tensor dst) {
        requireOperands("normalizeColumns", x, scale, bias, dst);
        Operand operand = x.operand();
        Normalize.moments(operand, columns.means, variances);
        double[] factors = columns.factors;
        int rows = operand.rows();
        double share = 1.0 / rows;
        double unbiased = 1.0 / (rows - 1);
        for (int j = 0; j < features; j++) { // 0.1 ns a column by products, 1.2 by quotients
            double squares = variances[j];
            factors[j] = 1 / Math.sqrt(squares * share + epsilon);
            variances[j] = squares * unbiased;
        }
        isOfBatch = true;
        Normalize.columns(columns.ready(features), scale.operand(), bias.operand(), operand, dst.operand());
    }

    /**
     * The same by a given mean and variance of each column.
     *
     * @param x of shape [... x features]
     * @param mean of shape [features]
     * @param variance of shape [features]
     * @param scale of shape [features]
     * @param bias of shape [features]
     * @param dst receives y, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public void forward(Tensor x, Tensor mean, Tensor variance, Tensor scale, Tensor bias, Tensor dst) {
        requireOperands("normalizeColumns", x, scale, bias, dst);
        x.requireRow("normalizeColumns", mean);
        x.requireRow("normalizeColumns", variance);
        for (int j = 0; j < features; j++) {
            columns.means[j] = mean.array()[mean.offset() + j];
            variances[j] = variance.array()[variance.offset() + j];
            columns.factors[j] = 1 / Math.sqrt(variances[j] + epsilon);
        }
        isOfBatch = false;
        Normalize.columns(columns.ready(features), scale.operand(), bias.operand(), x.operand(), dst.operand());
    }

    /**
     * The mean of each column, or what was given for it.
     *
     * @return [features] numbers of the last forward pass; not to be changed
     */
    public double[] means() {
        return columns.means;
    }

    /**
     * The variance of each column, with the divisor n - 1, or what was given for it.
     *
     * @return [features] numbers of the last forward pass; NaN if there was one row; not to be changed
     */
    public double[] variances() {
        return variances;
    }

    /**
     * The gradients of the last forward pass, at its x. With normal = (x - mean) * factor and factor = 1 /
     * sqrt(variance + epsilon), the gradient at x is {@code (dOutput - mean of dOutput - normal * mean of dOutput
     * normal) * factor * scale}, with means over the column; if mean and variance were given, they have no gradient,
     * and it is {@code dOutput * factor * scale}. The sum of {@code dOutput * normal} over the rows is added to {@code
     * dScale}, and that of {@code dOutput} to {@code dBias}: four rows are added in float, then in double, in order.
     *
     * @param x as in the forward pass, [... x features]
     * @param dOutput gradient at y, of the shape of x
     * @param scale as in the forward pass, [features]
     * @param dScale the gradient at the scale is added to it; of shape [features]
     * @param dBias the gradient at the bias is added to it; of shape [features]
     * @param dst receives the gradient at x, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if tensors share memory that must not
     */
    public void backward(Tensor x, Tensor dOutput, Tensor scale, Tensor dScale, Tensor dBias, Tensor dst) {
        requireOperands("normalizeColumnsGrad", x, scale, scale, dst);
        x.requireSame("normalizeColumnsGrad", dOutput);
        dst.requireApart("normalizeColumnsGrad", dOutput, "the output's gradient");
        Normalization.requireRowGradient("normalizeColumnsGrad", x, dScale, dOutput, scale, dst);
        Normalization.requireRowGradient("normalizeColumnsGrad", x, dBias, dOutput, scale, dst);
        dScale.requireApart("normalizeColumnsGrad", dBias, "the other gradient");
        Operand operand = x.operand();
        Operand gradient = dOutput.operand();
        Normalize.dots(columns, operand, gradient, sums, dots);
        Normalize.addRounded(dots, dScale.operand());
        Normalize.addRounded(sums, dBias.operand());
        if (isOfBatch) {
            double share = 1.0 / operand.rows();
            double[] factors = columns.factors;
            for (int j = 0; j < features; j++) {
                sums[j] *= share;
                dots[j] *= factors[j] * share;
            }
        } else {
            Arrays.fill(sums, 0);
            Arrays.fill(dots, 0);
        }
        Normalize.columnsGrad(columns, scale.operand(), sums, dots, operand, gradient, dst.operand());
    }

    private void requireOperands(String operation, Tensor x, Tensor scale, Tensor bias, Tensor dst) {
        if (x.rowLength() != features) {
            String expected = "[... x " + features + "]";
            throw new ShapeException(operation + ": expected " + expected + ", got " + x.shape(), expected, x.shape());
        }
        x.requireSame(operation, dst);
        dst.requireApart(operation, x, "x");
        Normalization.requireOperandRow(operation, x, scale, dst);
        Normalization.requireOperandRow(operation, x, bias, dst);
    }
}
