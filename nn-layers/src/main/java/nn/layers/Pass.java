package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import nn.layers.internal.LayerShapes;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs one layer through a step of training: {@link #forward} computes the output, and {@link #backward} the gradients
 * (the vector-Jacobian product). A layer extends this class, and returns a new object of it from {@link Layer#newPass}.
 *
 * <p>Both methods share fields. A tensor that {@code backward} reads is {@linkplain #save saved} in {@code forward}.
 * Any other tensor may hold other values by then, since its memory is reused at once:
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
 *         x.matmulInto(context.value(weight), Transposed.NONE, y);
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
 * <p>A pass belongs to one place in a model and is run again at every step, so a steady step of training creates no
 * objects. A step must not depend on the step before. A layer used in several places has a pass for each. A layer made
 * of layers creates their passes in the constructor of its own pass, and runs them by {@link Context#run}.
 *
 * <p>A user of a model calls {@link Layer#forward}, or {@link Context#run} with a pass that is kept, and then {@link
 * #pullback}. For every layer this class checks that the layer accepts the input's shape, that the output has the shape
 * that {@link Layer#outputShape} promises, that each gradient has the shape of its tensor, and that a pullback is
 * called once, in the step of its forward pass.
 *
 * <p>A row of the output, or of the gradient at the input, whose magnitudes are all below {@link Tensor#TINY} is handed
 * on as zeros. So a signal or a gradient that fades from layer to layer ends at zero and never becomes subnormal, in
 * layers of a user too. A tensor that a layer returned is not changed for that: the pass hands on a copy.
 */
public abstract class Pass {
    private final Layer layer;
    private @Nullable Context context;
    private @Nullable Shape in;
    private @Nullable Shape out;
    private @Nullable Tensor output; // null: there was no forward pass, or it failed
    private long step; // of the context
    private boolean isOpen; // whether the pullback may be called
    private boolean isRunning; // forward or backward
    private @Nullable BatchParts parts; // whose rows the last run took one after the other; null if all at once
    private final List<Pass> ofParts = new ArrayList<>(); // passes of the same layer for them

    /**
     * A pass through a layer.
     *
     * @param layer the layer; messages name it
     * @throws NullPointerException if it is null
     */
    protected Pass(Layer layer) {
        this.layer = Objects.requireNonNull(layer, "layer");
    }

    /**
     * Creates a pass by {@link Layer#newPass}. A layer made of layers calls this in the constructor of its own pass.
     *
     * @param layer the layer
     * @return a new pass
     * @throws NullPointerException if the layer returns null; the message names it
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
     * @param context gives scratch tensors and says whether this is training; it may differ from step to step
     * @return the output, of the shape {@link #outputShape()}; it may be the input or a view of it
     */
    protected abstract Tensor forward(Tensor x, Context context);

    /**
     * Computes the gradient at the input from the one at the output, and adds each parameter's gradient to the ones
     * given. Called at most once after each {@link #forward}.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param gradients receives the parameters' gradients, by addition
     * @return gradient of the loss at the input, of the input's shape; it may be {@code dOutput} or a view of it
     */
    protected abstract Tensor backward(Tensor dOutput, Gradients gradients);

    /**
     * Adds the parameters' gradients only, where the gradient at the input is not needed, as for the first layer of a
     * network. Override it where that saves work. By default it calls {@link #backward}.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param gradients receives the parameters' gradients, by addition
     */
    protected void backwardParameters(Tensor dOutput, Gradients gradients) {
        backward(dOutput, gradients);
    }

    /**
     * Whether each row of the gradient that {@link #backward} returns is zero or a row of {@code dOutput}, and each of
     * those rows is in it. Then tiny rows are looked for in {@code dOutput}, which takes less time if most rows are
     * zero. A row lies along the last axis. By default it returns false.
     *
     * @return true if the gradient has a tiny row only where {@code dOutput} has one
     */
    protected boolean backwardCopiesRows() {
        return false;
    }

    /**
     * Whether the output and the gradient at the input are those that other passes, which this one runs, have handed
     * on. They have no tiny rows, so none are looked for. By default it returns false.
     *
     * @return true for a chain of layers
     */
    protected boolean handsOnResults() {
        return false;
    }

    /**
     * Keeps a tensor unchanged until the backward pass. Called in {@link #forward}, for each tensor that {@link
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
     * Draws random numbers, as {@link nn.layers.regularization.Dropout} does, with the {@linkplain Context#key(Key) key
     * for this place} of the pass. Where several {@linkplain BatchParts parts} of a batch run at once, the rows of each
     * part are drawn with the key of that part, so a layer that draws by this method alone may be {@linkplain
     * Layer#isRowwise row-wise}. Called in {@link #forward}, for example {@code draw(own, noise, (key, rows) ->
     * key.normal(rows, 0f, 0.1f))}.
     *
     * @param own the layer's own key
     * @param into receives the numbers; of any shape, whose first axis is that of the batch if the layer is row-wise
     * @param numbers writes all elements of a tensor with a key; called for each part, with its rows
     * @throws IllegalStateException if several parts run at once, and the tensor has not the rows of all of them
     * @throws NullPointerException if an argument is null
     */
    protected final void draw(Key own, Tensor into, BiConsumer<Key, Tensor> numbers) {
        Objects.requireNonNull(own, "the layer's key");
        Objects.requireNonNull(into, "the tensor to draw into");
        Objects.requireNonNull(numbers, "numbers");
        Context context = context();
        BatchParts several = context.parts().orElse(null);
        if (several == null) {
            numbers.accept(context.key(own), into);
            return;
        }
        if (into.shape().rank() == 0 || into.dim(0) != inputShape().dim(0)) {
            throw new IllegalStateException(Layer.describe(layer) + ": it draws into a tensor " + into.shape()
                    + " where the batch has " + inputShape().dim(0) + " rows, so the numbers are not those of rows;"
                    + " draw into a tensor [batch x ...], or let its isRowwise() return false");
        }
        List<Tensor> rows = several.rows(into);
        for (int i = 0; i < several.count(); i++) {
            numbers.accept(several.context(i).key(own), rows.get(i));
        }
    }

    /**
     * The context of the forward pass, for the scratch tensors of the backward pass.
     *
     * @return what {@link #forward} was given
     * @throws IllegalStateException if this pass was not run yet
     */
    protected final Context context() {
        return known(context, "context");
    }

    /**
     * The shape of the input.
     *
     * @return every dimension known
     * @throws IllegalStateException if this pass was not run yet
     */
    protected final Shape inputShape() {
        return known(in, "input shape");
    }

    /**
     * The shape that the layer gives for this input, by {@link Layer#outputShape}.
     *
     * @return the output's shape
     * @throws IllegalStateException if this pass was not run yet
     */
    protected final Shape outputShape() {
        return known(out, "output shape");
    }

    /** Whether this pass runs on the rows of all parts of a batch, and takes the parts one after the other itself. */
    boolean takesParts() {
        return false;
    }

    /** Refuses a question that only a forward pass answers. */
    final <T> T known(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException(Layer.describe(layer) + ": this pass has no " + what
                    + " before it is run; ask for it in forward or backward, not in the constructor");
        }
        return value;
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
     * The output of the last forward pass. In a {@link Workspace} it is valid until the next step begins; within a
     * chain of layers, until the next layer has used it.
     *
     * @return the output; it may be the input or a view of it, so do not write to it
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
     * Runs the layer forward. Only a {@link Context} calls this, when it is asked to {@linkplain Context#run run} a
     * pass. All other code calls the context, so that it sees the layers.
     *
     * @param x the input; not changed
     * @param outermost the context that the layer gets
     * @return the output
     * @throws ShapeException if the layer cannot take the input's shape, or the output does not have the promised shape
     * @throws IllegalStateException if the pass is running already, as within itself, or the layer began another step
     *     of its workspace
     * @throws NullPointerException if the layer returned null (the message names it), or an argument is null
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
        Shape before = in;
        Shape expected = out;
        if (before == null || expected == null || !before.equals(x.shape())) {
            in = null; // stays so if the layer refuses the shape
            expected = promised(x.shape());
            out = expected;
            in = x.shape();
        }
        long begun = outermost.step();
        BatchParts several = outermost.parts().orElse(null);
        parts = several == null || takesParts() || runsOnce(expected) ? null : several;
        Tensor y = parts == null ? forward(x, outermost) : forwardByParts(x, outermost, parts);
        if (begun != outermost.step()) {
            throw new IllegalStateException(Layer.describe(layer) + ": its forward began another step of the workspace"
                    + " that it runs in, which hands out the tensors of this step again; use a workspace of its own");
        }
        if (y == null) {
            throw new NullFromLayer(Layer.describe(layer), "its forward returned null; return the output");
        }
        if (!y.shape().equals(expected) && !expected.matches(y.shape())) {
            throw new ShapeException(
                    Layer.describe(layer) + ": its outputShape promises " + expected + " for an input of shape " + in
                            + ", but its forward gives " + y.shape(),
                    expected.toString(),
                    y.shape());
        }
        y = parts == null && !handsOnResults() ? withoutTinyRows(y, x, y, outermost) : y;
        output = y;
        step = begun;
        isOpen = true;
        return y;
    }

    /**
     * Whether the layer runs once on the rows of all parts. Numbers without a second axis are one row, which is tiny as
     * a whole or not ({@link #withoutTinyRows}): that of each part by itself.
     */
    private boolean runsOnce(Shape output) {
        boolean haveRows = inputShape().rank() > 1 && output.rank() > 1;
        return layer.isRowwise() && (haveRows || handsOnResults());
    }

    /** Runs the layer on the rows of each part of the batch, and joins the outputs. */
    private Tensor forwardByParts(Tensor x, Context outermost, BatchParts several) {
        Tensor y = outermost.empty(outputShape());
        outermost.save(x); // so that no part's scratch takes their memory, whatever the layer saves
        outermost.save(y);
        List<Tensor> xs = several.rows(x);
        List<Tensor> ys = several.rows(y);
        while (ofParts.size() < several.count()) {
            ofParts.add(of(layer));
        }
        for (int i = 0; i < several.count(); i++) {
            Tensor part = ofParts.get(i).runIn(several.context(i), xs.get(i));
            ys.get(i).copyFrom(part);
            if (!part.overlaps(x)) {
                outermost.release(part);
            }
        }
        return y;
    }

    /** Runs the layer backward for each part of the batch, and joins the gradients at the input. */
    private Tensor backwardByParts(Tensor dOutput, BatchParts several) {
        Tensor dx = context().empty(inputShape());
        List<Tensor> dys = several.rows(dOutput);
        List<Tensor> dxs = several.rows(dx);
        for (int i = 0; i < several.count(); i++) {
            Tensor part = ofParts.get(i).pullback(dys.get(i), several.gradients(i));
            dxs.get(i).copyFrom(part);
            if (!part.overlaps(dOutput)) {
                context().release(part);
            }
        }
        return dx;
    }

    private void backwardParametersByParts(Tensor dOutput, BatchParts several) {
        List<Tensor> dys = several.rows(dOutput);
        for (int i = 0; i < several.count(); i++) {
            ofParts.get(i).pullbackParameters(dys.get(i), several.gradients(i));
        }
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

    /** Makes the next run compute the output's shape again. */
    final void forgetShapes() {
        in = null;
    }

    /**
     * Runs the layer backward: computes the gradient at the input from the one at the output, and adds each parameter's
     * gradient to the ones given. May be called once after each forward pass.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     * @return gradient of the loss at the input, of the input's shape; it may be {@code dOutput} or a view of it, so do
     *     not write to it. A chain of layers {@linkplain Context#release releases} it once the layer before has used
     *     it; copy it to keep it
     * @throws ShapeException if the gradient does not have the output's shape, or the layer returns one that does not
     *     have the input's shape
     * @throws IllegalStateException if the pullback of this forward pass was called before, or its step has ended
     * @throws NullPointerException if the layer returned null (the message names it), or an argument is null
     */
    public final Tensor pullback(Tensor dOutput, Gradients into) {
        Context ofStep = open(dOutput, into);
        Tensor dInput;
        begin();
        try {
            dInput = parts == null ? backward(dOutput, into) : backwardByParts(dOutput, parts);
        } finally {
            isRunning = false;
        }
        if (dInput == null || !inputShape().equals(dInput.shape())) {
            throw notAGradient(dInput);
        }
        if (parts == null && !handsOnResults()) { // else each part has none
            dInput = withoutTinyRows(dInput, dOutput, backwardCopiesRows() ? dOutput : dInput, ofStep);
        }
        ofStep.afterBackward(this, dOutput, dInput, into);
        return dInput;
    }

    /**
     * Runs the layer backward for its parameters only, as {@link #pullback} without the gradient at the input. That
     * gradient would be a third of the work of a network's first layer.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     * @throws ShapeException if the gradient has another shape than the output
     * @throws IllegalStateException if the pullback of this forward pass was called before, or its step has ended
     * @throws NullPointerException if an argument is null
     */
    public final void pullbackParameters(Tensor dOutput, Gradients into) {
        Context ofStep = open(dOutput, into);
        begin();
        try {
            if (parts == null) {
                backwardParameters(dOutput, into);
            } else {
                backwardParametersByParts(dOutput, parts);
            }
        } finally {
            isRunning = false;
        }
        ofStep.afterBackward(this, dOutput, null, into);
    }

    /**
     * Returns a result whose tiny rows are zeros: a copy if it has any, since the tensor may be the caller's, a
     * parameter, or saved by the layer.
     *
     * @param result of the layer
     * @param argument what it was computed from; the result may be a view of it
     * @param searched a tensor that has a tiny row if and only if the result has one
     */
    private static Tensor withoutTinyRows(Tensor result, Tensor argument, Tensor searched, Context context) {
        if (!searched.hasTinyRow()) {
            return result;
        }
        Tensor copy = context.empty(result.shape());
        copy.copyFrom(result);
        copy.clearTinyRowsInPlace();
        if (!result.overlaps(argument)) {
            context.release(result);
        }
        return copy;
    }

    /** Checks that the pullback may be called, and allows no second call. */
    private Context open(Tensor dOutput, Gradients into) {
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
        Context ofStep = context();
        if (step != ofStep.step()) {
            throw new IllegalStateException(Layer.describe(layer) + ": the step of this pass has ended, as its"
                    + " workspace has begun another one, and its tensors may hold other values by now: call a pullback"
                    + " before Workspace.begin, or run forward again");
        }
        isOpen = false;
        return ofStep;
    }

    private RuntimeException notAGradient(@Nullable Tensor dInput) {
        String name = Layer.describe(layer);
        if (dInput == null) {
            return new NullFromLayer(
                    name, "its backward returned null; return the gradient at the input, of shape " + in);
        }
        return new ShapeException(
                name + ": its backward gave a gradient of shape " + dInput.shape() + " at an input of shape " + in
                        + "; both have the same shape",
                inputShape().toString(),
                dInput.shape());
    }
}
