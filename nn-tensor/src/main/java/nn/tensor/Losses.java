package nn.tensor;

import nn.tensor.internal.driver.LossLoops;
import nn.tensor.internal.driver.Softmax;

/**
 * Sums of losses over the elements or rows of a tensor, each with its gradient in the same pass over memory. They split
 * large tensors between threads; the bits depend on neither threads nor vectors.
 */
public final class Losses {
    private static final double[] NONE = {};

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
        requireLabels("softmaxCrossEntropy", x, labels, dst);
        return Softmax.ofLabels(x.operand(), labels.operand(), weights, ignored, factor, dst.operand());
    }

    private static void requireLabels(String operation, Tensor x, Tensor labels, Tensor dst) {
        x.requireSame(operation, dst);
        dst.requireApart(operation, x, "x");
        dst.requireApart(operation, labels, "the labels");
        if (labels.size() != x.rowsOfElements()) {
            throw new ShapeException(
                    operation + ": " + x.rowsOfElements() + " rows need as many labels, got " + labels.shape(),
                    "[" + x.rowsOfElements() + "]",
                    labels.shape());
        }
    }

    /**
     * The focal cross-entropy of the softmax of each row and a label, and its gradient (Lin et al., <i>Focal Loss for
     * Dense Object Detection</i>, ICCV 2017). A row x with label y and the probability p of y counts {@code -w_y (1 -
     * p)^gamma log(p)}; the gradient at x is {@code c (softmax_j - [j = y])} with {@code c = w_y ((1 - p)^gamma - gamma
     * p (1 - p)^(gamma - 1) log(p))}. Sums of exponentials, p and the loss are in double.
     *
     * @param x logits [... x n]
     * @param labels one for each row of x [... x n], in their order: a whole number from 0 to n - 1; not checked
     * @param gamma 0 or more; 0 gives the cross-entropy
     * @param weights the weight w of each of the n classes; empty if all are 1
     * @param factor multiplies the gradient, not the result
     * @param dst receives the gradient, in the shape of x; no part of it may be an operand's
     * @return the sum over the rows
     * @throws ShapeException if {@code dst} has another shape, or there are not as many labels as rows
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double softmaxFocalCrossEntropy(
            Tensor x, Tensor labels, double gamma, double[] weights, double factor, Tensor dst) {
        requireLabels("softmaxFocalCrossEntropy", x, labels, dst);
        return Softmax.ofFocus(x.operand(), labels.operand(), gamma, weights, factor, dst.operand());
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
     * The Kullback-Leibler divergence of the softmax of each row from that of a row of target logits, both at a
     * temperature T, and its gradient. With {@code p = softmax(x / T)} and {@code q = softmax(t / T)}, a row counts
     * {@code sum_j q_j log(q_j / p_j)}; the gradient at x is {@code (p - q) / T}. Exponentials are in float, sums and
     * the loss in double.
     *
     * @param x logits [... x n]
     * @param target logits t [... x n], of the shape of x
     * @param temperature T, above 0
     * @param factor multiplies the gradient, not the result
     * @param dst receives the gradient, in the shape of x; no part of it may be an operand's
     * @return the sum over the rows
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double softmaxDivergence(Tensor x, Tensor target, double temperature, double factor, Tensor dst) {
        requireLoss("softmaxDivergence", x, target, dst);
        return Softmax.divergence(x.operand(), target.operand(), temperature, factor, dst.operand());
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
        return LossLoops.squares(factor, x.operand(), target.operand(), dst.operand());
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
        return LossLoops.magnitudes(factor, x.operand(), target.operand(), dst.operand());
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
        return LossLoops.huber(delta, factor, x.operand(), target.operand(), dst.operand());
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
        return sigmoidCrossEntropy(x, target, NONE, factor, dst);
    }

    /**
     * The same with a weight w for each column, by which the part of target 1 is multiplied: the sum of {@code -(w t
     * log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x)))}. Each term is a sum of positive parts, within 4 ulp.
     *
     * @param x the outputs [... x n]
     * @param target t, from 0 to 1, of the shape of x [... x n]
     * @param weights w, one for each of the n columns, finite as a float and 0 or more; empty if all are 1
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code factor ((1 - t) sigmoid(x) - w t sigmoid(-x))}, in the shape of x; no part of it may
     *     be an operand's
     * @return the sum; NaN if a target is not from 0 to 1
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand, or there are not as many weights
     *     as columns
     */
    public static double sigmoidCrossEntropy(Tensor x, Tensor target, double[] weights, double factor, Tensor dst) {
        requireLoss("sigmoidCrossEntropy", x, target, dst);
        if (weights.length != 0 && weights.length != x.rowLength()) {
            throw new IllegalArgumentException("sigmoidCrossEntropy: " + weights.length + " weights for rows of "
                    + x.rowLength() + " elements; give one for each");
        }
        return LossLoops.sigmoid(weights, factor, x.operand(), target.operand(), dst.operand());
    }

    /**
     * The sum of the focal cross-entropies of the sigmoids of logits x and targets t (Lin et al., <i>Focal Loss for
     * Dense Object Detection</i>, ICCV 2017), {@code -w (1 - p)^gamma log(p)} where p is the probability of the target,
     * {@code sigmoid(x)} for 1 and {@code sigmoid(-x)} for 0, and a multiple of its derivative. Each term is in float,
     * the sum in double. An infinite logit gives NaN, even where its term would be 0.
     *
     * @param x the outputs, of any shape
     * @param target t, 0 or 1, of the shape of x
     * @param gamma 0 or more; 0 gives the cross-entropy
     * @param weights w for targets 0, and for targets 1
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code factor} times the derivative, {@code w (1 - p)^gamma (1 - p - gamma p log(p))} and for
     *     target 1 minus that, in the shape of x; no part of it may be an operand's
     * @return the sum; NaN if a target is neither 0 nor 1
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand, or there are not two weights
     */
    public static double sigmoidFocalCrossEntropy(
            Tensor x, Tensor target, double gamma, double[] weights, double factor, Tensor dst) {
        requireLoss("sigmoidFocalCrossEntropy", x, target, dst);
        if (weights.length != 2) {
            throw new IllegalArgumentException(
                    "sigmoidFocalCrossEntropy: " + weights.length + " weights; give one for targets 0, one for 1");
        }
        return LossLoops.focal(gamma, weights, factor, x.operand(), target.operand(), dst.operand());
    }

    /**
     * The sum of {@code t (log(t) - x)} for probabilities t and logarithms of probabilities x, which over distributions
     * is their Kullback-Leibler divergence, and a multiple of its derivative. Each term is in float, the sum in double.
     * A target of 0 counts 0, also where x is minus infinity.
     *
     * @param x logarithms of probabilities, of any shape
     * @param target t, 0 or more, of the shape of x
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code -factor t}, in the shape of x; no part of it may be an operand's
     * @return the sum
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double divergence(Tensor x, Tensor target, double factor, Tensor dst) {
        requireLoss("divergence", x, target, dst);
        return LossLoops.divergence(factor, x.operand(), target.operand(), dst.operand());
    }

    /**
     * {@link #divergence} for targets that are logarithms too: the sum of {@code e^t (t - x)}.
     *
     * @param x logarithms of probabilities, of any shape
     * @param target t, logarithms of probabilities, of the shape of x
     * @param factor what the derivative is multiplied by
     * @param dst receives {@code -factor e^t}, in the shape of x; no part of it may be an operand's
     * @return the sum
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public static double logDivergence(Tensor x, Tensor target, double factor, Tensor dst) {
        requireLoss("logDivergence", x, target, dst);
        return LossLoops.logDivergence(factor, x.operand(), target.operand(), dst.operand());
    }

    private static void requireLoss(String operation, Tensor x, Tensor target, Tensor dst) {
        x.requireSame(operation, target);
        x.requireSame(operation, dst);
        dst.requireApart(operation, x, "x");
        dst.requireApart(operation, target, "the target");
    }
}
