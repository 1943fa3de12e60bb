package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Tensor;

/** Copies of everything that an update changes, to roll it back. */
final class Snapshot {
    private final List<TrainedParameter> parameters;
    private final List<Tensor> copies = new ArrayList<>();
    private final List<Tensor> live = new ArrayList<>(); // the originals

    /** Creates a snapshot of the parameters and the states of their rules; empty until the first {@link #take}. */
    Snapshot(List<TrainedParameter> parameters) {
        this.parameters = parameters;
    }

    /** Copies everything. Asks the rules for their state each time, because a rule must know that it may be written. */
    void take() {
        live.clear();
        for (TrainedParameter trained : parameters) {
            live.add(trained.parameter().value());
            live.addAll(trained.state());
        }
        for (int i = 0; i < live.size(); i++) {
            if (i == copies.size()) {
                copies.add(Tensor.zeros(live.get(i).shape()));
            } else if (!copies.get(i).shape().equals(live.get(i).shape())) {
                copies.set(i, Tensor.zeros(live.get(i).shape()));
            }
            copies.get(i).copyFrom(live.get(i));
        }
    }

    /** Copies everything back, without a call of the rules, one of which may have failed. */
    void restore() {
        for (int i = 0; i < live.size(); i++) {
            live.get(i).copyFrom(copies.get(i));
        }
    }
}
