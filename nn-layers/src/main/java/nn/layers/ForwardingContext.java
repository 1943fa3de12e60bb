package nn.layers;

import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context that passes every call on to another one. Extend it for a context that differs in a few methods only; it
 * also passes on methods that {@link Context} gains later. {@link #linearInto} and {@link #affineInto} are not passed
 * on: they compute with the {@linkplain #value values} of this context, which may be others.
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
    public void save(Tensor tensor) {
        context.save(tensor);
    }

    @Override
    public long step() {
        return context.step();
    }

    @Override
    public void release(Tensor scratch) {
        context.release(scratch);
    }

    @Override
    public Tensor reuse(Tensor scratch) {
        return context.reuse(scratch);
    }

    @Override
    public boolean training() {
        return context.training();
    }

    @Override
    public boolean isFrozen(Parameter parameter) {
        return context.isFrozen(parameter);
    }

    @Override
    public Tensor value(Parameter parameter) {
        return context.value(parameter);
    }

    @Override
    public boolean keepsValue(Parameter parameter) {
        return context.keepsValue(parameter);
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
    public void firstState(Recurrent layer, Recurrent.State state) {
        context.firstState(layer, state);
    }

    @Override
    public void lastState(Recurrent layer, Recurrent.State state) {
        context.lastState(layer, state);
    }

    @Override
    public boolean carries() {
        return context.carries();
    }

    @Override
    public Optional<Recurrent.State> carried(Layer layer) {
        return context.carried(layer);
    }

    @Override
    public void carry(Layer layer, Recurrent.State state) {
        context.carry(layer, state);
    }

    @Override
    public Optional<Lengths> lengths() {
        return context.lengths();
    }

    @Override
    public Optional<BatchParts> parts() {
        return context.parts();
    }

    @Override
    public Tensor run(Pass pass, Tensor x, Context outermost) {
        return context.run(pass, x, outermost);
    }

    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    @Override
    public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients gradients) {
        context.afterBackward(pass, dOutput, dInput, gradients);
    }
}
