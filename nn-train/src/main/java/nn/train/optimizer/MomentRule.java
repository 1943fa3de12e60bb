package nn.train.optimizer;

import nn.layers.Parameter;
import nn.tensor.Fma;

/**
 * The rule of {@link NAdam} and {@link RAdam}: {@link Adam}'s means m and v of gradients d and of their squares, and
 * {@code p = f p - rate (a m + b d) / (sqrt(v) + e)}, in which a, b and e depend on the step. In some steps the
 * division is left out.
 */
abstract class MomentRule extends ElementRule {
    private static final int MEAN = 0;
    private static final int SQUARE = 1;
    private static final int LOW_PARTS = 2; // of SQUARE

    private final double beta1;
    private final double beta2;
    private final double coupledDecay;
    private final double decoupledDecay;
    private final boolean lowSquares;
    private long corrected; // the step, from 1, that the next four belong to
    private double meanFactor; // of the mean of the gradients
    private double gradientFactor; // of the gradient itself
    private double epsilon; // is added to the root of the mean square
    private boolean divides; // whether there is a division by that sum

    /**
     * Creates a rule with fresh state.
     *
     * @param leastEpsilon the smallest epsilon of any step
     * @param weightDecay of this parameter
     * @param decoupled whether the weight decay is no part of the gradient
     */
    MomentRule(
            Parameter parameter,
            double beta1,
            double beta2,
            double leastEpsilon,
            double weightDecay,
            boolean decoupled) {
        boolean lowSquares = needsLowSquares(leastEpsilon);
        super(parameter, lowSquares ? LOW_PARTS + 1 : LOW_PARTS);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.coupledDecay = decoupled ? 0 : weightDecay;
        this.decoupledDecay = decoupled ? weightDecay : 0;
        this.lowSquares = lowSquares;
    }

    /** Calls {@link #move(double, double, double)} or {@link #moveUndivided(double)} with the numbers of a step. */
    abstract void correct(long step);

    /**
     * Sets the factors of mean and gradient in the move of a step, and what is added to the root of the mean square.
     */
    final void move(double ofMean, double ofGradient, double epsilonOfStep) {
        meanFactor = ofMean;
        gradientFactor = ofGradient;
        epsilon = epsilonOfStep;
        divides = true;
    }

    /** Sets the factor of the mean in the move of a step that is not divided by anything. */
    final void moveUndivided(double ofMean) {
        meanFactor = ofMean;
        gradientFactor = 0;
        epsilon = 1;
        divides = false;
    }

    @Override
    protected void prepare(long step) {
        if (step != corrected) { // once for a step, because a power takes as long as a small update
            correct(step);
            corrected = step;
        }
    }

    private float decayFactor(double rate) {
        return (float) (1 - rate * decoupledDecay);
    }

    @Override
    protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
        if (lowSquares) {
            moveByLowSquares(from, to, p, g, rate);
        } else if (divides) {
            move(from, to, p, g, rate);
        } else {
            moveUndivided(from, to, p, g, rate);
        }
    }

    // Each loop has its arrays and numbers in local variables: after a store, C2 would read a field again. It makes
    // vector code only of a loop of at most 60 of its nodes: too few here for separate multiplications and additions.

    private void move(int from, int to, float[] p, float[] g, double rate) {
        float decay = (float) coupledDecay;
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float oneMinusB1 = (float) (1 - beta1);
        float oneMinusB2 = (float) (1 - beta2);
        float decayFactor = decayFactor(rate);
        float ofMean = (float) (-rate * meanFactor);
        float ofGradient = (float) (-rate * gradientFactor);
        float eps = (float) epsilon;
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        for (int i = from; i < to; i++) {
            float old = p[i];
            float d = Fma.fma(decay, old, g[i]);
            float mean = Fma.fma(oneMinusB1, d, Fma.fma(b1, m[i], COARSE_MEAN)) - COARSE_MEAN;
            float square = Fma.fma(oneMinusB2 * d, d, Fma.fma(b2, v[i], COARSE)) - COARSE;
            m[i] = mean;
            v[i] = square;
            float along = Fma.fma(ofMean, mean, ofGradient * d);
            p[i] = Fma.fma(decayFactor, old, along / ((float) Math.sqrt(square) + eps));
        }
    }

    private void moveUndivided(int from, int to, float[] p, float[] g, double rate) {
        float decay = (float) coupledDecay;
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float oneMinusB1 = (float) (1 - beta1);
        float oneMinusB2 = (float) (1 - beta2);
        float decayFactor = decayFactor(rate);
        float ofMean = (float) (-rate * meanFactor);
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        for (int i = from; i < to; i++) {
            float old = p[i];
            float d = Fma.fma(decay, old, g[i]);
            float mean = Fma.fma(oneMinusB1, d, Fma.fma(b1, m[i], COARSE_MEAN)) - COARSE_MEAN;
            m[i] = mean;
            v[i] = Fma.fma(oneMinusB2 * d, d, Fma.fma(b2, v[i], COARSE)) - COARSE;
            p[i] = Fma.fma(decayFactor, old, ofMean * mean);
        }
    }

    private void moveByLowSquares(int from, int to, float[] p, float[] g, double rate) {
        float[] m = memory(MEAN);
        float[] v = memory(SQUARE);
        float[] low = memory(LOW_PARTS);
        double decayFactor = 1 - rate * decoupledDecay;
        double ofMean = rate * meanFactor;
        double ofGradient = rate * gradientFactor;
        for (int i = from; i < to; i++) {
            double d = g[i] + coupledDecay * p[i];
            float mean = flushSubnormal(beta1 * m[i] + (1 - beta1) * d);
            double square = beta2 * square(v[i], low[i]) + (1 - beta2) * d * d;
            m[i] = mean;
            v[i] = high(square);
            low[i] = low(square);
            double along = ofMean * mean + ofGradient * d;
            p[i] = (float) (decayFactor * p[i] - (divides ? along / (Math.sqrt(square) + epsilon) : along));
        }
    }

    @Override
    protected boolean movesIndependently(double rate) {
        return coupledDecay == 0 && Math.abs(decayFactor(rate)) <= 1;
    }

    @Override
    public double minimum(int index) {
        return index == MEAN ? Double.NEGATIVE_INFINITY : 0;
    }

    @Override
    protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
        prepare(step);
        double d = g + coupledDecay * p;
        memory[MEAN] = (float) beta1 * memory[MEAN] + (float) (1 - beta1) * d;
        memory[SQUARE] = (float) beta2 * memory[SQUARE] + (float) (1 - beta2) * d * d;
        if (lowSquares) {
            memory[LOW_PARTS] = lowBound();
        }
        double along = rate * (meanFactor * memory[MEAN] + gradientFactor * d);
        double divided = divides ? along / epsilon : along;
        return Math.abs(decayFactor(rate)) * p + Math.max(along, divided) + d;
    }
}
