package nn.train;

import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** Subtracts what the pullback left for a running statistic; no optimizer has a say in it. */
final class StatisticRule extends ElementRule {
    StatisticRule(Parameter parameter) {
        super(parameter);
    }

    @Override
    void update(int n, float[] p, float[] g, double rate, long step) {
        for (int i = 0; i < n; i++) {
            p[i] -= g[i];
        }
    }

    @Override
    public List<Tensor> state() {
        return List.of();
    }
}
