package nn.layers;

import java.util.HashMap;
import java.util.Map;
import nn.tensor.Key;

/**
 * Counts how often each layer has drawn in a pass, so that a layer used in several places draws different numbers in
 * each.
 */
final class DrawCounter {
    private static final class Count {
        long pass;
        int draws;
    }

    private final Map<Key, Count> counts = new HashMap<>(); // kept from pass to pass, so a steady pass creates none
    private long pass;

    /** Begins another pass. */
    void restart() {
        pass++;
    }

    /** The key of the layer's next draw. */
    Key next(Key step, Key layer) {
        Count count = counts.get(layer);
        if (count == null) {
            count = new Count();
            counts.put(layer, count);
        }
        if (count.pass != pass) {
            count.pass = pass;
            count.draws = 0;
        }
        return key(step, layer, count.draws++);
    }

    /** Returns the key of one draw. The key of the first does not depend on whether others follow. */
    static Key key(Key step, Key layer, int draw) {
        Key first = step.child(layer.hi()).child(layer.lo());
        return draw == 0 ? first : first.child(draw);
    }
}
