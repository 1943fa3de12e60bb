package nn.layers;

import java.util.HashMap;
import java.util.Map;
import nn.tensor.Key;

/** Counts how often each layer has drawn in a pass, so that a layer in several places draws other numbers in each. */
final class DrawCounter {
    private static final class Count {
        long pass;
        int draws;
    }

    private final Map<Key, Count> counts = new HashMap<>(); // kept from pass to pass: a steady pass makes none
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

    /** The key of one draw; that of the first is what it would be if there were no others. */
    static Key key(Key step, Key layer, int draw) {
        Key first = step.child(layer.hi()).child(layer.lo());
        return draw == 0 ? first : first.child(draw);
    }
}
