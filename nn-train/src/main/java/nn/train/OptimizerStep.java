package nn.train;

import java.util.List;
import java.util.Optional;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.internal.pass.NonFiniteValue;
import nn.train.optimizer.TensorRule;
import nn.train.optimizer.UpdateLoop;
import org.jspecify.annotations.Nullable;

/** Updates all parameters together, from finite gradients. */
final class OptimizerStep {
    private final List<TrainedParameter> parameters;
    private final List<TrainedParameter> limited; // those that may not have every finite value
    private final UpdateLoop updates = new UpdateLoop();
    private final long[] missed; // steps in which each parameter was frozen
    private final boolean builtIn; // all rules; these do not throw once their arguments are checked
    private @Nullable Snapshot snapshot; // null while no copies are needed
    private boolean inconsistent; // an update without copies has begun and not ended

    OptimizerStep(List<TrainedParameter> parameters) {
        this.parameters = parameters;
        this.limited = parameters.stream().filter(TrainedParameter::isLimited).toList();
        this.missed = new long[parameters.size()];
        this.builtIn = parameters.stream()
                .map(TrainedParameter::rule)
                .allMatch(rule -> rule instanceof TensorRule || rule instanceof StatisticRule);
    }

    /**
     * Refuses any use after an error, such as a lack of memory, interrupted an update. No copies exist where built-in
     * rules are known to stay finite, so such an error may leave some parameters updated and others not.
     */
    void requireConsistent() {
        if (inconsistent) {
            throw new IllegalStateException("an error interrupted the update of an earlier step, so some weights may"
                    + " be updated and others not: restore a state that was saved before it");
        }
    }

    /** Called when everything has been restored from a state, with the steps that each parameter missed. */
    void restored(long[] missedSteps) {
        System.arraycopy(missedSteps, 0, missed, 0, missed.length);
        inconsistent = false;
    }

    /** Returns the number of steps in which a parameter was frozen. */
    long missed(int index) {
        return missed[index];
    }

    /**
     * Updates all parameters that are not frozen, or none if a rule throws. A rule counts the updates of its own
     * parameter, so that a correction for the first ones, as of Adam, fits a parameter that is trained later. Values
     * below a parameter's minimum then become the minimum, and those of a row for padding 0.
     *
     * @param largest bound of the elements of all gradients; it does not cover statistics
     * @param factor multiplies the optimizers' rates
     * @param step its number, from 1
     * @param batch its number in the epoch, for a message; 0 if there is no epoch
     * @throws NonFiniteException if an updated value would not be finite
     */
    void run(double largest, double factor, long step, int batch) {
        boolean safe = true;
        for (int i = 0; i < parameters.size(); i++) {
            TrainedParameter trained = parameters.get(i);
            if (!trained.isFrozen()) {
                double limit = trained.isStatistic() ? trained.gradient().maxAbs() : largest;
                safe &= trained.rule().isSafe(limit, trained.rate() * factor, step - missed[i]);
            }
        }
        if (safe && builtIn) {
            snapshot = null;
            inconsistent = true;
            apply(factor, step);
            limit();
            inconsistent = false;
        } else {
            applyOrRestore(factor, step, batch, safe);
        }
        for (int i = 0; i < missed.length; i++) {
            missed[i] += parameters.get(i).isFrozen() ? 1 : 0;
        }
    }

    private void applyOrRestore(double factor, long step, int batch, boolean safe) {
        Snapshot before = snapshot == null ? new Snapshot(parameters) : snapshot;
        snapshot = before;
        before.take();
        boolean done = false;
        try {
            apply(factor, step);
            if (!safe) {
                parameters.forEach(trained -> requireFinite(trained, step, batch));
            }
            limit(); // after that check, or it would hide a value that is not finite
            done = true;
        } finally {
            if (!done) {
                before.restore();
            }
        }
    }

    private void apply(double factor, long step) {
        updates.begin();
        for (int i = 0; i < parameters.size(); i++) {
            TrainedParameter trained = parameters.get(i);
            if (!trained.isFrozen()) {
                updates.add(trained.rule(), trained.gradient(), trained.rate() * factor, step - missed[i]);
            }
        }
        updates.run();
    }

    /** Takes parameters back to the values that they may have, whatever their rules did. */
    private void limit() {
        for (int i = 0; i < limited.size(); i++) { // by index, which makes no iterator
            if (!limited.get(i).isFrozen()) {
                limited.get(i).limit();
            }
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
        for (Tensor state : trained.state()) {
            if (!state.isFinite()) {
                throw new NonFiniteException(
                        step, batch, "optimizer state of '" + trained.path() + "'", state.maxAbs(), Optional.empty());
            }
        }
    }
}
