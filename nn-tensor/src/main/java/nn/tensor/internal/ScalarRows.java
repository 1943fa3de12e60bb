package nn.tensor.internal;

import java.util.Arrays;

/** The implementation in plain Java. Its {@code add} methods also sum the tails of {@link VectorRows}. */
final class ScalarRows implements RowKernels {
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
    public void normalize(
            float shrink,
            float high,
            float low,
            float factor,
            float[] x,
            int xo,
            float[] scale,
            int so,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            int n) {
        for (int i = 0; i < n; i++) {
            float normal = (Fused.fma(shrink, x[xo + i], -high) - low) * factor;
            y[yo + i] = Fused.fma(normal, scale[so + i], bias[bo + i]);
        }
    }

    @Override
    public void normalizeSums(
            float shrink,
            float high,
            float low,
            float factor,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            int n,
            double[] sums) {
        clear(sums);
        int full = n - n % GROUP;
        for (int i = 0; i < full; i += GROUP) {
            for (int l = 0; l < LANES; l++) {
                float g = dy[dyo + i + l] * scale[so + i + l];
                float sum = g;
                float dot = g * ((Fused.fma(shrink, x[xo + i + l], -high) - low) * factor);
                for (int j = i + l + LANES; j < i + GROUP; j += LANES) {
                    g = dy[dyo + j] * scale[so + j];
                    sum += g;
                    dot = Fused.fma(g, (Fused.fma(shrink, x[xo + j], -high) - low) * factor, dot);
                }
                sums[l] += sum;
                sums[LANES + l] += dot;
            }
        }
        addNormalizeSums(shrink, high, low, factor, x, xo + full, dy, dyo + full, scale, so + full, n - full, sums);
        join(sums, 0, n);
        join(sums, LANES, n);
    }

    static void addNormalizeSums(
            float shrink,
            float high,
            float low,
            float factor,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            int n,
            double[] sums) {
        for (int i = 0; i < n; i++) {
            float g = dy[dyo + i] * scale[so + i];
            sums[i % LANES] += g;
            sums[LANES + i % LANES] += g * ((Fused.fma(shrink, x[xo + i], -high) - low) * factor);
        }
    }

    @Override
    public void normalizeGrad(
            float shrink,
            float high,
            float low,
            float factor,
            float a,
            float b,
            float outer,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            float[] ds,
            int dso,
            float[] db,
            int dbo,
            float[] dx,
            int dxo,
            int n) {
        for (int i = 0; i < n; i++) {
            float d = dy[dyo + i];
            float normal = (Fused.fma(shrink, x[xo + i], -high) - low) * factor;
            dx[dxo + i] = Fused.fma(-b, normal, Fused.fma(d, scale[so + i], -a)) * outer;
            ds[dso + i] = Fused.fma(d, normal, ds[dso + i]);
            db[dbo + i] += d;
        }
    }

    @Override
    public void columnMoments(
            int rows,
            int columns,
            float[] x,
            int xo,
            int step,
            double[] shift,
            int so,
            double[] sums,
            double[] squares,
            int at) {
        for (int i = 0; i < rows; i++) {
            int row = xo + i * step;
            for (int j = 0; j < columns; j++) {
                double d = x[row + j] - shift[so + j];
                sums[at + j] += d;
                squares[at + j] = Fused.fma(d, d, squares[at + j]);
            }
        }
    }

    @Override
    public void columnDots(
            int rows,
            int columns,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            double[] sums,
            double[] dots,
            int at) {
        columnDots(rows, 0, columns, shrink, x, xo, dy, dyo, step, c, width, sums, dots, at);
    }

    /** The columns {@code [from, to)}. */
    static void columnDots(
            int rows,
            int from,
            int to,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            double[] sums,
            double[] dots,
            int at) {
        int fours = rows - rows % 4;
        for (int i = 0; i < fours; i += 4) {
            for (int j = from; j < to; j++) {
                float sum = 0f;
                float dot = 0f;
                for (int row = i * step; row < (i + 4) * step; row += step) {
                    float g = dy[dyo + row + j];
                    float normal = (Fused.fma(shrink, x[xo + row + j], c[j]) + c[width + j]) * c[2 * width + j];
                    sum += g;
                    dot = Fused.fma(g, normal, dot);
                }
                sums[at + j] += sum;
                dots[at + j] += dot;
            }
        }
        for (int i = fours; i < rows; i++) {
            for (int j = from; j < to; j++) {
                float g = dy[dyo + i * step + j];
                float normal = (Fused.fma(shrink, x[xo + i * step + j], c[j]) + c[width + j]) * c[2 * width + j];
                sums[at + j] += g;
                dots[at + j] += g * normal;
            }
        }
    }

    @Override
    public void normalizeColumns(
            int rows, int columns, float shrink, float[] x, int xo, int step, float[] c, int width, float[] y, int yo) {
        normalizeColumns(rows, 0, columns, shrink, x, xo, step, c, width, y, yo);
    }

    /** The columns {@code [from, to)}. */
    static void normalizeColumns(
            int rows,
            int from,
            int to,
            float shrink,
            float[] x,
            int xo,
            int step,
            float[] c,
            int width,
            float[] y,
            int yo) {
        for (int i = 0; i < rows; i++) {
            for (int j = from; j < to; j++) {
                float d = Fused.fma(shrink, x[xo + i * step + j], c[j]) + c[width + j];
                y[yo + i * step + j] = Fused.fma(d, c[2 * width + j], c[3 * width + j]);
            }
        }
    }

    @Override
    public void normalizeColumnsGrad(
            int rows,
            int columns,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            float[] dx,
            int dxo) {
        normalizeColumnsGrad(rows, 0, columns, shrink, x, xo, dy, dyo, step, c, width, dx, dxo);
    }

    /** The columns {@code [from, to)}. */
    static void normalizeColumnsGrad(
            int rows,
            int from,
            int to,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            float[] dx,
            int dxo) {
        for (int i = 0; i < rows; i++) {
            for (int j = from; j < to; j++) {
                float d = Fused.fma(shrink, x[xo + i * step + j], c[j]) + c[width + j];
                float rest = Fused.fma(c[4 * width + j], d, dy[dyo + i * step + j] + c[3 * width + j]);
                dx[dxo + i * step + j] = rest * c[2 * width + j];
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
