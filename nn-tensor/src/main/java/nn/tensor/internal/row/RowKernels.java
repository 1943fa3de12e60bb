package nn.tensor.internal.row;

/**
 * Kernels for rows and columns of a matrix: softmax, normalization and losses. Both implementations give the same bits.
 *
 * <p>A sum along a row is in double, in {@link #LANES} virtual lanes: element i goes to lane i mod LANES, each lane
 * adds in order, and a tree joins the lanes by halves. So vectors of 128, 256 and 512 bits hold them in 16, 8 and 4
 * registers, and the result does not depend on the width. Rows are short, so there are fewer lanes than in {@code
 * Reductions}, whose tree alone would take as long as a row of 256 elements. A sum along a column is in double too,
 * with its rows in order: there each column has its own lane.
 *
 * <p>A kernel of up to three operands takes each with its offset; a kernel of more takes an {@link Operand} for each,
 * and the place of a row or a {@link Submatrix} in all of them.
 *
 * <p>A method that sums leaves its results in {@code sums}, an array of at least {@link #SUMS} elements: the first at
 * index 0, a second at index LANES.
 */
public sealed interface RowKernels permits ScalarRows, VectorRows, TieredRows {
    /** Virtual lanes of a sum along a row. */
    int LANES = 32;

    /** Elements of which each lane adds four in float, where a sum does so. */
    int GROUP = 4 * LANES;

    /** The length of an array for two sums. */
    int SUMS = 2 * LANES;

    /** The most elements of a loss that are computed at once. */
    int LOSS_BLOCK = 2048;

    /** The largest element, not counting NaN; minus infinity if there is none. */
    float largest(float[] x, int xo, int n);

    /** {@code y = x - c}; x and y may be the same place. */
    void shift(float c, float[] x, int xo, float[] y, int yo, int n);

    /**
     * {@code y = exp(x - c)} for x up to c, and NaN; x and y share no memory, as a row's last elements are computed
     * twice if they do not fill a vector.
     */
    void expLess(float c, float[] x, int xo, float[] y, int yo, int n);

    /** Sum of x. */
    void sum(float[] x, int xo, int n, double[] sums);

    /** Sum of x in groups, as {@link #dot}: for terms that are rounded already, to save conversions. */
    void sumOfGroups(float[] x, int xo, int n, double[] sums);

    /** Sum of x * x. */
    void sumOfSquares(float[] x, int xo, int n, double[] sums);

    /**
     * Sum of x * y, where four successive products of a lane are added in float before they are added in double: their
     * error is at most four roundings of a float, and conversions to double are what takes time. The products of the
     * last n mod {@link #GROUP} elements are added one by one.
     */
    void dot(float[] x, int xo, float[] y, int yo, int n, double[] sums);

    /** Sum of |x|. */
    void sumOfMagnitudes(float[] x, int xo, int n, double[] sums);

    /** Sum of {@code s (|x| - s / 2)} with s the smaller of |x| and delta: Huber's function. */
    void sumOfHuber(double delta, float[] x, int xo, int n, double[] sums);

    /** {@code y = c} where x is above 0, {@code -c} where it is below, {@code c x} elsewhere: 0 or NaN. */
    void signs(float c, float[] x, int xo, float[] y, int yo, int n);

    /** {@code dx = y (dy - dot)}: the gradient of a row of softmax with the output y; dx may be y or dy. */
    void softmaxGrad(float dot, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n);

    /** Sum of c, and sum of c (m - x) over the elements where c is not 0. */
    void crossEntropy(float m, float[] x, int xo, float[] c, int co, int n, double[] sums);

    /** {@code y = -|x|}; x and y may be the same place. */
    void minusMagnitude(float[] x, int xo, float[] y, int yo, int n);

