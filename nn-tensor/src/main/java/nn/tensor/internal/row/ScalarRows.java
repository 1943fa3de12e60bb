package nn.tensor.internal.row;

import java.util.Arrays;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.math.ScalarMath;

/** The implementation in plain Java. Its {@code add} methods also sum the tails of {@link VectorRows}. */
public final class ScalarRows implements RowKernels {
    /** From here on, log(1 + e) is computed as ln 2 + log((1 + e) / 2). */
    static final float SQRT2_LESS_1 = 0x1.a827999fcp-2f;

    @Override
    public float largest(float[] x, int xo, int n) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            most = v > most ? v : most;
        }
        return most;
    }

    @Override
    public void shift(float c, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] - c;
        }
    }

    @Override
    public void expLess(float c, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarMath.exp(x[xo + i] - c);
        }
    }

    @Override
    public void sum(float[] x, int xo, int n, double[] sums) {
        clear(sums);
        addSum(x, xo, n, sums);
        join(sums, 0, n);
    }

    /** Adds a sum to lanes, beginning with the first. */
    static void addSum(float[] x, int xo, int n, double[] sums) {
        int full = n - n % LANES;
        for (int i = 0; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                sums[l] += x[xo + i + l];
            }
        }
        for (int i = full; i < n; i++) {
            sums[i - full] += x[xo + i];
        }
    }

    @Override
    public void sumOfGroups(float[] x, int xo, int n, double[] sums) {
        clear(sums);
        int full = n - n % GROUP;
        for (int i = 0; i < full; i += GROUP) {
            for (int l = 0; l < LANES; l++) {
                int a = xo + i + l;
                sums[l] += x[a] + x[a + LANES] + x[a + 2 * LANES] + x[a + 3 * LANES];
            }
        }
        addSum(x, xo + full, n - full, sums);
        join(sums, 0, n);
    }

    @Override
    public void sumOfSquares(float[] x, int xo, int n, double[] sums) {
        clear(sums);
        addSquares(x, xo, n, sums);
        join(sums, 0, n);
    }

    static void addSquares(float[] x, int xo, int n, double[] sums) {
        int full = n - n % LANES;
        for (int i = 0; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double v = x[xo + i + l];
                sums[l] = Fused.fmaOfFloats(v, v, sums[l]);
            }
        }
        for (int i = full; i < n; i++) {
            double v = x[xo + i];
            sums[i - full] = Fused.fmaOfFloats(v, v, sums[i - full]);
        }
    }

    @Override
    public void dot(float[] x, int xo, float[] y, int yo, int n, double[] sums) {
        clear(sums);
        int full = n - n % GROUP;
        for (int i = 0; i < full; i += GROUP) {
            for (int l = 0; l < LANES; l++) {
                int a = xo + i + l;
                int b = yo + i + l;
                float sum = Fused.fma(x[a + LANES], y[b + LANES], x[a] * y[b]);
                sum = Fused.fma(x[a + 2 * LANES], y[b + 2 * LANES], sum);
                sums[l] += Fused.fma(x[a + 3 * LANES], y[b + 3 * LANES], sum);
            }
        }
        addProducts(x, xo + full, y, yo + full, n - full, sums);
        join(sums, 0, n);
    }

    static void addProducts(float[] x, int xo, float[] y, int yo, int n, double[] sums) {
        for (int i = 0; i < n; i++) {
            sums[i % LANES] += x[xo + i] * y[yo + i];
        }
    }

    @Override
    public void sumOfMagnitudes(float[] x, int xo, int n, double[] sums) {
        clear(sums);
        addMagnitudes(x, xo, n, sums);
        join(sums, 0, n);
    }

    static void addMagnitudes(float[] x, int xo, int n, double[] sums) {
        int full = n - n % LANES;
        for (int i = 0; i < full; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                sums[l] += Math.abs(x[xo + i + l]);
            }
        }
        for (int i = full; i < n; i++) {
            sums[i - full] += Math.abs(x[xo + i]);
        }
    }

    @Override
    public void sumOfHuber(double delta, float[] x, int xo, int n, double[] sums) {
        clear(sums);
        addHuber(delta, x, xo, n, sums);
        join(sums, 0, n);
    }

    static void addHuber(double delta, float[] x, int xo, int n, double[] sums) {
        for (int i = 0; i < n; i++) {
            double size = Math.abs(x[xo + i]);
            double s = size < delta ? size : delta; // a branch would often be mispredicted
            sums[i % LANES] = Fused.fma(s, Fused.fma(-0.5, s, size), sums[i % LANES]);
        }
    }

    @Override
    public void signs(float c, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            y[yo + i] = v > 0f ? c : v < 0f ? -c : c * v;
        }
    }

    @Override
    public void softmaxGrad(float dot, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = (dy[dyo + i] - dot) * y[yo + i];
        }
    }

    @Override
    public void crossEntropy(float m, float[] x, int xo, float[] c, int co, int n, double[] sums) {
        clear(sums);
        addCrossEntropy(m, x, xo, c, co, n, sums);
        join(sums, 0, n);
        join(sums, LANES, n);
    }

    static void addCrossEntropy(float m, float[] x, int xo, float[] c, int co, int n, double[] sums) {
        for (int i = 0; i < n; i++) {
            int l = i % LANES;
            double weight = c[co + i];
            double less = (double) m - x[xo + i];
            sums[l] += weight;
            sums[LANES + l] = Fused.fma(weight, weight == 0 ? 0 : less, sums[LANES + l]); // 0 times infinity is NaN
        }
    }

    @Override
    public void minusMagnitude(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[xo + i]) | ScalarMath.SIGN_BIT);
        }
    }

    @Override
    public boolean sigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] e, int eo, float[] g, int go, int n) {
        boolean inside = true;
        for (int i = 0; i < n; i++) {
            float logit = x[xo + i];
            float target = t[to + i];
            inside &= target >= 0f && target <= 1f;
            float exp = e[eo + i];
            boolean isLarge = exp > SQRT2_LESS_1;
            float f = isLarge ? Fused.fma(exp, 0.5f, -0.5f) : exp;
            float log = ScalarMath.logPolynomial(f, isLarge ? 1f : 0f);
            e[eo + i] = Fused.fma(0f - logit, target, logit > 0f ? logit : 0f) + log;
            g[go + i] = factor * ((logit < 0f ? exp : 1f) / (1f + exp) - target);
        }
        return inside;
    }

    @Override
    public boolean weightedSigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] work, float[] g, int go, int n) {
        return weightedSigmoidLoss(factor, 0, x, xo, t, to, work, g, go, n);
    }

    /** The elements from one on. */
    static boolean weightedSigmoidLoss(
            float factor, int from, float[] x, int xo, float[] t, int to, float[] work, float[] g, int go, int n) {
        boolean inside = true;
        for (int i = from; i < n; i++) {
            float logit = x[xo + i];
            float target = t[to + i];
            inside &= target >= 0f && target <= 1f;
            float exp = work[i];
            float zeros = 1f - target;
            float ones = target * work[LOSS_BLOCK + i];
            boolean isNegative = logit < 0f;
            float part = isNegative ? ones : zeros;
            work[i] = Fused.fma(zeros + ones, log1p(exp), part * Math.abs(logit));
            float negative = (isNegative ? exp : 1f) / (1f + exp);
            float positive = (isNegative ? 1f : exp) / (1f + exp);
            g[go + i] = factor * Fused.fma(zeros, negative, 0f - ones * positive);
        }
        return inside;
    }

    /** log(1 + e) for e from 0 to 1. */
    private static float log1p(float e) {
        boolean isLarge = e > SQRT2_LESS_1;
        return ScalarMath.logPolynomial(isLarge ? Fused.fma(e, 0.5f, -0.5f) : e, isLarge ? 1f : 0f);
    }

    @Override
    public boolean turnToTarget0(float[] x, int xo, float[] t, int to, float[] s, int so, int n) {
        boolean inside = true;
        for (int i = 0; i < n; i++) {
            float target = t[to + i];
            inside &= target == 0f || target == 1f;
            s[so + i] = x[xo + i] * (target == 1f ? -1f : 1f);
        }
        return inside;
    }

    @Override
    public void focalExponents(float gamma, float[] s, int so, float[] work, int n) {
        focalExponents(gamma, 0, s, so, work, n);
    }

    /** The elements from one on. */
    static void focalExponents(float gamma, int from, float[] s, int so, float[] work, int n) {
        for (int i = from; i < n; i++) {
            float v = s[so + i];
            float log = log1p(work[i]);
            work[LOSS_BLOCK + i] = -gamma * (log + (v < 0f ? 0f - v : 0f));
            // 0 v is NaN for an infinite logit, which is never right for sure
            work[2 * LOSS_BLOCK + i] = Fused.fma(0f, v, log) + (v > 0f ? v : 0f);
        }
    }

    @Override
    public void focalLoss(
            float gamma, float weight0, float weight1, float[] t, int to, float[] work, float[] s, int so, int n) {
        focalLoss(gamma, weight0, weight1, 0, t, to, work, s, so, n);
    }

    /** The elements from one on. */
    static void focalLoss(
            float gamma,
            float weight0,
            float weight1,
            int from,
            float[] t,
            int to,
            float[] work,
            float[] s,
            int so,
            int n) {
        for (int i = from; i < n; i++) {
            float v = s[so + i];
            float exp = work[i];
            float modulation = work[LOSS_BLOCK + i];
            boolean isOne = t[to + i] == 1f;
            float loss = work[2 * LOSS_BLOCK + i];
            float sum = 1f + exp;
            float wrong = (v < 0f ? exp : 1f) / sum;
            float right = (v < 0f ? 1f : exp) / sum;
            work[i] = modulation * (isOne ? weight1 : weight0) * loss;
            float slope = Fused.fma(gamma * right, loss, wrong);
            s[so + i] = modulation * (isOne ? -weight1 : weight0) * slope;
        }
    }

    @Override
    public void divergence(float[] p, int po, float[] l, int lo, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float probability = p[po + i];
            float v = x[xo + i];
            float product = probability * (l[lo + i] - v); // NaN for 0 times infinity
            y[yo + i] = probability == 0f && v < Float.POSITIVE_INFINITY ? 0f : product;
        }
    }

    @Override
    public void moments(float[] x, int xo, int n, double[] sums) {
        clear(sums);
        addMoments(x[xo], x, xo, n, sums);
        join(sums, 0, n);
        join(sums, LANES, n);
    }

    static void addMoments(double shift, float[] x, int xo, int n, double[] sums) {
        for (int i = 0; i < n; i++) {
            int l = i % LANES;
            double d = x[xo + i] - shift;
            sums[l] += d;
            sums[LANES + l] = Fused.fma(d, d, sums[LANES + l]);
        }
    }

    @Override
    public void normalize(RowStatistics row, int at, Operand x, Operand scale, Operand bias, Operand y) {
        normalize(row, at, 0, x, scale, bias, y);
    }

    /** The elements from one on. */
    static void normalize(RowStatistics row, int at, int from, Operand x, Operand scale, Operand bias, Operand y) {
        for (int i = from; i < x.n(); i++) {
            float normal = row.normal(x.array()[x.offset() + at + i]);
            y.array()[y.offset() + at + i] =
                    Fused.fma(normal, scale.array()[scale.offset() + i], bias.array()[bias.offset() + i]);
        }
    }

    @Override
    public void normalizeSums(RowStatistics row, int at, Operand x, Operand dy, Operand scale, double[] sums) {
        clear(sums);
        int n = x.n();
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] scales = scale.array();
        int xo = x.offset() + at;
        int go = dy.offset() + at;
        int so = scale.offset();
        int full = n - n % GROUP;
        for (int i = 0; i < full; i += GROUP) {
            for (int l = 0; l < LANES; l++) {
                float g = gs[go + i + l] * scales[so + i + l];
                float sum = g;
                float dot = g * row.normal(xs[xo + i + l]);
                for (int j = i + l + LANES; j < i + GROUP; j += LANES) {
                    g = gs[go + j] * scales[so + j];
                    sum += g;
                    dot = Fused.fma(g, row.normal(xs[xo + j]), dot);
                }
                sums[l] += sum;
                sums[LANES + l] += dot;
            }
        }
        addNormalizeSums(row, at, full, x, dy, scale, sums);
        join(sums, 0, n);
        join(sums, LANES, n);
    }

    /** Adds the elements from one on, a multiple of the lanes, one by one. */
    static void addNormalizeSums(
            RowStatistics row, int at, int from, Operand x, Operand dy, Operand scale, double[] sums) {
        for (int i = from; i < x.n(); i++) {
            float g = dy.array()[dy.offset() + at + i] * scale.array()[scale.offset() + i];
            sums[i % LANES] += g;
            sums[LANES + i % LANES] += g * row.normal(x.array()[x.offset() + at + i]);
        }
    }

    @Override
    public void normalizeGrad(
            RowStatistics row, int at, Operand x, Operand dy, Operand scale, float[] gradients, int to, Operand dx) {
        normalizeGrad(row, at, 0, x, dy, scale, gradients, to, dx);
    }

    /** The elements from one on. */
    static void normalizeGrad(
            RowStatistics row,
            int at,
            int from,
            Operand x,
            Operand dy,
            Operand scale,
            float[] gradients,
            int to,
            Operand dx) {
        int n = x.n();
        for (int i = from; i < n; i++) {
            float d = dy.array()[dy.offset() + at + i];
            float normal = row.normal(x.array()[x.offset() + at + i]);
            float rest = Fused.fma(-row.dot, normal, Fused.fma(d, scale.array()[scale.offset() + i], -row.mean));
            dx.array()[dx.offset() + at + i] = rest * row.outer;
            gradients[to + i] = Fused.fma(d, normal, gradients[to + i]);
            gradients[to + n + i] += d;
        }
    }

    @Override
    public void columnMoments(Submatrix part, ColumnStatistics c, Operand x, double[] sums, double[] squares) {
        columnMoments(part, 0, 0, part.columns, c, x, sums, squares);
    }

    /** The rows from one on, the columns {@code [from, to)}. */
    static void columnMoments(
            Submatrix part, int row, int from, int to, ColumnStatistics c, Operand x, double[] sums, double[] squares) {
        float[] xs = x.array();
        int xo = x.offset() + part.at;
        for (int i = row; i < part.rows; i++) {
            for (int j = from; j < to; j++) {
                double d = xs[xo + i * part.step + j] - c.origin[j];
                sums[j] += d;
                squares[j] = Fused.fma(d, d, squares[j]);
            }
        }
    }

    @Override
    public void columnDots(Submatrix part, ColumnStatistics c, Operand x, Operand dy, double[] sums, double[] dots) {
        columnDots(part, 0, 0, part.columns, c, x, dy, sums, dots);
    }

    /** The rows from one on, a multiple of 4; the columns {@code [from, to)}. */
    static void columnDots(
            Submatrix part,
            int row,
            int from,
            int to,
            ColumnStatistics c,
            Operand x,
            Operand dy,
            double[] sums,
            double[] dots) {
        float[] xs = x.array();
        float[] gs = dy.array();
        int xo = x.offset() + part.at;
        int go = dy.offset() + part.at;
        int step = part.step;
        int fours = part.rows - part.rows % 4;
        for (int i = row; i < fours; i += 4) {
            for (int j = from; j < to; j++) {
                float sum = 0f;
                float dot = 0f;
                for (int k = i * step + j; k < (i + 4) * step + j; k += step) {
                    float g = gs[go + k];
                    sum += g;
                    dot = Fused.fma(g, c.centred(j, xs[xo + k]) * c.factor[j], dot);
                }
                sums[j] += sum;
                dots[j] += dot;
            }
        }
        for (int i = Math.max(row, fours); i < part.rows; i++) {
            for (int j = from; j < to; j++) {
                float g = gs[go + i * step + j];
                sums[j] += g;
                dots[j] += g * (c.centred(j, xs[xo + i * step + j]) * c.factor[j]);
            }
        }
    }

    @Override
    public void normalizeColumns(Submatrix part, ColumnStatistics c, Operand x, Operand y) {
        normalizeColumns(part, 0, c, x, y);
    }

    /** The columns from one on. */
    static void normalizeColumns(Submatrix part, int from, ColumnStatistics c, Operand x, Operand y) {
        for (int i = 0; i < part.rows; i++) {
            int at = part.at + i * part.step;
            for (int j = from; j < part.columns; j++) {
                float d = c.centred(j, x.array()[x.offset() + at + j]);
                y.array()[y.offset() + at + j] = Fused.fma(d, c.factor[j], c.bias[j]);
            }
        }
    }

    @Override
    public void normalizeColumnsGrad(Submatrix part, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        normalizeColumnsGrad(part, 0, c, x, dy, dx);
    }

    /** The columns from one on. */
    static void normalizeColumnsGrad(Submatrix part, int from, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        for (int i = 0; i < part.rows; i++) {
            int at = part.at + i * part.step;
            for (int j = from; j < part.columns; j++) {
                float d = c.centred(j, x.array()[x.offset() + at + j]);
                float rest = Fused.fma(c.minusSlope[j], d, dy.array()[dy.offset() + at + j] + c.minusShift[j]);
                dx.array()[dx.offset() + at + j] = rest * c.factor[j];
            }
        }
    }

    /** Sets all lanes to 0. */
    static void clear(double[] sums) {
        Arrays.fill(sums, 0, SUMS, 0);
    }

    /**
     * Joins the lanes of a sum by halves. Lanes that n elements do not reach are +0, and add nothing. Written out for
     * all lanes, as loops of so few turns take three times as long.
     */
    static void join(double[] sums, int at, int n) {
        if (n < LANES) {
            joinSome(sums, at, n);
            return;
        }
        for (int l = at; l < at + 8; l++) {
            sums[l] = (sums[l] + sums[l + 16]) + (sums[l + 8] + sums[l + 24]);
        }
        double even = (sums[at] + sums[at + 4]) + (sums[at + 2] + sums[at + 6]);
        double odd = (sums[at + 1] + sums[at + 5]) + (sums[at + 3] + sums[at + 7]);
        sums[at] = even + odd;
    }

    private static void joinSome(double[] sums, int at, int n) {
        int width = Integer.highestOneBit(Math.max(1, 2 * n - 1));
        for (int half = width / 2; half > 0; half /= 2) {
            for (int l = at; l < at + half; l++) {
                sums[l] += sums[l + half];
            }
        }
    }
}
