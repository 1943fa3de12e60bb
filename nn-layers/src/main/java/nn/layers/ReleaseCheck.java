package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context that fills with NaN every scratch tensor that may be reused: those that are handed out, until they are
 * written; those that are {@linkplain Context#release released}; and those that a layer's forward pass asked for and
 * neither {@linkplain Pass#save saved} nor returned. So a layer whose backward pass reads a tensor that its forward
 * pass did not save gives NaN at once, and an error names it. In a {@link Workspace} its gradients would be wrong only
 * when the memory was reused.
 */
public final class ReleaseCheck extends ForwardingContext {
    private final List<Scratch> handedOut = new ArrayList<>(); // in this step
    private long step;

    /** A tensor that was handed out. */
    private static final class Scratch {
        private final Tensor tensor;
        private boolean saved;

        Scratch(Tensor tensor) {
            this.tensor = tensor;
        }
    }

    /**
     * Wraps a context.
     *
     * @param context gives the tensors, and everything else
     * @throws NullPointerException if it is null
     */
    public ReleaseCheck(Context context) {
        super(context);
    }

    @Override
    public Tensor empty(Shape shape) {
        forgetEarlierSteps();
        Tensor tensor = super.empty(shape);
        tensor.fill(Float.NaN);
        handedOut.add(new Scratch(tensor));
        return tensor;
    }

    /** The tensor that was handed out last of those that a tensor is a view of; null if it is of another origin. */
    private @Nullable Scratch find(Tensor view) {
        Objects.requireNonNull(view, "tensor");
        for (int i = handedOut.size() - 1; i >= 0; i--) {
            if (handedOut.get(i).tensor.overlaps(view)) {
                return handedOut.get(i);
            }
        }
        return null;
    }

    /** Fills a tensor with NaN if it is scratch memory that was not saved. */
    private void spoil(Tensor tensor) {
        Scratch scratch = find(tensor);
        if (scratch != null && !scratch.saved) {
            tensor.fill(Float.NaN);
        }
    }

    /** Forgets the tensors of the step before; a workspace begins one for every micro-batch. */
    private void forgetEarlierSteps() {
        if (step != step()) {
            handedOut.clear();
            step = step();
        }
    }

    @Override
    public void save(Tensor tensor) {
        forgetEarlierSteps();
        Scratch scratch = find(tensor);
        if (scratch != null) {
            scratch.saved = true;
        }
        super.save(tensor);
    }

    @Override
    public void release(Tensor tensor) {
        forgetEarlierSteps();
        spoil(tensor);
        super.release(tensor);
    }

    @Override
    public Tensor run(Pass pass, Tensor x, Context outermost) {
        forgetEarlierSteps();
        int first = handedOut.size();
        Tensor y = super.run(pass, x, outermost);
        for (Scratch scratch : handedOut.subList(first, handedOut.size())) {
            if (!scratch.tensor.overlaps(y)) {
                spoil(scratch.tensor);
            }
        }
        return y;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if a layer's backward pass gives NaN although the gradient at its output has none;
     *     usually it has read a tensor that its forward pass did not save
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    @Override
    public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients gradients) {
        super.afterBackward(pass, dOutput, dInput, gradients);
        if (hasNaN(dOutput)) {
            return;
        }
        String what = "";
        if (dInput != null && hasNaN(dInput)) {
            what = "the gradient at its input";
        }
        for (Parameter parameter : pass.layer().parameters()) {
            if (parameter.kind() != Parameter.Kind.STATISTIC && hasNaN(gradients.of(parameter))) {
                what = "the gradient of its '" + parameter.name() + "'";
            }
        }
        if (!what.isEmpty()) {
            throw new IllegalStateException(Layer.describe(pass.layer()) + ": " + what + " has NaN, and the gradient at"
                    + " its output has none. Its backward reads a tensor that may hold anything by then: keep it by"
                    + " save(tensor) in forward");
        }
    }

    private static boolean hasNaN(Tensor tensor) {
        if (tensor.isFinite()) {
            return false;
        }
        for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
            if (Float.isNaN(tensor.array()[i])) {
                return true;
            }
        }
        return false;
    }
}
