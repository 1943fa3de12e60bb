package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A context that passes every call on to another one. Extend it for a context that differs in a few methods only: a
 * method that is added to {@link Context} is then passed on, too.
 */
public abstract class ForwardingContext implements Context {
    private final Context context;

    /**
     * Wraps a context.
     *
     * @param context gets the calls
     * @throws NullPointerException if it is null
     */
    protected ForwardingContext(Context context) {
        this.context = Objects.requireNonNull(context, "context");
    }

    @Override
    public Tensor empty(Shape shape) {
        return context.empty(shape);
    }

    @Override
    public void release(Tensor scratch) {
        context.release(scratch);
    }

    @Override
    public boolean training() {
        return context.training();
    }

    @Override
    public Key key() {
        return context.key();
    }

    @Override
    public Key key(Key layer) {
        return context.key(layer);
    }

    @Override
    public Recurrent.State firstState(Recurrent layer, int batch) {
        return context.firstState(layer, batch);
    }

    @Override
    public void lastState(Recurrent layer, Recurrent.State state) {
        context.lastState(layer, state);
    }

    @Override
    public Optional<Lengths> lengths() {
        return context.lengths();
    }

    @Override
    public Pass run(Layer layer, Tensor x, Context outermost) {
        return context.run(layer, x, outermost);
    }
}
