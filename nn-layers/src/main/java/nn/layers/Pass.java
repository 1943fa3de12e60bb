package nn.layers;

import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * What a forward pass gives: the output, and the way back.
 *
 * <p>The way back is open once: a second call throws {@link IllegalStateException}, since the first may have written
 * over what it needs, and so does a call with a gradient of another shape than the output's ({@link ShapeException}).
 * This is seen to here, for every layer: the {@link #pullback} of a pass is not the object it was made with.
 *
 * <p>A pass that a {@link Workspace} has made is closed when its next step begins, and may come up again as a pass of
 * that step.
 *
 * @param output the layer's output; with a trainer's workspace it is valid until the next step begins, or, within a
 *     chain of layers, until the next one has used it. It may be the input or a view of it: not to be written to
 * @param pullback takes a gradient at the output to one at the input; to be called once at most
 */
public record Pass(Tensor output, Pullback pullback) {
    /**
     * Puts the guard before the pullback.
     *
     * @throws NullPointerException if an argument is null
     */
    public Pass {
        Objects.requireNonNull(output, "output");
        pullback = new Once(output.shape(), Objects.requireNonNull(pullback, "pullback"));
    }

    /**
     * Runs a layer's {@link Layer#forward}: how a context that looks at layers runs one, where it does not pass the run
     * on to another context. The pass refuses what is null or of a wrong shape, and names the layer.
     *
     * @param layer the layer
     * @param x its input
     * @param context what the layer gets
     * @return its output and its pullback
     * @throws ShapeException if the input has a shape that the layer cannot take
     * @throws NullPointerException if the layer gave null, naming it; or if an argument is null
     */
    public static Pass of(Layer layer, Tensor x, Context context) {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(context, "context");
        return checked(layer, x, layer.forward(x, context));
    }

    /** A layer's pass, whose pullback names the layer if what it gives is no gradient at this input. */
    static Pass checked(Layer layer, Tensor x, Pass pass) {
        if (pass == null) {
            throw new NullFromLayer(
                    Layer.describe(layer), "its forward returned null; return a Pass of the output and a pullback");
        }
        Once once = (Once) pass.pullback;
        once.layer = layer;
        once.in = x.shape();
        return pass;
    }

    /** Opens the way back once more: the output has been computed again. */
    void open(Propagation propagation) {
        ((Once) pullback).open = propagation;
    }

    /** Closes the way back, as the step is over. */
    void close() {
        ((Once) pullback).open = Once.ENDED;
    }

    /** Lets one call through, and lets go of what was captured for it. */
    private static final class Once implements Pullback {
        private static final Pullback ENDED = (dOutput, into) -> {
            throw new IllegalStateException("the step of this pass has ended, as its workspace has begun another one,"
                    + " and its tensors may hold other values by now: call a pullback before Workspace.begin, or run"
                    + " forward again");
        };

        private final Shape shape;
        private Pullback open;
        private Layer layer; // that the pass is of; null if nobody said so
        private Shape in; // of its input

        Once(Shape shape, Pullback pullback) {
            this.shape = shape;
            this.open = pullback;
        }

        @Override
        public Tensor apply(Tensor dOutput, Gradients into) {
            Tensor dInput = take(dOutput, into).apply(dOutput, into);
            if (layer != null && (dInput == null || !dInput.shape().equals(in))) {
                throw notAGradient(dInput);
            }
            return dInput;
        }

        @Override
        public void parametersOnly(Tensor dOutput, Gradients into) {
            take(dOutput, into).parametersOnly(dOutput, into);
        }

        private RuntimeException notAGradient(Tensor dInput) {
            String name = Layer.describe(layer);
            if (dInput == null) {
                return new NullFromLayer(
                        name, "its pullback returned null; return the gradient at the input, of shape " + in);
            }
            return new ShapeException(
                    name + ": its pullback gave a gradient of shape " + dInput.shape() + " at an input of shape " + in
                            + "; both have the same shape",
                    in.toString(),
                    dInput.shape());
        }

        private Pullback take(Tensor dOutput, Gradients into) {
            Objects.requireNonNull(dOutput, "dOutput");
            Objects.requireNonNull(into, "gradients");
            if (!dOutput.shape().equals(shape)) {
                throw new ShapeException(
                        "pullback: expected a gradient of the output's shape " + shape + ", got " + dOutput.shape(),
                        shape.toString(),
                        dOutput.shape());
            }
            if (open == null) {
                throw new IllegalStateException("this pass was taken back before: a pullback is called once at most, as"
                        + " its tensors may hold other values by now; run forward again for another gradient");
            }
            Pullback pullback = open;
            open = null;
            return pullback;
        }
    }
}
