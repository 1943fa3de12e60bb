package nn.train.loss;

import java.util.Objects;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.Labels;

/** Target shapes of losses that wrap another loss. */
final class Targets {
    private Targets() {}

    /** Returns the shape of a loss's target with one more number at the end of each row. */
    static Shape withOneMore(Loss loss, Shape output) {
        int rows = Labels.withoutLast(output).size();
        return output.withLast(1 + shape(loss, output).size() / Math.max(rows, 1));
    }

    /** Returns the target shape of a wrapped loss; refuses null, naming that loss. */
    static Shape shape(Loss loss, Shape output) {
        return Objects.requireNonNull(
                loss.targetShape(output),
                () -> "the loss " + Description.of(loss) + ": its targetShape returned null for an output of shape "
                        + output + "; return the shape of the targets");
    }

    /** Refuses a target whose rows have fewer than two numbers: its own, and one more at the end. */
    static void requireOneMore(String user, String more, Tensor target) {
        if (target.shape().rank() < 2 || target.dim(-1) < 2 || target.size() == 0) {
            throw new ShapeException(
                    user + ": a target has rows of two numbers or more, the " + more + " at the end of each; got "
                            + target.shape(),
                    "[... x numbers of a row's target and the " + more + "]",
                    target.shape());
        }
    }
}
