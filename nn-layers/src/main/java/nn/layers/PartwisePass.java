package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import nn.tensor.Tensor;

/**
 * A pass that computes each part of a batch by itself, into memory that it is given, as normalizations do. Where
 * several {@linkplain BatchParts parts} run at once, any other layer that is not {@linkplain Layer#isRowwise row-wise}
 * has a pass for each part, and what these return is copied to the rows of all. Here each part writes its own rows,
 * which takes less time. A batch that is not cut is one part. The bits are the same.
 *
 * <p>For layers whose output has the shape of the input:
 *
 * <pre>{@code
 * final class Half implements PartwisePass.Part {          // y = x / 2
 *     @Override
 *     public void forward(Tensor x, Context context, Tensor y) {
 *         y.copyFrom(x);
 *         y.scaleInPlace(0.5f);
 *     }
 *
 *     @Override
 *     public void backward(Tensor dy, Gradients gradients, Tensor dx) {
 *         dx.copyFrom(dy);
 *         dx.scaleInPlace(0.5f);
 *     }
 * }
 *
 * Pass pass = new PartwisePass(layer, Half::new);          // what newPass() returns
 * }</pre>
 */
public final class PartwisePass extends Pass {
    private final Supplier<? extends Part> maker;
    private final List<Part> parts = new ArrayList<>(); // kept for the next steps; the first ones are in use
    private int count; // of parts, in the last forward pass

    /** What a layer does for one part of the batch, and what it keeps for the backward pass of that part. */
    public interface Part {
        /**
         * Computes the output.
         *
         * @param x the input [rows of the part x ...], unchanged until the backward pass
         * @param context of the part: it has the key of the part
         * @param y receives the output, of the shape of x
         */
        void forward(Tensor x, Context context, Tensor y);

        /**
         * Computes the gradient at the input, and adds those of the parameters. Called at most once after each {@link
         * #forward}.
         *
         * @param dy gradient of the loss at the output, of the shape of x; not changed
         * @param gradients of the part
         * @param dx receives the gradient at the input, of the shape of x
         */
        void backward(Tensor dy, Gradients gradients, Tensor dx);
    }

    /**
     * A pass through a layer.
     *
     * @param layer the layer; messages name it
     * @param part creates what computes one part; the number of its rows may differ from step to step
     */
    public PartwisePass(Layer layer, Supplier<? extends Part> part) {
        super(layer);
        maker = Objects.requireNonNull(part, "part");
    }

    @Override
    boolean takesParts() {
        return true;
    }

    @Override
    protected Tensor forward(Tensor x, Context context) {
        save(x);
        Tensor y = context.empty(outputShape());
        BatchParts several = context.parts().orElse(null);
        count = several == null ? 1 : several.count();
        while (parts.size() < count) {
            parts.add(Objects.requireNonNull(maker.get(), "part"));
        }
        if (several == null) {
            parts.getFirst().forward(x, context, y);
            return y;
        }
        List<Tensor> xs = several.rows(x);
        List<Tensor> ys = several.rows(y);
        for (int i = 0; i < count; i++) {
            parts.get(i).forward(xs.get(i), several.context(i), ys.get(i));
        }
        return y;
    }

    @Override
    protected Tensor backward(Tensor dy, Gradients gradients) {
        Tensor dx = context().empty(inputShape());
        BatchParts several = context().parts().orElse(null);
        if (several == null) {
            parts.getFirst().backward(dy, gradients, dx);
            return dx;
        }
        List<Tensor> dys = several.rows(dy);
        List<Tensor> dxs = several.rows(dx);
        for (int i = 0; i < count; i++) {
            parts.get(i).backward(dys.get(i), several.gradients(i), dxs.get(i));
        }
        return dx;
    }
}
