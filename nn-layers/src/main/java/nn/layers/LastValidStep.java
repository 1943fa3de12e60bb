package nn.layers;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The output of a sequence layer at each sequence's own last step, for a batch of sequences of different lengths that
 * were filled up at the end with steps of padding. A step is padding if all its numbers are the padding value; what
 * counts is the last step that is not.
 *
 * <p>Shapes: x [time x batch] or [time x batch x ...], the layer's output [time x batch x units], y [batch x units].
 *
 * <p>The layer inside still computes the steps of padding, but nothing of them comes out, and no gradient goes in. That
 * holds for layers that read forwards; a {@link Bidirectional} one would begin with the padding. The layer is the child
 * {@code steps}.
 */
public final class LastValidStep implements Layer {
    private final Layer steps;
    private final float padding;

    private LastValidStep(Layer steps, float padding) {
        this.steps = steps;
        this.padding = padding;
    }

    /**
     * Describes the layer.
     *
     * @param steps makes the layer inside, which gives [time x batch x units]: a recurrent one, or a {@linkplain
     *     Network#chain chain}
     * @param padding the value that fills up, such as 0; not NaN
     * @return a factory
     * @throws IllegalArgumentException if the padding is NaN
     */
    public static LayerFactory of(LayerFactory steps, float padding) {
        Objects.requireNonNull(steps, "steps");
        if (Float.isNaN(padding)) {
            throw new IllegalArgumentException("last valid step: padding NaN equals nothing; use 0, or a value that no"
                    + " feature has");
        }
        return (in, key) -> new LastValidStep(steps.create(in, key.child("steps")), padding);
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(outputShape(x.shape()));
        int[] last = lastSteps(x);
        Pass inner = context.run(steps, x);
        Tensor all = inner.output();
        for (int b = 0; b < last.length; b++) {
            y.row(b).copyFrom(all.row(last[b]).row(b));
        }
        return new Pass(y, (dy, gradients) -> {
            Tensor dAll = context.empty(all.shape());
            dAll.fill(0f);
            for (int b = 0; b < last.length; b++) {
                dAll.row(last[b]).row(b).copyFrom(dy.row(b));
            }
            return inner.pullback().apply(dAll, gradients);
        });
    }

    /** The index of each sequence's last step that is not padding. */
    private int[] lastSteps(Tensor x) {
        int time = x.dim(0);
        int[] last = new int[x.dim(1)];
        int features = last.length == 0 || time == 0 ? 0 : x.size() / time / last.length;
        for (int b = 0; b < last.length; b++) {
            int t = time - 1;
            while (t >= 0 && isPadding(x, x.offset() + (t * last.length + b) * features, features)) {
                t--;
            }
            if (t < 0) {
                throw new IllegalArgumentException(this + ": sequence " + b + " of the input " + x.shape()
                        + " has no step that is not padding (all " + padding + "), so no last one; leave it out");
            }
            last[b] = t;
        }
        return last;
    }

    private boolean isPadding(Tensor x, int from, int features) {
        for (int i = from; i < from + features; i++) {
            if (x.array()[i] != padding) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() < 2) {
            throw new ShapeException(this + ": expected [time x batch x ...], got " + in, "[time x batch x ...]", in);
        }
        Shape all = steps.outputShape(in);
        if (all.rank() != 3 || all.dim(0) != in.dim(0) || all.dim(1) != in.dim(1)) {
            throw new ShapeException(
                    this + ": expected its layer to give [time x batch x units] of as many steps and sequences as "
                            + in + ", got " + all + "; let it give all steps",
                    "[time x batch x units]",
                    all);
        }
        return all.withoutFirst();
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return Collections.unmodifiableSequencedMap(new TreeMap<>(Map.of("steps", steps)));
    }

    /** Such as {@code LastValidStep (Lstm 8 -> 64)}. */
    @Override
    public String toString() {
        return "LastValidStep (" + Description.of(steps) + ")";
    }
}
