package nn.train;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Tensor;

/** Copies of everything that an update changes, to take it back. */
final class Snapshot {
    private final List<Slot> slots;
    private final List<Tensor> copies = new ArrayList<>();

    /** Room for the parameters and what their rules remember. */
    Snapshot(List<Slot> slots) {
        this.slots = slots;
        live().forEach(tensor -> copies.add(Tensor.zeros(tensor.shape())));
    }

    /** What an update changes; asks the rules anew, who have to know that somebody may write to their memory. */
    private List<Tensor> live() {
        List<Tensor> live = new ArrayList<>();
        for (Slot slot : slots) {
            live.add(slot.parameter().value());
            live.addAll(slot.rule().state());
        }
        return live;
    }

    /** Notes how things are. */
    void take() {
        List<Tensor> live = live();
        for (int i = 0; i < live.size(); i++) {
            copies.get(i).copyFrom(live.get(i));
        }
    }

    /** Makes them so again. */
    void putBack() {
        List<Tensor> live = live();
        for (int i = 0; i < live.size(); i++) {
            live.get(i).copyFrom(copies.get(i));
        }
    }
}
