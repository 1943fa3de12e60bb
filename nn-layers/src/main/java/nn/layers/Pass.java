package nn.layers;

import java.util.Objects;
import nn.layers.internal.LayerShapes;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * One layer's way through a step of training: {@link #forward} computes the output, and {@link #backward} the gradients
 * (the vector-Jacobian product). A layer extends this class, and {@link Layer#newPass} gives a new object of it.
 *
 * <p>Both methods stand next to each other, and share fields. A tensor that {@code backward} reads is {@linkplain #save
 * saved} in {@code forward}; what is not saved may hold other values by then, since its memory is reused at once:
 *
 * <pre>{@code
 * final class Affine extends Pass {                       // y = x W
 *     private Tensor x;
 *
 *     Affine() {
 *         super(Dense.this);
 *     }
 *
 *     @Override
 *     protected Tensor forward(Tensor x, Context context) {
 *         this.x = save(x);
 *         Tensor y = context.empty(outputShape());
 *         x.matmulInto(weight.value(), Transposed.NONE, y);
 *         return y;
 *     }
 *
 *     @Override
 *     protected Tensor backward(Tensor dy, Gradients gradients) {
 *         gradients.addWeightGradient(weight, x, dy);            // dW += x' dy
 *         Tensor dx = context().empty(inputShape());
 *         dy.matmulInto(weight.value(), Transposed.RIGHT, dx);
 *         return dx;                                      // dx = dy W'
 *     }
 * }
 * }</pre>
 *
 * <p>A pass stands for one place in a model, and is run again at every step: so a steady step of training makes no
 * objects. Nothing of one step may be seen in the next. A layer that stands in several places has a pass for each. A
 * layer made of layers makes their passes in its own pass's constructor, and runs them by {@link Context#run}.
 *
 * <p>Whoever uses a model calls {@link Layer#forward}, or {@link Context#run} with a pass that is kept, and then {@link
 * #pullback}. This class checks for every layer that the input has a shape that the layer takes, that the output has
 * the shape that {@link Layer#outputShape} promises and gradients the shapes of what they belong to, and that a
 * pullback is called once, in the step of its forward pass.
 */
public abstract class Pass {
    private final Layer layer;
    private Context context;
    private Shape in;
    private Shape out;
    private Tensor output; // null: there was no forward pass, or it failed
    private long step; // of the context
    private boolean isOpen; // whether the pullback may be called
    private boolean isRunning; // forward or backward

    /**
     * A pass through a layer.
     *
     * @param layer whose pass this is; messages name it
     * @throws NullPointerException if it is null
     */
    protected Pass(Layer layer) {
        this.layer = Objects.requireNonNull(layer, "layer");
    }

    /**
     * Makes a layer's {@link Layer#newPass}. A layer made of layers calls this in its own pass's constructor.
     *
     * @param layer the layer
     * @return a new pass
     * @throws NullPointerException if the layer gives null, naming it
     */
    public static Pass of(Layer layer) {
        Pass pass = Objects.requireNonNull(layer, "layer").newPass();
        if (pass == null) {
            throw new NullFromLayer(Layer.describe(layer), "its newPass() returned null; return a new Pass");
        }
        return pass;
    }

    /**
     * Computes the output. Tensors that {@link #backward} is to read are {@linkplain #save saved}.
     *
     * @param x the input, of a shape that the layer takes; not changed
     * @param context gives scratch tensors and says whether this is training; another one in every step, perhaps
     * @return the output, of the shape {@link #outputShape()}; it may be the input or a view of it
     */
    protected abstract Tensor forward(Tensor x, Context context);

    /**
     * Computes the gradient at the input from the one at the output, and adds each parameter's gradient to the ones
     * given. Called once at most after each {@link #forward}.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param gradients receives the parameters' gradients, by addition
     * @return gradient of the loss at the input, of the input's shape; it may be {@code dOutput} or a view of it
     */
    protected abstract Tensor backward(Tensor dOutput, Gradients gradients);

    /**
     * Adds the parameters' gradients only, where nobody asks for the gradient at the input: as for the first layer of a
     * network in training. Override it where that saves work. By default it is {@link #backward}.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param gradients receives the parameters' gradients, by addition
     */
    protected void backwardParameters(Tensor dOutput, Gradients gradients) {
        backward(dOutput, gradients);
    }

    /**
     * Keeps a tensor as it is until the backward pass. To be called in {@link #forward}, for each tensor that {@link
     * #backward} reads: input, output, or any other. Parameters need not be saved.
     *
     * @param tensor any tensor of this pass, or a view of one
     * @return the same tensor
     */
    protected final Tensor save(Tensor tensor) {
        context().save(tensor);
        return tensor;
    }

    /**
     * The context of the forward pass, for the scratch tensors of the backward pass.
     *
     * @return what {@link #forward} was given
     * @throws IllegalStateException if there was no forward pass yet, as in a constructor
     */
    protected final Context context() {
        if (context == null) {
            throw new IllegalStateException(
                    Layer.describe(layer) + ": this pass has no context before its first forward pass; ask for scratch"
                            + " tensors in forward or backward");
        }
        return context;
    }

    /**
     * The shape of the input.
     *
     * @return every dimension known
     */
    protected final Shape inputShape() {
        return in;
    }

    /**
     * The shape that the layer gives for this input, by {@link Layer#outputShape}.
     *
     * @return the output's shape
     */
    protected final Shape outputShape() {
        return out;
    }

    /**
     * The layer.
     *
     * @return whose pass this is
     */
    public final Layer layer() {
        return layer;
    }

    /**
     * The output of the last forward pass. With a trainer's workspace it is valid until the next step begins, or,
     * within a chain of layers, until the next one has used it.
     *
     * @return the output; it may be the input or a view of it: not to be written to
     * @throws IllegalStateException if there was no forward pass, or it failed
     */
    public final Tensor output() {
        if (output == null) {
            throw new IllegalStateException(
                    Layer.describe(layer) + ": this pass has no output; run it forward first, by Context.run");
        }
        return output;
    }

    /**
     * Runs the layer forward. A {@link Context} calls this when it is asked to {@linkplain Context#run run} a pass;
     * everybody else asks the context, so that it can look at the layers.
     *
     * @param x the input; not changed
     * @param outermost what the layer gets as its context
     * @return the output
     * @throws ShapeException if the input has a shape that the layer cannot take, or the output another than promised
     * @throws IllegalStateException if the pass is running already, as within itself, or the layer began another step
     *     of its workspace
     * @throws NullPointerException if the layer gave null, naming it; or if an argument is null
     */
    public final Tensor runIn(Context outermost, Tensor x) {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(outermost, "context");
        begin();
        context = outermost;
        isOpen = false;
        output = null;
        try {
            return checked(x, outermost);
        } finally {
            isRunning = false;
        }
    }

    private Tensor checked(Tensor x, Context outermost) {
        if (!x.shape().equals(in)) {
            in = null; // stays so if the layer refuses the shape
            out = promised(x.shape());
            in = x.shape();
        }
        long begun = outermost.step();
        Tensor y = forward(x, outermost);
        if (begun != outermost.step()) {
            throw new IllegalStateException(Layer.describe(layer) + ": its forward began another step of the workspace"
                    + " that it runs in, which hands out the tensors of this step again; use a workspace of its own");
        }
        if (y == null) {
            throw new NullFromLayer(Layer.describe(layer), "its forward returned null; return the output");
        }
        if (!y.shape().equals(out) && !out.matches(y.shape())) {
            throw new ShapeException(
                    Layer.describe(layer) + ": its outputShape promises " + out + " for an input of shape " + in
                            + ", but its forward gives " + y.shape(),
                    out.toString(),
                    y.shape());
        }
        output = y;
        step = begun;
        isOpen = true;
        return y;
    }

    /** Refuses to run within itself, where fields of one run would be written over by another. */
    private void begin() {
        if (isRunning) {
            throw new IllegalStateException(Layer.describe(layer) + ": this pass is running already; a pass stands for"
                    + " one place in a model, on one thread: make another by Pass.of(layer)");
        }
        isRunning = true;
    }

    /** The output's shape for one of the input. */
    Shape promised(Shape in) {
        return LayerShapes.outputShape(layer, layer::outputShape, in);
    }

    /** Computes the output's shape anew. */
    final void forgetShapes() {
        in = null;
    }

    /**
     * Runs the layer backward: computes the gradient at the input from the one at the output, and adds each parameter's
     * gradient to the ones given. May be called once after each forward pass.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     * @return gradient of the loss at the input, of the input's shape; it may be {@code dOutput} or a view of it: not
     *     to be written to. A chain of layers {@linkplain Context#release releases} it once the layer before has used
     *     it, so who wants to keep it makes a copy
     * @throws ShapeException if the gradient has another shape than the output, or the layer gives one of another shape
     *     than the input
     * @throws IllegalStateException if the pullback of this forward pass was called before, or its step has ended
     * @throws NullPointerException if the layer gave null, naming it; or if an argument is null
     */
    public final Tensor pullback(Tensor dOutput, Gradients into) {
        take(dOutput, into);
        Tensor dInput;
        begin();
        try {
            dInput = backward(dOutput, into);
        } finally {
            isRunning = false;
        }
        if (dInput == null || !dInput.shape().equals(in)) {
            throw notAGradient(dInput);
        }
        context.afterBackward(this, dOutput, dInput, into);
        return dInput;
    }

    /**
     * Runs the layer backward for its parameters only: {@link #pullback} without the gradient at the input, which would
     * cost a third of the work of a network's first layer.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     * @throws ShapeException if the gradient has another shape than the output
     * @throws IllegalStateException if the pullback of this forward pass was called before, or its step has ended
     * @throws NullPointerException if an argument is null
     */
    public final void pullbackParameters(Tensor dOutput, Gradients into) {
        take(dOutput, into);
        begin();
        try {
            backwardParameters(dOutput, into);
        } finally {
            isRunning = false;
        }
        context.afterBackward(this, dOutput, null, into);
    }

    private void take(Tensor dOutput, Gradients into) {
        Objects.requireNonNull(dOutput, "dOutput");
        Objects.requireNonNull(into, "gradients");
        Shape shape = output().shape();
        if (!dOutput.shape().equals(shape)) {
            throw new ShapeException(
                    "pullback: expected a gradient of the output's shape " + shape + ", got " + dOutput.shape(),
                    shape.toString(),
                    dOutput.shape());
        }
        if (!isOpen) {
            throw new IllegalStateException(Layer.describe(layer) + ": the pullback of this pass was called before; it"
                    + " may be called once, as its tensors may hold other values by now. Run forward again for another"
                    + " gradient");
        }
        if (step != context.step()) {
            throw new IllegalStateException(Layer.describe(layer) + ": the step of this pass has ended, as its"
                    + " workspace has begun another one, and its tensors may hold other values by now: call a pullback"
                    + " before Workspace.begin, or run forward again");
        }
        isOpen = false;
    }

    private RuntimeException notAGradient(Tensor dInput) {
        String name = Layer.describe(layer);
        if (dInput == null) {
            return new NullFromLayer(
                    name, "its backward returned null; return the gradient at the input, of shape " + in);
        }
        return new ShapeException(
                name + ": its backward gave a gradient of shape " + dInput.shape() + " at an input of shape " + in
                        + "; both have the same shape",
                in.toString(),
                dInput.shape());
    }
}
