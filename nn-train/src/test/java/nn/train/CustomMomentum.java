package nn.train;

import nn.layers.Parameter;
import nn.train.optimizer.ElementRule;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.UpdateRule;

/**
 * Gradient descent with momentum as a user of the library writes it: p -= rate v, for v = momentum v + g.
 *
 * @param rate the learning rate
 * @param momentum from 0 to below 1; 0 keeps no state
 */
public record CustomMomentum(double rate, double momentum) implements Optimizer {
    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return momentum == 0 ? new Descent(parameter) : new Velocity(parameter, (float) momentum);
    }

    /** Like the example in the documentation of {@link ElementRule}. */
    private static final class Descent extends ElementRule {
        Descent(Parameter parameter) {
            super(parameter, 0);
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            float r = (float) rate;
            for (int i = from; i < to; i++) {
                p[i] -= r * g[i];
            }
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            return p + rate * g;
        }
    }

    private static final class Velocity extends ElementRule {
        private final float momentum;

        Velocity(Parameter parameter, float momentum) {
            super(parameter, 1);
            this.momentum = momentum;
        }

        @Override
        protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
            float[] v = memory(0);
            float r = (float) rate;
            for (int i = from; i < to; i++) {
                float next = roundMean(momentum * v[i] + g[i]);
                v[i] = next;
                p[i] -= r * next;
            }
        }

        @Override
        protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
            memory[0] = momentum * memory[0] + g;
            return p + rate * memory[0];
        }
    }
}