    /**
     * With {@code e = exp(-|x|)}, {@code g = factor (sigmoid(x) - t)}, and {@code max(x, 0) - x t + log(1 + e)} in the
     * place of e. The exponential is a kernel by itself: together they exceed C2's limit of nodes, beyond which a
     * method is not inlined and its vectors are boxed.
     *
     * @return whether every t is from 0 to 1
     */
    boolean sigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] e, int eo, float[] g, int go, int n);

    /**
     * The same with a weight w for the part of target 1: with {@code e = exp(-|x|)} in {@code work[i]} and w in
     * {@code work[LOSS_BLOCK + i]}, {@code g = factor ((1 - t) sigmoid(x) - w t sigmoid(-x))}, and {@code (1 - t)
     * max(x, 0) + w t max(-x, 0) + (1 - t + w t) log(1 + e)} in the place of e.
     *
     * @return whether every t is from 0 to 1
     */
    boolean weightedSigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] work, float[] g, int go, int n);

    /**
     * {@code s = x} where t is 0, and {@code s = -x} where it is 1: a loss of s with target 0 is then that of x with t.
     *
     * @return whether every t is 0 or 1
     */
    boolean turnToTarget0(float[] x, int xo, float[] t, int to, float[] s, int so, int n);

    /**
     * The logarithm of {@code sigmoid(s)^gamma}, and the cross-entropy: with {@code e = exp(-|s|)} in {@code work[i]},
     * {@code -gamma (max(-s, 0) + log(1 + e))} in {@code work[LOSS_BLOCK + i]}, and {@code max(s, 0) + log(1 + e)} in
     * {@code work[2 * LOSS_BLOCK + i]}, NaN for an infinite s.
     */
    void focalExponents(float gamma, float[] s, int so, float[] work, int n);

    /**
     * The focal loss of logits s that are {@linkplain #turnToTarget0 turned} to target 0: with {@code e = exp(-|s|)} in
     * {@code work[i]}, {@code m = sigmoid(s)^gamma} in {@code work[LOSS_BLOCK + i]}, the cross-entropy l in {@code
     * work[2 * LOSS_BLOCK + i]}, and the weight w of the target, {@code w m l} in the place of e, and its slope at x in
     * the place of s: {@code w m (sigmoid(s) + gamma sigmoid(-s) l)}, with a minus sign where t is 1.
     *
     * @param weight0 w where t is 0
     * @param weight1 w where t is 1
     */
    void focalLoss(
            float gamma, float weight0, float weight1, float[] t, int to, float[] work, float[] s, int so, int n);

    /**
     * {@code y = p (l - x)} for probabilities p, their logarithms l and other logarithms x, and 0 where p is 0, unless
     * x is no logarithm: NaN or infinity. y and l may be the same place.
     */
    void divergence(float[] p, int po, float[] l, int lo, float[] x, int xo, float[] y, int yo, int n);

    /** Sums of x - c and of its square, where c is the first element. */
    void moments(float[] x, int xo, int n, double[] sums);

    /** {@code y = normal * scale + bias} for the row that begins at {@code at}. */
    void normalize(RowStatistics row, int at, Operand x, Operand scale, Operand bias, Operand y);

    /** Sums of d and of d * normal, for {@code d = dy * scale}; in groups, as {@link #dot}. */
    void normalizeSums(RowStatistics row, int at, Operand x, Operand dy, Operand scale, double[] sums);

    /**
     * {@code dx = (dy * scale - mean - normal * dot) * outer}, where dx may be dy or x; adds dy * normal to n elements
     * of gradients from {@code to} on, and dy to the n elements after them.
     */
    void normalizeGrad(
            RowStatistics row, int at, Operand x, Operand dy, Operand scale, float[] gradients, int to, Operand dx);

    /**
     * Adds x - origin to sums and its square to squares, rows in order.
     *
     * @param sums with a number for each column of the part, as the squares
     */
    void columnMoments(Submatrix part, ColumnStatistics c, Operand x, double[] sums, double[] squares);

    /**
     * Adds dy to sums and dy * normal to dots, with {@code normal = ((shrink * x - high) - low) * factor}. Four rows
     * are added in float, in order, before they are added in double; the last rows mod 4 are added one by one.
     *
     * @param sums with a number for each column of the part, as the dots
     */
    void columnDots(Submatrix part, ColumnStatistics c, Operand x, Operand dy, double[] sums, double[] dots);

    /** {@code y = ((shrink * x - high) - low) * factor + bias}, column by column. */
    void normalizeColumns(Submatrix part, ColumnStatistics c, Operand x, Operand y);

    /** {@code dx = factor (dy - shift - ((shrink * x - high) - low) * slope)}, column by column. */
    void normalizeColumnsGrad(Submatrix part, ColumnStatistics c, Operand x, Operand dy, Operand dx);
}
