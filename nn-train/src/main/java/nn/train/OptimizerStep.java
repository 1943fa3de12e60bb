package nn.train;

import java.util.List;
import java.util.Optional;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.optimizer.ElementRule;
import org.jspecify.annotations.Nullable;

/** The update of all parameters together, from finite gradients. */
final class OptimizerStep {
    private final List<TrainedParameter> parameters;
    private final boolean builtIn; // all rules; then none throws once its arguments are checked
    private @Nullable Snapshot snapshot; // null while no copies are needed
    private boolean torn; // an update without copies has begun and not ended

    OptimizerStep(List<TrainedParameter> parameters) {
        this.parameters = parameters;
        this.builtIn = parameters.stream()
                .map(TrainedParameter::rule)
                .allMatch(rule -> rule instanceof ElementRule || rule instanceof StatisticRule);
    }

    /**
     * Refuses any use after an update was broken off midway, as by a lack of memory. Of built-in rules no copies are
     * kept where their numbers are known to stay finite, so what such an error leaves is not the state of any step.
     */
    void requireWhole() {
        if (torn) {
            throw new IllegalStateException("an error broke off the update of an earlier step, so weights and optimizer"
                    + " state are not those of any step: restore a state that was taken before it");
        }
    }

    /** Everything has been restored from a state. */
    void becomeWhole() {
        torn = false;
    }

    /**
     * Changes everything, or nothing, whatever a rule throws.
     *
     * @param largest no gradient has a larger element, those of statistics aside
     * @param factor what the optimizers' rates are multiplied by
     * @param step its number, from 1
     * @param batch its number in the epoch, for a message; 0 if there is no epoch
     * @throws NonFiniteException if something would not be finite
     */
    void make(double largest, double factor, long step, int batch) {
        boolean safe = true;
        for (int i = 0; i < parameters.size(); i++) {
            TrainedParameter trained = parameters.get(i);
            double limit = trained.isStatistic() ? trained.gradient().maxAbs() : largest;
            safe &= trained.rule().isSafe(limit, trained.rate() * factor, step);
        }
        if (safe && builtIn) {
            snapshot = null;
            torn = true;
            apply(factor, step);
            torn = false;
            return;
        }
        Snapshot before = snapshot == null ? new Snapshot(parameters) : snapshot;
        snapshot = before;
        before.take();
        boolean done = false;
        try {
            apply(factor, step);
            if (!safe) {
                parameters.forEach(trained -> requireFinite(trained, step, batch));
            }
            done = true;
        } finally {
            if (!done) {
                before.restore();
            }
        }
    }

    private void apply(double factor, long step) {
        for (int i = 0; i < parameters.size(); i++) {
            TrainedParameter trained = parameters.get(i);
            trained.rule().apply(trained.gradient(), trained.rate() * factor, step);
        }
    }

    private static void requireFinite(TrainedParameter trained, long step, int batch) {
        Tensor value = trained.parameter().value();
        if (!value.isFinite()) {
            String layer = trained.path().contains(".")
                    ? trained.path().substring(0, trained.path().lastIndexOf('.'))
                    : "";
            float bad = value.array()[value.offset() + InputChecks.firstBadIndex(value)];
            String what = "'" + trained.path() + "' would have " + InputChecks.firstBad(value);
            NonFiniteValue finding = new NonFiniteValue(layer, "", bad, what, -1);
            throw new NonFiniteException(step, batch, "updated '" + trained.path() + "'", bad, Optional.of(finding));
        }
        for (Tensor memory : trained.memory()) {
            if (!memory.isFinite()) {
                throw new NonFiniteException(
                        step,
                        batch,
                        "optimizer's memory of '" + trained.path() + "'",
                        memory.maxAbs(),
                        Optional.empty());
            }
        }
    }
}
