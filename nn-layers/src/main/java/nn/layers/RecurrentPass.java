package nn.layers;

import java.util.List;
import java.util.Objects;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Pass} through a recurrent layer, over all time steps. Its {@link #forward(Tensor, Recurrent.State, Context)}
 * carries a state from the first step to the last, and its {@link #backward(Tensor, Recurrent.State, Gradients)} the
 * gradient at the state from the last step to the first (backpropagation through time).
 *
 * <p>This class does the rest, which is the same for all recurrent layers: it chooses the first state, ends padded
 * sequences at their own last steps, and reduces the output to the last step if the layer is {@linkplain
 * Recurrent#lastOnly so configured}.
 */
public abstract class RecurrentPass extends Pass {
    private final Recurrent layer;
    private final PaddedRun padded;
    private Recurrent.@Nullable State given; // null: the context gives the first state
    private Recurrent.@Nullable State givenGradient; // at the last state; null: zero
    private @Nullable Lengths lengths; // null: all steps count
    private final LastStepView lastStep = new LastStepView();
    private @Nullable Shape statesShape; // of the output at all steps
    private final StateTensors state = new StateTensors(); // the first state, after a forward pass the last one
    private final StateTensors dState = new StateTensors(); // the gradient at the last one, then at the first
    private boolean hasGradient; // at the first state
    private int batch = -1; // of the shapes
    private List<Shape> shapes = List.of(); // of the parts of a state

    /**
     * A pass through a layer.
     *
     * @param layer the layer
     * @throws NullPointerException if it is null
     */
    protected RecurrentPass(Recurrent layer) {
        super(layer);
        this.layer = layer;
        this.padded = new PaddedRun(layer);
    }

    /**
     * Computes the output at all steps. Tensors that the backward pass is to read are {@linkplain #save saved}.
     *
     * @param x the inputs [time x batch x inputs]; not changed
     * @param state the first state, one tensor [batch x size] for each part; to be overwritten with the last state
     * @param context gives scratch tensors
     * @return the output at all steps [time x batch x units]
     */
    protected abstract Tensor forward(Tensor x, Recurrent.State state, Context context);

    /**
     * Computes the gradients at the inputs and at the first state, and adds each parameter's gradient to the ones
     * given.
     *
     * @param dStates gradient at the output of all steps [time x batch x units]; not changed
     * @param dState the part of the gradient at the last state that does not come through {@code dStates}, one tensor
     *     [batch x size] for each part; to be overwritten with the gradient at the first state
     * @param gradients receives the parameters' gradients, by addition
     * @return gradient at the inputs [time x batch x inputs]
     */
    protected abstract Tensor backward(Tensor dStates, Recurrent.State dState, Gradients gradients);

    /**
     * Adds the parameters' gradients and computes that at the first state, as {@link #backward(Tensor, Recurrent.State,
     * Gradients)}, where the gradient at the inputs is not needed. Override it where that saves work. By default it
     * calls that method.
     *
     * @param dStates gradient at the output of all steps [time x batch x units]; not changed
     * @param dState the part of the gradient at the last state that does not come through {@code dStates}, one tensor
     *     [batch x size] for each part; to be overwritten with the gradient at the first state
     * @param gradients receives the parameters' gradients, by addition
     */
    protected void backwardParameters(Tensor dStates, Recurrent.State dState, Gradients gradients) {
        backward(dStates, dState, gradients);
    }

    /**
     * Makes every later forward pass begin with a given state. The context is then not asked for the first state and
     * does not receive the last one, and the output is that of all steps. A layer made of recurrent layers calls this
     * before it runs the pass of one of them.
     *
     * @param first the state before the first step, one tensor [batch x size] for each part; not changed, and read when
     *     the pass is run
     */
    public final void from(Recurrent.State first) {
        if (given == null) {
            forgetShapes();
        }
        given = Objects.requireNonNull(first, "first state");
    }

    /**
     * The state after the last step of the last forward pass; the first one if there were no steps.
     *
     * @return one tensor [batch x size] for each part, valid until the next step of training begins
     * @throws IllegalStateException if there was no forward pass
     */
    public final Recurrent.State lastState() {
        output();
        return state.last();
    }

    /**
     * The gradient at the first state, after the backward pass.
     *
     * @return one tensor [batch x size] for each part, valid until the next step of training begins
     * @throws IllegalStateException if there was no backward pass
     */
    public final Recurrent.State firstStateGradient() {
        if (!hasGradient) {
            throw new IllegalStateException(
                    Layer.describe(layer) + ": there is no gradient at the first state yet; call the pullback first");
        }
        return dState.last();
    }

    /**
     * Runs the layer backward from the gradients at its outputs and at its last state: {@link #pullback(Tensor,
     * Gradients)} for a loss that also depends on the last state.
     *
     * @param dOutput gradient at the output, of its shape; not changed
     * @param dLast the part of the gradient at the last state that does not come through {@code dOutput}; not changed
     * @param into receives the parameters' gradients, by addition
     * @return gradient at the inputs [time x batch x inputs]
     * @throws ShapeException if a gradient does not have the shape of the output or of the state
     * @throws IllegalStateException if the pullback was called before, or its step has ended
     */
    public final Tensor pullback(Tensor dOutput, Recurrent.State dLast, Gradients into) {
        Objects.requireNonNull(dLast, "dLast");
        output();
        if (!isOfShapes(dLast, shapes)) {
            throw new ShapeException(
                    "pullback: expected a gradient of the last state's shape " + text(shapes) + ", got "
                            + text(shapesOf(dLast)),
                    text(shapes),
                    dLast.parts().isEmpty() ? Shape.of(0) : dLast.part(0).shape());
        }
        givenGradient = dLast;
        try {
            return pullback(dOutput, into);
        } finally {
            givenGradient = null;
        }
    }

    @Override
    final Shape promised(Shape in) {
        Shape all = Sequences.outputShape(layer, false, in);
        statesShape = all;
        return given == null ? super.promised(in) : all;
    }

    @Override
    protected final Tensor forward(Tensor x, Context context) {
        lengths = Lengths.of(layer, x, context);
        boolean lastOnly = given == null && layer.lastOnly();
        if (lastOnly) {
            Sequences.requireSteps(layer, layer.inputs(), x, lengths);
        }
        hasGradient = false;
        if (x.dim(1) != batch) {
            batch = x.dim(1);
            shapes = StateTensors.shapes(layer, batch);
        }
        Recurrent.State s = state.empty(shapes, context);
        if (given == null) {
            context.firstState(layer, s);
        } else {
            copy(given, s);
        }
        Tensor states = lengths == null ? forward(x, s, context) : padded.forward(x, s, lengths, context);
        if (states == null || !states.shape().equals(statesShape())) {
            throw notStates(states);
        }
        for (int i = 0; i < shapes.size(); i++) {
            save(s.part(i));
        }
        if (given == null) {
            context.lastState(layer, s);
        }
        return lastOnly ? lastStep.of(states, lengths, context) : states;
    }

    private Shape statesShape() {
        return known(statesShape, "states");
    }

    private RuntimeException notStates(@Nullable Tensor states) {
        String name = Layer.describe(layer);
        return states == null
                ? new NullFromLayer(name, "its forward returned null; return the output of all steps")
                : new ShapeException(
                        name + ": its forward gave " + states.shape() + "; expected the output of all steps, "
                                + statesShape(),
                        statesShape().toString(),
                        states.shape());
    }

    @Override
    protected final Tensor backward(Tensor dOutput, Gradients gradients) {
        Recurrent.State d = lastGradient();
        Tensor dStates = statesGradient(dOutput);
        Tensor dx = lengths == null
                ? backward(dStates, d, gradients)
                : padded.backward(dStates, d, inputShape(), gradients, context());
        hasGradient = true;
        return dx;
    }

    @Override
    protected final void backwardParameters(Tensor dOutput, Gradients gradients) {
        if (lengths == null) {
            Recurrent.State d = lastGradient();
            backwardParameters(statesGradient(dOutput), d, gradients);
            hasGradient = true;
        } else {
            backward(dOutput, gradients);
        }
    }

    /** The gradient at the last state, to be overwritten with that at the first. */
    private Recurrent.State lastGradient() {
        Recurrent.State d = dState.empty(shapes, context());
        if (givenGradient == null) {
            for (int i = 0; i < shapes.size(); i++) {
                d.part(i).fill(0f);
            }
        } else {
            copy(givenGradient, d);
        }
        return d;
    }

    /** The gradient at the output of all steps. */
    private Tensor statesGradient(Tensor dOutput) {
        if (given != null || !layer.lastOnly()) {
            return dOutput;
        }
        Tensor dStates = context().empty(statesShape());
        Sequences.lastGradient(dOutput, lengths, dStates);
        return dStates;
    }

    private void copy(Recurrent.State from, Recurrent.State to) {
        if (!isOfShapes(from, shapes)) {
            throw new ShapeException(
                    layer + ": expected an initial state " + text(shapes) + ", got " + text(shapesOf(from)),
                    text(shapes),
                    from.parts().isEmpty() ? Shape.of(0) : from.part(0).shape());
        }
        for (int i = 0; i < shapes.size(); i++) {
            to.part(i).copyFrom(from.part(i));
        }
    }

    private static boolean isOfShapes(Recurrent.State state, List<Shape> shapes) {
        if (state.parts().size() != shapes.size()) {
            return false;
        }
        for (int i = 0; i < shapes.size(); i++) {
            if (!state.part(i).shape().equals(shapes.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<Shape> shapesOf(Recurrent.State state) {
        return state.parts().stream().map(Tensor::shape).toList();
    }

    private static String text(List<Shape> shapes) {
        return shapes.isEmpty()
                ? "without parts"
                : String.join(", ", shapes.stream().map(Shape::toString).toList());
    }
}
