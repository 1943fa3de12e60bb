package nn.layers;

import java.util.Objects;
import nn.tensor.Key;
import org.jspecify.annotations.Nullable;

/** The key of a pass's randomness, and those of its draws. Kept from step to step. */
final class StepKey {
    private final DrawCounter draws = new DrawCounter();
    private @Nullable Key parent; // of the key, if that was not created yet
    private long index;
    private Key key = Key.of(0);

    /** Begins a pass with a key. */
    void begin(Key stepKey) {
        key = Objects.requireNonNull(stepKey, "step key");
        parent = null;
        draws.restart();
    }

    /** Begins a pass with {@code parent.child(index)}, which is created when a layer asks for it. */
    void begin(Key parent, long index) {
        this.parent = Objects.requireNonNull(parent, "parent key");
        this.index = index;
        draws.restart();
    }

    Key key() {
        if (parent != null) {
            key = parent.child(index);
            parent = null;
        }
        return key;
    }

    /** Returns the key of a layer's next draw. */
    Key next(Key layer) {
        return draws.next(key(), Objects.requireNonNull(layer, "layer key"));
    }
}
