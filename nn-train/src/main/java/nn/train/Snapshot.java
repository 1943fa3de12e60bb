package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Tensor;

/** Copies of everything that an update changes, to restore it. */
final class Snapshot {
    private final List<TrainedParameter> parameters;
    private final List<Tensor> copies = new ArrayList<>();
    private final List<Tensor> live = new ArrayList<>(); // what was copied

    /** A snapshot of the parameters and of what their rules remember; empty until the first {@link #take}. */
    Snapshot(List<TrainedParameter> parameters) {
        this.parameters = parameters;
    }

    /** Copies everything. Asks the rules anew, because they have to know that their memory may be written to. */
    void take() {
        live.clear();
        for (TrainedParameter trained : parameters) {
            live.add(trained.parameter().value());
            live.addAll(trained.memory());
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

    /** Copies everything back. Calls nothing of the rules', which may be what failed. */
    void restore() {
        for (int i = 0; i < live.size(); i++) {
            live.get(i).copyFrom(copies.get(i));
        }
    }
}
