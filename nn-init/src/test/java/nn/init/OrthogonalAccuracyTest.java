package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** How orthogonal a large matrix of floats is. */
class OrthogonalAccuracyTest {
    /**
     * Elements of about 1/32 are rounded by at most 2^-30: that moves the product of two of 1024 columns by some 1e-9,
     * and the largest of half a million by 1e-8. A factorization in float would be off ten times as far.
     */
    @Test
    void aThousandColumnsAreOrthonormalToTheRoundingOfTheirElements() {
        int n = 1024;
        Tensor w = Sample.filled(Init.orthogonal(), n, n).transpose();
        double[] columns = new double[n * n];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = w.array()[i];
        }
        double worst = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double a = i == j ? -1 : 0;
                double b = 0;
                double c = 0;
                double d = 0;
                for (int k = 0; k < n; k += 4) { // four chains, or the sum waits for itself
                    a += columns[i * n + k] * columns[j * n + k];
                    b += columns[i * n + k + 1] * columns[j * n + k + 1];
                    c += columns[i * n + k + 2] * columns[j * n + k + 2];
                    d += columns[i * n + k + 3] * columns[j * n + k + 3];
                }
                worst = Math.max(worst, Math.abs(a + b + c + d));
            }
        }
        assertThat(worst).isLessThan(5e-8);
    }
}
