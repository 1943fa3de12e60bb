package nn.train;

import nn.layers.Parameter;
import nn.train.optimizer.ElementRule;

/** Subtracts what the pullback left for a running statistic; no optimizer has a say in it. */
final class StatisticRule extends ElementRule {
    StatisticRule(Parameter parameter) {
        super(parameter, 0);
    }

    @Override
    protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
        for (int i = from; i < to; i++) {
            p[i] -= g[i];
        }
    }

    @Override
    protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
        return p + g;
    }
}
