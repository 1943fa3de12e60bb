package nn.layers.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Parameter;
import nn.tensor.ColumnPanels;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context for inference that keeps its memory from prediction to prediction: to clear new memory, which is in no
 * cache, took a sixth of the time of a small network. Once a layer of the chain has run, only its output is in use, and
 * the arrays of all other tensors are handed out again. So a chain of dense layers alternates between two arrays. The
 * output of the prediction belongs to the caller, and is not kept.
 *
 * <p>One prediction at a time uses a context. A layer may ask for tensors in several threads.
 */
final class PredictionContext extends ForwardingContext {
    private final List<float[]> inUse = new ArrayList<>();
    private final List<float[]> free = new ArrayList<>(); // of those that this prediction has used
    private final List<float[]> unused = new ArrayList<>(); // from the prediction before, not used in this one yet

    private final Map<Parameter, KeptValue> values;
    private boolean fromTheRight; // the direction of products with panels: another one in each prediction

    /**
     * A context without memory.
     *
     * @param values of the parameters that do not have their current ones
     */
    PredictionContext(Map<Parameter, KeptValue> values) {
        super(Context.inference());
        this.values = values;
    }

    @Override
    public Tensor value(Parameter parameter) {
        KeptValue kept = values.get(parameter);
        return kept == null ? super.value(parameter) : kept.tensor();
    }

    @Override
    public void linearInto(Tensor x, Parameter weight, Tensor y) {
        ColumnPanels panels = panels(x, weight);
        if (panels == null) {
            super.linearInto(x, weight, y);
        } else {
            panels.productInto(x, y, fromTheRight);
        }
    }

    @Override
    public void affineInto(Tensor x, Parameter weight, Parameter bias, Tensor y) {
        ColumnPanels panels = panels(x, weight);
        if (panels == null) {
            super.affineInto(x, weight, bias, y);
        } else {
            panels.productPlusRowInto(x, value(bias), y, fromTheRight);
        }
    }

    /** The panels of a weight, if it is kept and x has so few rows that they are faster. */
    private @Nullable ColumnPanels panels(Tensor x, Parameter weight) {
        KeptValue kept = values.get(weight);
        Shape shape = weight.value().shape();
        if (kept == null || shape.rank() != 2) {
            return null;
        }
        return ColumnPanels.suit(shape, x.size() / shape.dim(0)) ? kept.panels() : null;
    }

    @Override
    public boolean keepsValue(Parameter parameter) {
        return values.containsKey(parameter) || super.keepsValue(parameter);
    }

    @Override
    public synchronized Tensor empty(Shape shape) {
        if (shape.rank() == 0 || shape.size() == 0) {
            return super.empty(shape);
        }
        float[] array = take(free, shape.size());
        if (array == null) {
            array = take(unused, shape.size());
        }
        Tensor tensor = array == null ? super.empty(shape) : Tensor.wrap(array, 0, shape);
        inUse.add(tensor.array());
        return tensor;
    }

    /** Removes the shortest array that is long enough. */
    private static float @Nullable [] take(List<float[]> arrays, int size) {
        int best = -1;
        for (int i = 0; i < arrays.size(); i++) {
            int length = arrays.get(i).length;
            if (length >= size && (best < 0 || length < arrays.get(best).length)) {
                best = i;
            }
        }
        return best < 0 ? null : arrays.remove(best);
    }

    /** Called after each layer of the chain: frees everything but its output. */
    synchronized void keepOnly(Tensor output) {
        int kept = 0;
        for (int i = 0; i < inUse.size(); i++) {
            float[] array = inUse.get(i);
            if (array == output.array()) {
                inUse.set(kept++, array);
            } else {
                free.add(array);
            }
        }
        inUse.subList(kept, inUse.size()).clear();
    }

    /**
     * Ends a prediction. The memory that it has not used is dropped.
     *
     * @param output of the last layer
     * @return the output, in an array that nothing else uses
     */
    synchronized Tensor end(Tensor output) {
        keepOnly(output);
        Tensor result = output;
        if (!inUse.isEmpty() && output.array().length > output.size()) { // a part of an array of this context
            result = output.copy();
        } else {
            inUse.clear();
        }
        recycle();
        return result;
    }

    /** Begins another prediction, which may use all memory that the one before has used. The rest is dropped. */
    private void recycle() {
        free.addAll(inUse);
        inUse.clear();
        unused.clear();
        unused.addAll(free);
        free.clear();
    }

    /**
     * Begins another prediction, which may use all memory of the one before.
     *
     * @param input of the prediction: if it is the output of the one before, its memory is in use until the first layer
     *     has run
     */
    synchronized void begin(Tensor input) {
        recycle();
        fromTheRight = !fromTheRight;
        if (unused.removeIf(array -> array == input.array())) {
            inUse.add(input.array());
        }
    }
}
