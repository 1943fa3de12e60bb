package nn.layers;

import java.util.Objects;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Allocates a new tensor at every request. Serves one pass in training; in inference any number of passes, in any
 * thread.
 */
final class AllocatingContext implements Context {
    private final boolean training;
    private final Key key;
    private final DrawCounter draws = new DrawCounter();

    AllocatingContext(boolean training, Key key) {
        this.training = training;
        this.key = Objects.requireNonNull(key, "key");
    }

    @Override
    public Tensor empty(Shape shape) {
        return Tensor.zeros(shape);
    }

    @Override
    public boolean training() {
        return training;
    }

    @Override
    public Key key() {
        return key;
    }

    @Override
    public Key key(Key layer) {
        Objects.requireNonNull(layer, "layer key");
        if (!training) {
            return DrawCounter.key(key, layer, 0); // threads share this context, so nothing is counted
        }
        synchronized (draws) {
            return draws.next(key, layer);
        }
    }
}
