package nn.examples.numeric;

import java.util.Arrays;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.linalg.SingularValues;

/** Functions of matrices that claims need. */
public final class Matrices {
    private Matrices() {}

    /**
     * Returns the determinant, by elimination with row exchanges, in double.
     *
     * @param a [n x n]
     * @return det a
     */
    public static double determinant(Tensor a) {
        int n = a.dim(0);
        double[][] rows = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = a.get(i, j);
            }
        }
        double determinant = 1;
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                pivot = Math.abs(rows[i][k]) > Math.abs(rows[pivot][k]) ? i : pivot;
            }
            double[] row = rows[pivot];
            rows[pivot] = rows[k];
            rows[k] = row;
            determinant *= pivot == k ? row[k] : -row[k];
            for (int i = k + 1; i < n; i++) {
                double factor = rows[i][k] / row[k];
                for (int j = k; j < n; j++) {
                    rows[i][j] -= factor * row[j];
                }
            }
        }
        return determinant;
    }

    /**
     * Returns the singular values, the largest first.
     *
     * @param a [n x m]
     * @return one for each row or column, whichever are fewer
     */
    public static double[] singularValues(Tensor a) {
        double[] values = SingularValues.of(a);
        double[] falling = new double[values.length];
        Arrays.sort(values);
        for (int i = 0; i < values.length; i++) {
            falling[i] = values[values.length - 1 - i];
        }
        return falling;
    }

    /**
     * Returns the largest distance of an element of W' W from a multiple of the identity.
     *
     * @param w [inputs x units]
     * @param scale the multiple
     * @return max |W' W - scale I|
     */
    public static double distanceFromOrthogonal(Tensor w, double scale) {
        Tensor product = w.matmul(w, Transposed.LEFT);
        double worst = 0;
        for (int i = 0; i < product.dim(0); i++) {
            for (int j = 0; j < product.dim(1); j++) {
                worst = Math.max(worst, Math.abs(product.get(i, j) - (i == j ? scale : 0)));
            }
        }
        return worst;
    }

    /**
     * Extends a Jacobian by one layer z = x W, a = f(z): from the derivative of x to that of a, by the same variables.
     *
     * @param jacobian the derivative of x, [n x inputs]: row i holds the derivatives by variable i
     * @param w [inputs x units]
     * @param z pre-activations of one input [1 x units]
     * @param f the nonlinearity
     * @return [n x units]
     */
    public static Tensor chain(Tensor jacobian, Tensor w, Tensor z, Nonlinearity f) {
        Tensor slopes = z.map(f::derivative);
        Tensor next = jacobian.matmul(w);
        for (int i = 0; i < next.dim(0); i++) {
            Tensor row = next.row(i);
            row.multiplyInto(slopes.row(0), row);
        }
        return next;
    }
}
