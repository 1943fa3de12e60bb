package nn.layers.network;

import java.util.ArrayList;
import java.util.List;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context for inference that keeps its tensors from prediction to prediction: to clear new memory, which is in no
 * cache, took a sixth of the time of a small network. Once a layer of the chain has run, only its output is in use, and
 * all other tensors are handed out again. The output of the prediction belongs to the caller, and is not kept.
 *
 * <p>One prediction at a time uses a context. A layer may ask for tensors in several threads.
 */
final class PredictionContext extends ForwardingContext {
    private final List<Tensor> inUse = new ArrayList<>();
    private final List<Tensor> free = new ArrayList<>(); // of those that this prediction has used
    private final List<Tensor> unused = new ArrayList<>(); // from the prediction before, not used in this one yet

    PredictionContext() {
        super(Context.inference());
    }

    @Override
    public synchronized Tensor empty(Shape shape) {
        Tensor tensor = take(free, shape);
        if (tensor == null) {
            tensor = take(unused, shape);
        }
        if (tensor == null) {
            tensor = Tensor.zeros(shape);
        }
        inUse.add(tensor);
        return tensor;
    }

    /** Removes a tensor of this shape, the one used last: it is most likely in a cache. */
    private static @Nullable Tensor take(List<Tensor> tensors, Shape shape) {
        for (int i = tensors.size() - 1; i >= 0; i--) {
            if (tensors.get(i).shape().equals(shape)) {
                return tensors.remove(i);
            }
        }
        return null;
    }

    /** Called after each layer of the chain: frees everything but its output. */
    synchronized void keepOnly(Tensor output) {
        int kept = 0;
        for (int i = 0; i < inUse.size(); i++) {
            Tensor tensor = inUse.get(i);
            if (tensor.array() == output.array()) { // the output may be a view of it
                inUse.set(kept++, tensor);
            } else {
                free.add(tensor);
            }
        }
        inUse.subList(kept, inUse.size()).clear();
    }

    /** Ends a prediction: keeps the tensors that it used, except those that hold its output. */
    synchronized void end(Tensor output) {
        keepOnly(output);
        inUse.clear();
        unused.clear();
        unused.addAll(free);
        free.clear();
    }
}
