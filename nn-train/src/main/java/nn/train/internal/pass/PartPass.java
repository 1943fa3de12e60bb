package nn.train.internal.pass;

import java.util.List;
import nn.layers.BatchParts;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.Refusal;
import nn.train.loss.DirectLoss;
import nn.train.loss.Loss;

/** Runs a batch, or a part of one, forward and backward. For one thread at a time. */
public final class PartPass {
    private static final Key NO_KEY = Key.of(0); // each part has its own

    private final Pass pass; // through the whole model, run again at every step
    private final Loss loss;
    private final Workspace workspace = new Workspace();
    private final Workspace copies = new Workspace(); // of parts that cannot be views
    private final Context freezing; // over the workspace
    private final BatchParts parts;

    /**
     * Creates a pass that leaves out the parameters that some gradients leave out.
     *
     * @param model the model
     * @param loss of its outputs
     * @param gradients which know the frozen parameters
     */
    public PartPass(Layer model, Loss loss, Gradients gradients) {
        this.pass = Pass.of(model);
        this.loss = loss;
        this.freezing = gradients.over(workspace);
        this.parts =
                new BatchParts(freezing, List.copyOf(model.parametersByPath().values()));
    }

    /**
     * Returns the context of the pass.
     *
     * @return the same object every time
     */
    public Context context() {
        return freezing;
    }

    /**
     * Returns the context that provides copies of a part's examples.
     *
     * @return the same object every time; to be begun by the caller
     */
    public Workspace copies() {
        return copies;
    }

    /**
     * Returns the parts that {@link #runParts} runs.
     *
     * @return the same object every time; to be begun by the caller
     */
    public BatchParts parts() {
        return parts;
    }

    /**
     * Runs the {@linkplain #parts parts} at once, forward and backward; gradients are added to those of each part.
     * If the loss of a part is not finite, none are.
     *
     * @param x the inputs of all parts, of a shape that the model takes
     * @param targets of each part
     * @param shares the factor of the loss of each part in that of the whole batch
     * @param losses receives the loss of each part
     */
    public void runParts(Tensor x, Tensor[] targets, double[] shares, double[] losses) {
        workspace.begin(NO_KEY);
        Context together = parts.context();
        Tensor output = together.run(pass, x);
        Tensor dOutput = together.empty(output.shape());
        List<Tensor> outputs = parts.rows(output);
        List<Tensor> dOutputs = parts.rows(dOutput);
        boolean areFinite = true;
        boolean areEqual = true;
        for (int i = 0; i < parts.count(); i++) {
            losses[i] = lossOf(outputs.get(i), targets[i], parts.context(i), dOutputs.get(i));
            areFinite &= Double.isFinite(losses[i]);
            areEqual &= shares[i] == shares[0];
        }
        if (areEqual) {
            scale(dOutput, shares[0]);
        } else {
            for (int i = 0; i < parts.count(); i++) {
                scale(dOutputs.get(i), shares[i]);
            }
        }
        if (areFinite) {
            pass.pullbackParameters(dOutput, parts.gradients());
        }
    }

    private static void scale(Tensor dOutput, double share) {
        if (share != 1) {
            dOutput.scaleInPlace((float) share);
        }
    }

    /** Returns the loss of a part, and writes its gradient into another tensor. */
    private double lossOf(Tensor output, Tensor target, Context context, Tensor dOutput) {
        if (loss instanceof DirectLoss direct) {
            return direct.of(output, target, dOutput);
        }
        Loss.Value both = loss.checked(output, target, context);
        dOutput.copyFrom(both.dOutput());
        return both.value();
    }

    /**
     * Runs a part as below, and says of a problem that its rows are counted from the first of the part.
     *
     * @param kind of the part, such as {@code shard}
     * @param from its first example in the batch
     * @param x its inputs, of a shape that the model takes
     * @param y its targets, of a shape that the loss takes
     * @param share the factor of its loss in that of the whole batch
     * @param parent the key of the step
     * @param index of the part, from 0: its key is that child
     * @param context that of this pass, or one over it
     * @param into the gradients that those of the part are added to
     * @return its loss
     */
    public double run(
            String kind,
            int from,
            Tensor x,
            Tensor y,
            double share,
            Key parent,
            long index,
            Context context,
            Gradients into) {
        try {
            return run(x, y, share, parent, index, context, into);
        } catch (IllegalArgumentException e) {
            throw Refusal.about("in " + name(kind, from) + ": ", e);
        } catch (NonFiniteLocator.Found found) {
            throw found.in(name(kind, from));
        }
    }

    private static String name(String kind, int from) {
        return "the " + kind + " that begins with example " + from + " of the batch";
    }

    /**
     * Runs a part forward and backward, with a numbered child of a key, and returns its loss.
     *
     * @param x its inputs, of a shape that the model takes
     * @param y its targets, of a shape that the loss takes
     * @param share the factor of its loss in that of the whole batch
     * @param parent a key
     * @param index of its child
     * @param context that of this pass, or one over it
     * @param into the gradients that those of the part are added to
     * @return its loss; if that is not finite, nothing was added
     */
    public double run(Tensor x, Tensor y, double share, Key parent, long index, Context context, Gradients into) {
        into.beginPart();
        Tensor output = runForward(x, parent, index, context);
        double value;
        Tensor dOutput;
        if (share != 1 || loss instanceof DirectLoss) {
            dOutput = context.empty(output.shape());
            value = lossOf(output, y, context, dOutput);
        } else {
            Loss.Value both = loss.checked(output, y, context);
            dOutput =
                    both.dOutput(); // not scaled, so it may be the output, the target, or a tensor that the loss keeps
            value = both.value();
        }
        if (context instanceof NonFiniteLocator locator) {
            locator.requireFinite(loss, output, value, dOutput);
        }
        if (Double.isFinite(value)) {
            scale(dOutput, share);
            pass.pullbackParameters(dOutput, into);
        }
        return value;
    }

    /**
     * Runs a part forward, with a numbered child of a key.
     *
     * @param x its inputs, of a shape that the model takes
     * @param parent a key
     * @param index of its child
     * @param context that of this pass, or one over it
     * @return the output, valid until the next run
     */
    public Tensor runForward(Tensor x, Key parent, long index, Context context) {
        workspace.begin(parent, index);
        return context.run(pass, x);
    }
}
