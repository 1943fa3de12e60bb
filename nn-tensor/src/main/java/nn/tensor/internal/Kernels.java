package nn.tensor.internal;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.window.WindowKernels;
import org.jspecify.annotations.Nullable;

/**
 * The primitives on raw arrays that have two implementations: plain Java ({@link ScalarKernels}) and the Vector API
 * ({@link VectorKernels}). Both give the same bits for every input; tests compare them. A program runs {@link
 * TieredKernels}: scalar kernels until the vector kernels are compiled.
 *
 * <p>Arguments are checked by the callers in {@code nn.tensor}; nothing here checks a range. The operands of an
 * element-wise operation may be identical, but not partially overlap.
 */
public sealed interface Kernels permits ScalarKernels, VectorKernels, TieredKernels {

    /**
     * Returns the implementation that this JVM runs.
     *
     * @return vector kernels where the module jdk.incubator.vector is present, else scalar ones
     * @throws IllegalArgumentException if the system property {@code nn.kernels} is invalid, at every call
     */
    static Kernels active() {
        return ActiveKernels.kernels();
    }

    /**
     * Returns the number of floats that one operation handles.
     *
     * @return 1 for scalar kernels
     */
    int lanes();

    /**
     * C = S + A B on one thread: {@code c[i,j] = fma(a[i,p], b[p,j], ...)} with p in order, starting from the value of
     * S. Only where S is C itself is C read.
     *
     * @param p the sizes, and where the operands lie in their arrays
     * @param a the array of A
     * @param b the array of B
     * @param c the array of C
     * @param from the array of S, the initial values of the sums; null for zeros
     */
    void matmul(Product p, float[] a, float[] b, float[] c, float @Nullable [] from);

    /**
     * A part of the sum C of products over a tree, on one thread.
     *
     * @param products the operands
     * @param steps how an element of C is computed
     * @param part the part of C
     * @param c has C, contiguous, from {@code co} on
     */
    void sumProducts(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co);

    /** y [columns x rows] = x' for x [rows x columns], with a step from row to row of each; they share no memory. */
    void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys);

    /** {@code y = f(x)}; x and y may be the same place. a and b are the numbers of f that {@link Unary} names. */
    void function(Unary f, float a, float b, float[] x, int xo, float[] y, int yo, int n);

    /**
     * {@code dx = dy * f'(x)}; dx may be s or dy.
     *
     * @param s x, or f(x) where {@link Unary} says so
     */
    void gradient(Unary f, float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n);

    /** {@code y = x} where x is above 0, {@code slope * x} elsewhere, with a slope for each column. */
    void prelu(Submatrix part, Operand slopes, Operand x, Operand y);

    /**
     * {@code dx = dy} where x is above 0, {@code slope * dy} elsewhere; adds {@code x * dy}, where x is not above 0, to
     * the sums of the columns, from {@code so} on, one row after the other.
     */
    void preluGrad(Submatrix part, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so);

    /** Uniform in (-1, 1): elements first to first + n - 1 of the sequence of a key. */
    void uniform(long hi, long lo, long first, float[] out, int off, int n);

    /** Standard normal: elements first to first + n - 1 of the sequence of a key. */
    void normal(long hi, long lo, long first, float[] out, int off, int n);

    /** {@code z = x + y}. */
    void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n);

    /** {@code z = x - y}. */
    void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n);

    /** {@code z = x * y}. */
    void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n);

    /** {@code z = x / y}. */
    void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n);

    /** {@code z = alpha * x}. */
    void scale(float alpha, float[] x, int xo, float[] z, int zo, int n);

    /** {@code y = fma(alpha, x, y)}. */
    void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n);

    /**
     * A step of an LSTM: the gates' values i, f, g and o, {@code cells = f before + i g}, or 0 below 2^-100, and
     * {@code after = o tanh}, the same.
     *
     * @param gates the pre-activations of i, f, g and o of each row, one after the other, to be overwritten with their
     *     values
     * @param cells may be before
     * @param tanh receives tanh of the cells; may be after
     */
    void lstmCell(CellStep step, float[] gates, float[] before, float[] cells, float[] tanh, float[] after);

    /**
     * The gradients of a step of an LSTM, for the gradients {@code dy + dh} at h and dc at c; dh is not changed.
     * Magnitudes of dh and of the new dc below 2^-100 become 0.
     *
     * @param gates the gates' values, to be overwritten with the gradients at their pre-activations
     * @param before the cells before the step
     * @param tanh tanh of the cells after the step
     * @param dc to be overwritten with the gradient at the cells before the step
     */
    void lstmGrad(CellStep step, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc);

    /**
     * The candidate's pre-activation in a gated recurrent unit: {@code candidate += r recurrent}.
     *
     * @param gates r and u of each row, one after the other
     */
    void gruCandidate(CellStep step, float[] gates, float[] recurrent, float[] candidate);

    /**
     * The states of a gated recurrent unit: {@code after = candidate + u (before - candidate)}, or 0 below 2^-100.
     *
     * @param gates r and u of each row, one after the other
     */
    void gruOutput(CellStep step, float[] gates, float[] candidate, float[] before, float[] after);

    /**
     * The gradients of a step of a gated recurrent unit, for the gradient {@code dy + dh} at h, where magnitudes of dh
     * below 2^-100 count as 0.
     *
     * @param gates r and u, to be overwritten with the gradients at their pre-activations
     * @param candidate its value, to be overwritten with the gradient at its pre-activation
     * @param recurrent the part of that which r multiplies, to be overwritten with its gradient
     * @param dh to be overwritten with the part {@code u (dy + dh)} of the gradient at the state before
     */
    void gruGrad(
            CellStep step, float[] gates, float[] candidate, float[] recurrent, float[] before, float[] dy, float[] dh);

    /**
     * {@code sums += x[0] + x[1] + ...}: a chain of float additions for each column, rows in order. For rows that fit
     * into a few vectors; wider ones are added row by row.
     *
     * @param step from row to row of x
     */
    void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so);

    /** Where x is larger than {@code most}, or the first NaN: {@code most = x} and {@code at = row}. */
    void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n);

    /** {@code dx = dy} where {@code at} is the row, else 0. */
    void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n);

    /**
     * h += lambda before, with complex numbers: {@code lambda} holds n real parts and then n imaginary parts, and so
     * does each row of {@code before} and {@code h}. Results below {@code Elementwise.TINY} become +0.
     */
    void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho);

    /** Whether an element is not zero and below {@code Elementwise.TINY} in magnitude. */
    boolean hasTiny(float[] x, int xo, int n);

    /** The largest absolute value; NaN if there is one; 0 for no elements. */
    float maxAbs(float[] x, int xo, int n);

    /** Rows and columns of a matrix: softmax, normalization and losses, of the same kernels. */
    RowKernels rows();

    /** Convolutions, of the same kernels. */
    WindowKernels windows();

    /** Products in double, of the same kernels. */
    DoubleMatmul doubles();
}
