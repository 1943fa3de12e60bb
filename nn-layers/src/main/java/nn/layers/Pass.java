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

        Once(Shape shape, Pullback pullback) {
            this.shape = shape;
            this.open = pullback;
        }

        @Override
        public Tensor apply(Tensor dOutput, Gradients into) {
            return take(dOutput, into).apply(dOutput, into);
        }

        @Override
        public void parametersOnly(Tensor dOutput, Gradients into) {
            take(dOutput, into).parametersOnly(dOutput, into);
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
