package nn.train;

import java.util.List;
import java.util.Optional;
import nn.tensor.Tensor;

/** The update of all parameters together, from finite gradients. */
final class Update {
    private final List<Slot> slots;
    private Snapshot snapshot; // null while updates are known to be safe

    Update(List<Slot> slots) {
        this.slots = slots;
    }

    /**
     * Changes everything, or nothing.
     *
     * @param largest no gradient has a larger element, those of statistics aside
     * @param factor what the optimizers' rates are multiplied by
     * @param step its number, from 1
     * @param batch its number in the epoch, for a message; 0 if there is no epoch
     * @throws NonFiniteException if something would not be finite
     */
    void make(double largest, double factor, long step, int batch) {
        boolean safe = true;
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            double limit = slot.isStatistic() ? slot.gradient().maxMagnitude() : largest;
            safe &= slot.rule().isSafe(limit, slot.rate() * factor, step);
        }
        if (safe) {
            snapshot = null;
            apply(factor, step);
            return;
        }
        if (snapshot == null) {
            snapshot = new Snapshot(slots);
        }
        snapshot.take();
        boolean done = false;
        try {
            apply(factor, step);
            slots.forEach(slot -> requireFinite(slot, step, batch));
            done = true;
        } finally {
            if (!done) {
                snapshot.putBack();
            }
        }
    }

    private void apply(double factor, long step) {
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            slot.rule().apply(slot.gradient(), slot.rate() * factor, step);
        }
    }

    private static void requireFinite(Slot slot, long step, int batch) {
        Tensor value = slot.parameter().value();
        if (!value.isFinite()) {
            String layer = slot.path().contains(".") ? slot.path().substring(0, slot.path().lastIndexOf('.')) : "";
            float bad = value.array()[value.offset() + Data.firstBadIndex(value)];
            String what = "'" + slot.path() + "' would have " + Data.firstBad(value);
            Finding finding = new Finding(layer, "", bad, what, -1);
            throw new NonFiniteException(step, batch, "updated '" + slot.path() + "'", bad, Optional.of(finding));
        }
        for (Tensor memory : slot.rule().state()) {
            if (!memory.isFinite()) {
                throw new NonFiniteException(
                        step,
                        batch,
                        "optimizer's memory of '" + slot.path() + "'",
                        memory.maxMagnitude(),
                        Optional.empty());
            }
        }
    }
}
