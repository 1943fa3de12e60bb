package nn.tensor.internal.row;

/** The loops of {@code Prelu}, one element at a time. */
public final class PreluLoops {
    private PreluLoops() {}

    /** The columns from one on. */
    public static void apply(Submatrix part, int from, Operand slopes, Operand x, Operand y) {
        float[] as = slopes.array();
        float[] xs = x.array();
        float[] ys = y.array();
        int ao = slopes.offset() + part.column;
        for (int i = 0; i < part.rows; i++) {
            int xo = x.offset() + part.at + i * part.step;
            int yo = y.offset() + part.at + i * part.step;
            for (int j = from; j < part.columns; j++) {
                // a product on both sides: a branch would be mispredicted for every other of random signs
                ys[yo + j] = (xs[xo + j] > 0f ? 1f : as[ao + j]) * xs[xo + j];
            }
        }
    }

    /** The columns from one on. */
    public static void gradient(
            Submatrix part, int from, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so) {
        float[] as = slopes.array();
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] dxs = dx.array();
        int ao = slopes.offset() + part.column;
        for (int i = 0; i < part.rows; i++) {
            int at = part.at + i * part.step;
            int xo = x.offset() + at;
            int go = dy.offset() + at;
            int dxo = dx.offset() + at;
            for (int j = from; j < part.columns; j++) {
                float v = xs[xo + j];
                float d = gs[go + j];
                dxs[dxo + j] = (v > 0f ? 1f : as[ao + j]) * d;
                sums[so + j] += v > 0f ? 0f : d * v;
            }
        }
    }
}
