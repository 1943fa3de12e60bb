package nn.train;

import java.util.List;
import nn.layers.StatisticUpdate;
import nn.tensor.Tensor;
import nn.train.optimizer.UpdateRule;

/** Applies the change of a running statistic; no optimizer influences it. */
final class StatisticRule implements UpdateRule {
    private final StatisticUpdate update;

    StatisticRule(StatisticUpdate update) {
        this.update = update;
    }

    /** Applies the update. Its change is the gradient that the trainer passes. */
    @Override
    public void apply(Tensor change, double rate, long step) {
        update.apply();
    }

    @Override
    public List<Tensor> state() {
        return List.of();
    }

    /** A difference of two floats is finite if their magnitudes add up to no more than the largest float. */
    @Override
    public boolean isSafe(double largest, double rate, long step) {
        return update.parameter().value().maxAbs() + largest <= Float.MAX_VALUE;
    }
}
