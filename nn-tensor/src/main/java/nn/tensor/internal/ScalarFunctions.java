package nn.tensor.internal;

/** Stand-in until the real one lands. */
final class ScalarFunctions {
    static void exp(float[] x, int xo, float[] y, int yo, int n) { for (int i = 0; i < n; i++) y[yo + i] = (float) (StrictMath.exp(x[xo + i])); }
    static void log(float[] x, int xo, float[] y, int yo, int n) { for (int i = 0; i < n; i++) y[yo + i] = (float) (StrictMath.log(x[xo + i])); }
    static void tanh(float[] x, int xo, float[] y, int yo, int n) { for (int i = 0; i < n; i++) y[yo + i] = (float) (StrictMath.tanh(x[xo + i])); }
    static void sigmoid(float[] x, int xo, float[] y, int yo, int n) { for (int i = 0; i < n; i++) y[yo + i] = (float) (1 / (1 + StrictMath.exp(-x[xo + i]))); }
    static void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) { for (int i = 0; i < n; i++) dx[dxo + i] = x[xo + i] <= 0 ? 0 : dy[dyo + i]; }
}
