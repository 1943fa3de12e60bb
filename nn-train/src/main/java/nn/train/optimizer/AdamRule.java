package nn.train.optimizer;

import java.util.Arrays;
import nn.layers.Parameter;
import nn.tensor.Fma;
import nn.train.internal.Hyperparameters;

/** The rule of {@link Adam} and {@link AdamW}, which differ in where they apply the weight decay. */
final class AdamRule extends ElementRule {
    private static final int MEAN = 0;
    private static final int SQUARE = 1;
    private static final int MAX_SQUARE = 2; // with AMSGrad only
    private static final int LOW_PARTS = 2; // of SQUARE; with AMSGrad at 3, followed by that of MAX_SQUARE

    /**
     * Coupled weight decay counts a larger weight as this one, unless epsilon is tiny. So no weight makes a square
     * overflow, and a step need not look for the largest weight first.
     */
    private static final float LARGEST = 0x1p60f;

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double coupledDecay;
    private final double decoupledDecay;
    private final boolean amsgrad;
    private final boolean lowSquares;
    private long corrected; // the step, from 1, of the two corrections below
    private double correction; // 1 - beta1^step
    private double root; // sqrt(1 - beta2^step)

    AdamRule(
            Parameter parameter,
            double beta1,
            double beta2,
            double epsilon,
            double coupledDecay,
            double decoupledDecay,
            boolean amsgrad) {
        boolean lowSquares = needsLowSquares(epsilon * Math.sqrt(1 - beta2)); // of the first step: the smallest
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

    // Powers by StrictMath: Math.pow may differ between JDKs. Both sides of the fraction are multiplied by the root of
    // the second correction, as in the paper (its epsilon hat): one division per element instead of two.

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

    /** Computes the corrections of a step once, because a power takes as long as a small update. */
    private void correct(long step) {
        if (step != corrected) {
            correction = 1 - StrictMath.pow(beta1, step);
            root = Math.sqrt(1 - StrictMath.pow(beta2, step));
            corrected = step;
        }
    }

    private double epsilonHat(long step) {
        return epsilon * root(step);
    }

    private float decayFactor(double rate) {
        return (float) (1 - rate * decoupledDecay);
    }

    @Override
    protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
        if (lowSquares) {
            moveByLowSquares(from, to, p, g, rate, step);
        } else if (amsgrad) {
            moveByMax(from, to, p, g, rate, step);
        } else {
            move(from, to, p, g, rate, step);
        }
    }

    // Each loop has its arrays and numbers in local variables: after a store, C2 would read a field again.

    private void move(int from, int to, float[] p, float[] g, double rate, long step) {
        float decay = (float) coupledDecay;
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float oneMinusB1 = (float) (1 - beta1);
        float oneMinusB2 = (float) (1 - beta2);
        float decayFactor = decayFactor(rate);
        float stepSize = stepSize(rate, step);
        float epsilonHat = (float) epsilonHat(step);
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        for (int i = from; i < to; i++) {
            float old = p[i];
            float d = g[i] + decay * limited(old);
            float mean = roundMean(b1 * m[i] + oneMinusB1 * d);
            float square = roundMeanSquare(b2 * v[i] + oneMinusB2 * d * d);
            m[i] = mean;
            v[i] = square;
            p[i] = decayFactor * old - stepSize * mean / ((float) Math.sqrt(square) + epsilonHat);
        }
    }

    /**
     * AMSGrad. C2 makes vector code only of a loop of at most 60 of its nodes, of which each array takes five or more.
     * With five arrays that is too few for separate multiplications and additions, so these are fused, and roundings
     * by {@link #roundMean} and {@link #roundMeanSquare} too.
     */
    private void moveByMax(int from, int to, float[] p, float[] g, double rate, long step) {
        float decay = (float) coupledDecay;
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float oneMinusB1 = (float) (1 - beta1);
        float oneMinusB2 = (float) (1 - beta2);
        float decayFactor = decayFactor(rate);
        float stepSize = stepSize(rate, step);
        float epsilonHat = (float) epsilonHat(step);
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        float[] maxSquare = memory(MAX_SQUARE);
        for (int i = from; i < to; i++) {
            float old = p[i];
            float d = Fma.fma(decay, limited(old), g[i]);
            float mean = Fma.fma(oneMinusB1, d, Fma.fma(b1, m[i], COARSE_MEAN)) - COARSE_MEAN;
            float square = Fma.fma(oneMinusB2 * d, d, Fma.fma(b2, v[i], COARSE)) - COARSE;
            float max = Math.max(maxSquare[i], square);
            m[i] = mean;
            v[i] = square;
            maxSquare[i] = max;
            p[i] = Fma.fma(decayFactor, old, -stepSize * mean / ((float) Math.sqrt(max) + epsilonHat));
        }
    }

    private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate, long step) {
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        float[] low = memory(amsgrad ? LOW_PARTS + 1 : LOW_PARTS);
        float[] maxSquare = amsgrad ? memory(MAX_SQUARE) : v;
        float[] lowMax = amsgrad ? memory(LOW_PARTS + 2) : low;
        double decayFactor = 1 - rate * decoupledDecay;
        double stepSize = rate * root(step) / correction;
        double epsilonHat = epsilonHat(step);
        for (int i = from; i < to; i++) {
            double d = g[i] + coupledDecay * p[i];
            float mean = flushSubnormal(beta1 * m[i] + (1 - beta1) * d);
            double square = beta2 * square(v[i], low[i]) + (1 - beta2) * d * d;
            double max = amsgrad ? Math.max(square(maxSquare[i], lowMax[i]), square) : square;
            m[i] = mean;
            v[i] = high(square);
            low[i] = low(square);
            maxSquare[i] = high(max);
            lowMax[i] = low(max);
            p[i] = (float) (decayFactor * p[i] - stepSize * mean / (Math.sqrt(max) + epsilonHat));
        }
    }

    private static float limited(float weight) {
        return Math.max(-LARGEST, Math.min(weight, LARGEST));
    }

    @Override
    protected boolean movesIndependently(double rate) {
        return (coupledDecay == 0 || !lowSquares) && Math.abs(decayFactor(rate)) <= 1;
    }

    @Override
    public double minimum(int index) {
        return index == MEAN ? Double.NEGATIVE_INFINITY : 0;
    }

    @Override
    protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
        double d = g + coupledDecay * (lowSquares ? p : LARGEST);
        memory[MEAN] = (float) beta1 * memory[MEAN] + (float) (1 - beta1) * d;
        memory[SQUARE] = (float) beta2 * memory[SQUARE] + (float) (1 - beta2) * d * d;
        if (amsgrad) {
            memory[MAX_SQUARE] = Math.max(memory[MAX_SQUARE], memory[SQUARE]);
        }
        if (lowSquares) {
            Arrays.fill(memory, amsgrad ? LOW_PARTS + 1 : LOW_PARTS, memory.length, lowBound());
        }
        double above = stepSize(rate, step) * memory[MEAN];
        return Math.abs(decayFactor(rate)) * p + Math.max(above, above / epsilonHat(step)) + d;
    }
}
