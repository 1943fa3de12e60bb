package nn.layers.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Tensor;

/**
 * Predicts, again and again, with the weights that a model has when the predictor is made. It gives the same bits as
 * {@link Network#predict} in less time, above all for small batches.
 *
 * <pre>{@code
 * Predictor predictor = Predictor.of(network);
 * Tensor logits = predictor.predict(batch);   // overwritten by the next prediction
 * }</pre>
 *
 * <ul>
 *   <li>It has a copy of every parameter, where products read it fastest: at a cache line ({@link Tensor#aligned}), or
 *       for a few rows in {@linkplain nn.tensor.ColumnPanels panels of columns}. Later changes of the model, such as a
 *       step of training, do not reach it: make another predictor for them. The model may be trained while it predicts.
 *       The copies take as much memory as the model's parameters, and up to twice as much once it has predicted for few
 *       rows and for many. Layers with gates copy these once more, and their recurrent weights twice.
 *   <li>It keeps the passes of the layers and all of their memory, that of the output too. So an output is valid until
 *       the next prediction: copy it to keep it.
 * </ul>
 *
 * <p>For use by one thread at a time. Another thread takes {@link #another}, which shares the copies.
 *
 * <p>A layer of a user takes part if it asks for its parameters by {@link nn.layers.Context#value}, or computes with
 * them by {@link nn.layers.Context#linearInto} or {@link nn.layers.Context#affineInto}. One that reads {@link
 * Parameter#value} itself computes with the values of the moment.
 */
public final class Predictor {
    private final Layer layer;
    private final Map<Parameter, KeptValue> values;
    private final Pass[] passes; // of the layers of a network, or of the one layer
    private final PredictionContext context;

    private Predictor(Layer layer, Map<Parameter, KeptValue> values) {
        this.layer = layer;
        this.values = values;
        passes = layer instanceof Network network ? network.newPasses() : new Pass[] {Pass.of(layer)};
        context = new PredictionContext(values);
    }

    /**
     * Makes a predictor with copies of the parameters as they are now.
     *
     * @param layer a network or any other layer; its parameters are not changed meanwhile by another thread
     * @return a predictor
     * @throws OutOfMemoryError if the heap has no room for the copies
     */
    public static Predictor of(Layer layer) {
        Map<Parameter, KeptValue> values = new LinkedHashMap<>();
        for (Parameter parameter :
                Objects.requireNonNull(layer, "layer").parametersByPath().values()) {
            values.put(parameter, new KeptValue(parameter.value()));
        }
        return new Predictor(layer, values);
    }

    /**
     * Makes a predictor for another thread, with the same copies of the parameters and memory of its own.
     *
     * @return a predictor that gives the same outputs as this one
     */
    public Predictor another() {
        return new Predictor(layer, values);
    }

    /**
     * Computes the output in inference.
     *
     * @param x the input, of a shape that the layer takes; not changed
     * @return the output, which the next prediction overwrites; it may be the input or a view of it
     * @throws nn.tensor.ShapeException if the input has another shape
     */
    public Tensor predict(Tensor x) {
        Objects.requireNonNull(x, "x");
        context.begin(x);
        return layer instanceof Network network
                ? network.predict(x, index -> passes[index], context)
                : context.run(passes[0], x);
    }
}
