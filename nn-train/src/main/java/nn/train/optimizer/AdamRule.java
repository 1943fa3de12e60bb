package nn.train.optimizer;

import java.util.Arrays;
import nn.layers.Parameter;
import nn.train.internal.Hyperparameters;

/** The rule of {@link Adam} and {@link AdamW}, which differ in the place of the weight decay. */
final class AdamRule extends ElementRule {
    private static final int MEAN = 0;
    private static final int SQUARE = 1;
    private static final int PEAK = 2; // AMSGrad's
    private static final int LOW_PARTS = 2; // of SQUARE; after PEAK, and followed by that of PEAK, if there is AMSGrad

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double coupledDecay;
    private final double decoupledDecay;
    private final boolean amsgrad;
    private final boolean lowSquares;
    private long corrected; // the step, from 1, that the next two are of
    private double correction; // 1 - beta1^step
    private double root; // of 1 - beta2^step

    AdamRule(
            Parameter parameter,
            double beta1,
            double beta2,
            double epsilon,
            double coupledDecay,
            double decoupledDecay,
            boolean amsgrad) {
        boolean lowSquares = needsLowSquares(epsilon * Math.sqrt(1 - beta2)); // as of the first step, the smallest
        super(parameter, (amsgrad ? 3 : 2) + (lowSquares ? amsgrad ? 2 : 1 : 0));
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.coupledDecay = coupledDecay;
        this.decoupledDecay = decoupledDecay;
        this.amsgrad = amsgrad;
        this.lowSquares = lowSquares;
    }

    /** Checks the hyperparameters of both optimizers. */
    static void check(String optimizer, double rate, double beta1, double beta2, double epsilon, double weightDecay) {
        Hyperparameters.requireNonNegative(optimizer, "rate", rate);
        Hyperparameters.requireFraction(optimizer, "beta1", beta1);
        Hyperparameters.requireFraction(optimizer, "beta2", beta2);
        Hyperparameters.requirePositive(optimizer, "epsilon", epsilon);
        Hyperparameters.requireNonNegative(optimizer, "weightDecay", weightDecay);
    }

    // Powers by StrictMath: Math.pow may differ between JDKs. The fraction of the rule, multiplied above and below by
    // the root of the second correction, needs one division for each element instead of two.

    private double root(long step) {
        correct(step);
        return root;
    }

    private float stepSize(double rate, long step) {
        return (float) (rate * root(step) / correction);
    }

    @Override
    protected void prepare(long step) {
        correct(step);
    }

    /** Works out the corrections of a step when they are first asked for: a power takes as long as a small update. */
    private void correct(long step) {
        if (step != corrected) {
            correction = 1 - StrictMath.pow(beta1, step);
            root = Math.sqrt(1 - StrictMath.pow(beta2, step));
            corrected = step;
        }
    }

    private double least(long step) {
        return epsilon * root(step);
    }

    private float shrink(double rate) {
        return (float) (1 - rate * decoupledDecay);
    }

    @Override
    protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
        float decay = (float) coupledDecay;
        float keep1 = (float) beta1;
        float keep2 = (float) beta2;
        float take1 = (float) (1 - beta1);
        float take2 = (float) (1 - beta2);
        float shrink = shrink(rate);
        float size = stepSize(rate, step);
        float least = (float) least(step);
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        if (lowSquares) {
            moveByLowSquares(from, to, p, g, rate, step);
        } else if (amsgrad) {
            move(from, to, p, g, m, v, memory(PEAK), decay, keep1, keep2, take1, take2, shrink, size, least);
        } else {
            move(from, to, p, g, m, v, decay, keep1, keep2, take1, take2, shrink, size, least);
        }
    }

    private static void move(
            int from,
            int to,
            float[] p,
            float[] g,
            float[] m,
            float[] v,
            float decay,
            float keep1,
            float keep2,
            float take1,
            float take2,
            float shrink,
            float size,
            float least) {
        for (int i = from; i < to; i++) {
            float d = g[i] + decay * p[i];
            float mean = roundMean(keep1 * m[i] + take1 * d);
            float square = roundMeanSquare(keep2 * v[i] + take2 * d * d);
            m[i] = mean;
            v[i] = square;
            p[i] = shrink * p[i] - size * mean / ((float) Math.sqrt(square) + least);
        }
    }

    private static void move(
            int from,
            int to,
            float[] p,
            float[] g,
            float[] m,
            float[] v,
            float[] peak,
            float decay,
            float keep1,
            float keep2,
            float take1,
            float take2,
            float shrink,
            float size,
            float least) {
        for (int i = from; i < to; i++) {
            float d = g[i] + decay * p[i];
            float mean = roundMean(keep1 * m[i] + take1 * d);
            float square = roundMeanSquare(keep2 * v[i] + take2 * d * d);
            float highest = Math.max(peak[i], square);
            m[i] = mean;
            v[i] = square;
            peak[i] = highest;
            p[i] = shrink * p[i] - size * mean / ((float) Math.sqrt(highest) + least);
        }
    }

    private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate, long step) {
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        float[] low = memory(amsgrad ? LOW_PARTS + 1 : LOW_PARTS);
        float[] peak = amsgrad ? memory(PEAK) : v;
        float[] lowPeak = amsgrad ? memory(LOW_PARTS + 2) : low;
        double shrink = 1 - rate * decoupledDecay;
        double size = rate * root(step) / correction;
        double least = least(step);
        for (int i = from; i < to; i++) {
            double d = g[i] + coupledDecay * p[i];
            float mean = flushSubnormal(beta1 * m[i] + (1 - beta1) * d);
            double square = beta2 * square(v[i], low[i]) + (1 - beta2) * d * d;
            double highest = amsgrad ? Math.max(square(peak[i], lowPeak[i]), square) : square;
            m[i] = mean;
            v[i] = high(square);
            low[i] = low(square);
            peak[i] = high(highest);
            lowPeak[i] = low(highest);
            p[i] = (float) (shrink * p[i] - size * mean / (Math.sqrt(highest) + least));
        }
    }

    @Override
    public double least(int index) {
        return index == MEAN ? Double.NEGATIVE_INFINITY : 0;
    }

    @Override
    protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
        double d = g + coupledDecay * p;
        memory[MEAN] = (float) beta1 * memory[MEAN] + (float) (1 - beta1) * d;
        memory[SQUARE] = (float) beta2 * memory[SQUARE] + (float) (1 - beta2) * d * d;
        if (amsgrad) {
            memory[PEAK] = Math.max(memory[PEAK], memory[SQUARE]);
        }
        if (lowSquares) {
            Arrays.fill(memory, amsgrad ? LOW_PARTS + 1 : LOW_PARTS, memory.length, lowBound());
        }
        double above = stepSize(rate, step) * memory[MEAN];
        return Math.abs(shrink(rate)) * p + Math.max(above, above / least(step)) + d;
    }
}
