package nn.train;

import java.util.Optional;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxes;
import nn.train.internal.pass.PartPass;
import nn.train.loss.Loss;

/** Runs the forward and backward passes of a batch, whole or in micro-batches, and so computes its gradients. */
final class BatchPasses {
    private final PartPass pass;
    private final Loss loss;
    private final Key key;
    private final TrainerOptions options;
    private final Gradients gradients;
    private final Carry carry;
    private final Optional<ShardedPasses> sharded;

    BatchPasses(Layer model, Loss loss, Key key, TrainerOptions options, Gradients gradients, Carry carry) {
        this.pass = new PartPass(model, loss, gradients);
        this.loss = loss;
        this.key = key;
        this.options = options;
        this.gradients = gradients;
        this.carry = carry;
        this.sharded = options.shards().map(cut -> new ShardedPasses(model, loss, key, cut, gradients, pass));
    }

    /** Returns the context of the passes of one step. */
    Context context() {
        return options.carrying() ? carry.over(pass.context()) : pass.context();
    }

    /** Runs all parts of a batch forward and backward, and returns the loss; ends early if that is not finite. */
    double run(Tensor x, Tensor y, BatchAxes axes, long step, Context context) {
        gradients.clear();
        if (sharded.isPresent()) {
            return sharded.get().run(x, y, axes, examples(x, y, axes, "shards"), terms(y), step, context);
        }
        int size = options.microBatch();
        int count = size == 0 ? 0 : examples(x, y, axes, "micro-batches");
        if (size >= count) {
            return pass.run(x, y, 1, key, step, context, gradients);
        }
        Key stepKey = key.child(step);
        double whole = terms(y);
        double total = 0;
        int parts = 0;
        for (int from = 0; from < count && Double.isFinite(total); from += size) {
            pass.copies().begin(stepKey);
            int to = Math.min(from + size, count);
            Tensor target = BatchAxes.slice(y, axes.out(), from, to, pass.copies());
            double share = loss.reduction().share(terms(target), whole);
            if (share > 0) {
                Tensor input = BatchAxes.slice(x, axes.in(), from, to, pass.copies());
                total +=
                        share * pass.run("micro-batch", from, input, target, share, stepKey, parts, context, gradients);
                parts++;
            }
        }
        if (parts == 0) { // the loss has no terms; the whole batch reports it
            return pass.run(x, y, 1, key, step, context, gradients);
        }
        gradients.averageParts();
        return total;
    }

    /** Returns the number of terms of the loss, 0 or more. */
    double terms(Tensor y) {
        double terms = loss.terms(y);
        if (!(terms >= 0 && Double.isFinite(terms))) {
            throw badTerms(terms, y, "the number must be finite, and 0 or more");
        }
        return terms;
    }

    /** Runs a batch forward, for the states that are carried to the next one. */
    void runForward(Tensor x, long step, Context context) {
        pass.runForward(x, key, step, context);
    }

    private IllegalArgumentException badTerms(double terms, Tensor y, String rule) {
        return new IllegalArgumentException("the loss " + Description.of(loss) + " counts " + terms
                + " terms in a target of shape " + y.shape() + "; " + rule + ": check its terms()");
    }

    /** Returns the number of examples of a batch that is run in parts. */
    private static int examples(Tensor x, Tensor y, BatchAxes axes, String parts) {
        int in = axes.in();
        int out = axes.out();
        if (x.shape().rank() <= in || y.shape().rank() <= out || x.dim(in) != y.dim(out)) {
            throw new ShapeException(
                    parts + " take examples along axis " + in + " of x and axis " + out + " of y, but x is "
                            + x.shape() + " and y is " + y.shape()
                            + ": give both the same number of examples, or train with whole batches",
                    "the same number of examples in x and y",
                    x.shape());
        }
        return x.dim(in);
    }
}
