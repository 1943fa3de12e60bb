package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Tensor;

/** Copies of everything that an update changes, to take it back. */
final class Snapshot {
    private final List<Tensor> live = new ArrayList<>();
    private final List<Tensor> copies = new ArrayList<>();

    /** Room for the parameters and what their rules remember. */
    Snapshot(List<Slot> slots) {
        for (Slot slot : slots) {
            live.add(slot.parameter().value());
            live.addAll(slot.rule().state());
        }
        live.forEach(tensor -> copies.add(Tensor.zeros(tensor.shape())));
    }

    /** Notes how things are. */
    void take() {
        for (int i = 0; i < live.size(); i++) {
            copies.get(i).copyFrom(live.get(i));
        }
    }

    /** Makes them so again. */
    void putBack() {
        for (int i = 0; i < live.size(); i++) {
            live.get(i).copyFrom(copies.get(i));
        }
    }
}
