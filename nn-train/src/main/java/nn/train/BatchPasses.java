package nn.train;

import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxes;
import nn.train.loss.DirectLoss;
import nn.train.loss.Loss;

/** Runs the forward and backward passes of a batch, whole or in micro-batches, and so computes its gradients. */
final class BatchPasses {
    private final Pass pass; // through the whole model, run again at every step
    private final Loss loss;
    private final Key key;
    private final TrainerOptions options;
    private final Gradients gradients;
    private final Carry carry;
    private final Workspace workspace = new Workspace();
    private final Context freezing; // over the workspace
    private final Workspace copies = new Workspace(); // of micro-batches that cannot be views

    BatchPasses(Layer model, Loss loss, Key key, TrainerOptions options, Gradients gradients, Carry carry) {
        this.pass = Pass.of(model);
        this.loss = loss;
        this.key = key;
        this.options = options;
        this.gradients = gradients;
        this.freezing = gradients.over(workspace);
        this.carry = carry;
    }

    /** Returns the context of the passes of one step. */
    Context context() {
        return options.carrying() ? carry.over(freezing) : freezing;
    }

    /** Runs all micro-batches forward and backward, and returns the loss; ends early if that is not finite. */
    double run(Tensor x, Tensor y, BatchAxes axes, long step, Context context) {
        gradients.clear();
        int size = options.microBatch();
        int count = size == 0 ? 0 : examples(x, y, axes);
        if (size >= count) {
            return pass(x, y, 1, key, step, context);
        }
        Key stepKey = key.child(step);
        double whole = terms(y);
        double total = 0;
        int parts = 0;
        for (int from = 0; from < count && Double.isFinite(total); from += size) {
            copies.begin(stepKey);
            int to = Math.min(from + size, count);
            Tensor target = BatchAxes.slice(y, axes.out(), from, to, copies);
            double share = loss.reduction().share(terms(target), whole);
            if (share > 0) {
                Tensor input = BatchAxes.slice(x, axes.in(), from, to, copies);
                total += share * part(input, target, share, stepKey, parts, context, from);
                parts++;
            }
        }
        if (parts == 0) { // the loss has no terms; the whole batch reports it
            return pass(x, y, 1, key, step, context);
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
        workspace.begin(key, step);
        context.run(pass, x);
    }

    private IllegalArgumentException badTerms(double terms, Tensor y, String rule) {
        return new IllegalArgumentException("the loss " + Description.of(loss) + " counts " + terms
                + " terms in a target of shape " + y.shape() + "; " + rule + ": check its terms()");
    }

    /** Returns the number of examples of a batch that is run in micro-batches. */
    private static int examples(Tensor x, Tensor y, BatchAxes axes) {
        int in = axes.in();
        int out = axes.out();
        if (x.shape().rank() <= in || y.shape().rank() <= out || x.dim(in) != y.dim(out)) {
            throw new ShapeException(
                    "micro-batches take examples along axis " + in + " of x and axis " + out + " of y, but x is "
                            + x.shape() + " and y is " + y.shape()
                            + ": give both the same number of examples, or train without microBatch",
                    "the same number of examples in x and y",
                    x.shape());
        }
        return x.dim(in);
    }

    /** Runs a micro-batch, and says of a problem that its rows are counted from the first of this one. */
    private double part(Tensor x, Tensor y, double share, Key key, long index, Context context, int from) {
        try {
            return pass(x, y, share, key, index, context);
        } catch (IllegalArgumentException e) {
            throw DataAxes.about("in " + name(from) + ": ", e);
        } catch (NonFiniteLocator.Found found) {
            throw found.in(name(from));
        }
    }

    private static String name(int from) {
        return "the micro-batch that begins with example " + from + " of the batch";
    }

    /** Runs a micro-batch forward and backward, with a numbered child of a key, and returns its loss. */
    private double pass(Tensor x, Tensor y, double share, Key parent, long index, Context context) {
        workspace.begin(parent, index);
        gradients.beginPart();
        Tensor output = context.run(pass, x);
        double value;
        Tensor dOutput;
        if (loss instanceof DirectLoss direct) {
            dOutput = context.empty(output.shape());
            value = direct.of(output, y, dOutput);
        } else {
            Loss.Value both = loss.checked(output, y, context);
            dOutput = both.dOutput();
            value = both.value();
            if (share != 1) { // it is scaled below, and may be the output, the target, or a tensor that the loss keeps
                dOutput = context.empty(output.shape());
                dOutput.copyFrom(both.dOutput());
            }
        }
        if (context instanceof NonFiniteLocator locator) {
            locator.requireFinite(loss, output, value, dOutput);
        }
        if (Double.isFinite(value)) {
            if (share != 1) {
                dOutput.scaleInPlace((float) share);
            }
            pass.pullbackParameters(dOutput, gradients);
        }
        return value;
    }
}
