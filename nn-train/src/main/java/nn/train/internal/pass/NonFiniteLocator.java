package nn.train.internal.pass;

import java.util.Map;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Description;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.loss.Loss;
import org.jspecify.annotations.Nullable;

/**
 * A context that checks the output and the gradients of every layer, and throws {@link Found} at the first number that
 * is not finite.
 */
public final class NonFiniteLocator extends ForwardingContext {
    /** Carries a finding out of a pass. */
    public static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** The number that was found. */
        private final transient NonFiniteValue finding;

        Found(NonFiniteValue finding) {
            super(finding.what(), null, false, false);
            this.finding = finding;
        }

        /**
         * Returns the finding.
         *
         * @return where the number is
         */
        public NonFiniteValue finding() {
            return finding;
        }

        /** Returns the same finding in a part of the batch, in which its row is counted. */
        Found in(String part) {
            return new Found(new NonFiniteValue(
                    finding.layer(),
                    finding.quantity(),
                    finding.value(),
                    finding.what() + " of " + part,
                    finding.row()));
        }
    }

    private final Map<Layer, String> paths;

    /**
     * Wraps a context.
     *
     * @param context of the passes
     * @param paths of all layers of the model
     */
    public NonFiniteLocator(Context context, Map<Layer, String> paths) {
        super(context);
        this.paths = paths;
    }

    @Override
    public Tensor run(Pass pass, Tensor x, Context outermost) {
        Tensor y = super.run(pass, x, outermost);
        require(pass.layer(), "output of", "its output", y);
        return y;
    }

    @Override
    public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients into) {
        super.afterBackward(pass, dOutput, dInput, into);
        Layer layer = pass.layer();
        for (Parameter parameter : layer.parameters()) {
            if (into.isFrozen(parameter)) {
                continue;
            }
            Tensor gradient = parameter.kind() == Parameter.Kind.STATISTIC
                    ? into.statistic(parameter).change()
                    : into.of(parameter);
            if (!gradient.isFinite()) {
                String what = "the gradient of its '" + parameter.name() + "'";
                throw new Found(finding(layer, "gradient of '" + parameter.name() + "' in", what, gradient, -1));
            }
        }
        if (dInput != null) {
            require(layer, "gradient at the input of", "the gradient at its input", dInput);
        }
    }

    private void require(Layer layer, String quantity, String what, Tensor tensor) {
        if (!tensor.isFinite()) {
            int row = tensor.shape().rank() == 0
                    ? -1
                    : InputChecks.firstBadIndex(tensor)
                            / tensor.shape().withoutFirst().size();
            throw new Found(finding(layer, quantity, what, tensor, row));
        }
    }

    /** Checks the value and the gradient of a loss, for an output that is finite. */
    void requireFinite(Loss loss, Tensor output, double value, Tensor dOutput) {
        String name = "the loss " + Description.of(loss);
        String of = ", for finite outputs of magnitude up to " + output.maxAbs();
        if (!Double.isFinite(value)) {
            throw new Found(new NonFiniteValue(null, "loss", (float) value, name + " is " + value + of, -1));
        }
        if (!dOutput.isFinite()) {
            float bad = dOutput.array()[dOutput.offset() + InputChecks.firstBadIndex(dOutput)];
            String what = name + ": its gradient has " + InputChecks.firstBad(dOutput) + of;
            throw new Found(new NonFiniteValue(null, "gradient of the loss", bad, what, -1));
        }
    }

    private NonFiniteValue finding(Layer layer, String quantity, String what, Tensor tensor, int row) {
        String path = paths.getOrDefault(layer, "");
        String name = path.isEmpty() ? "the model" : "layer '" + path + "'";
        float value = tensor.array()[tensor.offset() + InputChecks.firstBadIndex(tensor)];
        return new NonFiniteValue(
                path,
                quantity + " " + name,
                value,
                name + " (" + Layer.describe(layer) + "): " + what + " has " + InputChecks.firstBad(tensor),
                row);
    }
}
