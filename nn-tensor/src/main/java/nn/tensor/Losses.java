package nn.tensor;

import nn.tensor.internal.LossLoops;
import nn.tensor.internal.Softmax;

/**
 * Sums of losses over the elements or rows of a tensor, each with its gradient in the same pass over memory. They split
 * large tensors between threads; the bits depend on neither threads nor vectors.
 */
public final class Losses {
    private Losses() {}

    /**
     * The cross-entropy of the softmax of each row and a label, and its gradient. A row x with label y counts {@code
     * w_y (log(sum_j exp(x_j - m)) - (x_y - m))}, where m is its largest element; the gradient at x is {@code w_y
     * (softmax_j - [j = y])}. The sum and the loss are in double.
     *
     * @param x logits [... x n]
     * @param labels one for each row of x [... x n], in their order: a whole number from 0 to n - 1, or
     *     {@code ignored}; not checked
     * @param weights the weight w of each of the n classes; empty if all are 1
     * @param ignored the label of rows that count nothing and get a gradient of 0; NaN if there is none
     * @param factor multiplies the gradient, not the result
     * @param dst receives the gradient, in the shape of x; no part of it may be an operand's
     * @return the sum over the rows
     * @throws ShapeException if {@code dst} has another shape, or there are not as many labels as rows
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double softmaxCrossEntropy(
            Tensor x, Tensor labels, double[] weights, float ignored, double factor, Tensor dst) {
        x.requireSame("softmaxCrossEntropy", dst);
        dst.requireApart("softmaxCrossEntropy", x, "x");
        dst.requireApart("softmaxCrossEntropy", labels, "the labels");
        if (labels.size() != x.rowsOfElements()) {
            throw new ShapeException(
                    "softmaxCrossEntropy: " + x.rowsOfElements() + " rows need as many labels, got " + labels.shape(),
                    "[" + x.rowsOfElements() + "]",
                    labels.shape());
        }
        return Softmax.ofLabels(x.operand(), labels.operand(), weights, ignored, factor, dst.operand());
    }

    /**
     * The cross-entropy of the softmax of each row and a row of coefficients c, such as probabilities, and its
     * gradient. A row x counts {@code sum_j c_j (log(sum_k exp(x_k - m)) - (x_j - m))}, where m is its largest element;
     * the gradient at x is {@code sum_k c_k softmax_j - c_j}. Sums are in double. A coefficient of 0 counts nothing,
     * whatever the element.
     *
     * @param x logits [... x n]
     * @param coefficients of the shape of x [... x n]
     * @param factor multiplies the gradient, not the result
     * @param dst receives the gradient, in the shape of x; may be the coefficients
     * @return the sum over the rows
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with x, or a part with the coefficients
     */
    public static double softmaxCrossEntropy(Tensor x, Tensor coefficients, double factor, Tensor dst) {
        x.requireSame("softmaxCrossEntropy", coefficients);
        coefficients.requireDestination("softmaxCrossEntropy", dst);
        dst.requireApart("softmaxCrossEntropy", x, "x");
        return Softmax.ofCoefficients(x.operand(), coefficients.operand(), factor, dst.operand());
    }

    /**
     * The sum of squared differences {@code (x - t)^2}, and a multiple of the differences. The sum is in double.
     *
     * @param x the outputs, of any shape
     * @param target t, of the shape of x
     * @param factor what the differences are multiplied by
     * @param dst receives {@code factor (x - t)}, in the shape of x; no part of it may be an operand's
     * @return the sum
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double squaredError(Tensor x, Tensor target, double factor, Tensor dst) {
        requireLoss("squaredError", x, target, dst);
        return LossLoops.squares(
                factor, x.size(), x.array(), x.offset(), target.array(), target.offset(), dst.array(), dst.offset());
    }

    /**
     * The sum of absolute differences {@code |x - t|}, and a multiple of their signs. The sum is in double.
     *
     * @param x the outputs, of any shape
     * @param target t, of the shape of x
     * @param factor what the signs are multiplied by
     * @param dst receives {@code factor sign(x - t)}, in the shape of x; no part of it may be an operand's
     * @return the sum
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double absoluteError(Tensor x, Tensor target, double factor, Tensor dst) {
        requireLoss("absoluteError", x, target, dst);
        return LossLoops.magnitudes(
                factor, x.size(), x.array(), x.offset(), target.array(), target.offset(), dst.array(), dst.offset());
    }

    /**
     * The sum of Huber's function of the differences d = x - t, {@code d^2 / 2} up to delta and {@code delta (|d| -
     * delta / 2)} beyond, and a multiple of its derivative. The sum is in double.
     *
     * @param x the outputs, of any shape
     * @param target t, of the shape of x
     * @param delta where the function becomes linear, above 0
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code factor} times d from -delta to delta, in the shape of x; no part of it may be an
     *     operand's
     * @return the sum
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double huberError(Tensor x, Tensor target, double delta, double factor, Tensor dst) {
        requireLoss("huberError", x, target, dst);
        return LossLoops.huber(
                delta,
                factor,
                x.size(),
                x.array(),
                x.offset(),
                target.array(),
                target.offset(),
                dst.array(),
                dst.offset());
    }

    /**
     * The sum of the cross-entropies of the sigmoids of logits x and targets t, {@code max(x, 0) - x t + log(1 +
     * exp(-|x|))}, and a multiple of its derivative. Each term is in float, within 3 ulp of its largest part; the sum
     * is in double.
     *
     * @param x the outputs, of any shape
     * @param target t, from 0 to 1, of the shape of x
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code factor (sigmoid(x) - t)}, in the shape of x; no part of it may be an operand's
     * @return the sum; NaN if a target is not from 0 to 1
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double sigmoidCrossEntropy(Tensor x, Tensor target, double factor, Tensor dst) {
        requireLoss("sigmoidCrossEntropy", x, target, dst);
        return LossLoops.sigmoid(
                factor, x.size(), x.array(), x.offset(), target.array(), target.offset(), dst.array(), dst.offset());
    }

    private static void requireLoss(String operation, Tensor x, Tensor target, Tensor dst) {
        x.requireSame(operation, target);
        x.requireSame(operation, dst);
        dst.requireApart(operation, x, "x");
        dst.requireApart(operation, target, "the target");
    }
}
