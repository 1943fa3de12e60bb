package nn.train.optimizer;

import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** Updates one parameter, step by step, and keeps its state between steps. */
public interface UpdateRule {
    /**
     * Changes the parameter, and the state, by one step. A rule need not know which values the parameter may have:
     * after the updates of a step, the trainer sets each value below the parameter's {@linkplain Parameter#minimum
     * minimum} to the minimum, and the {@linkplain Parameter#paddingRow row for padding} to 0. The state stays as the
     * rule left it.
     *
     * @param gradient the gradient of the loss, of the parameter's shape; finite; not changed
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1; steps in which the parameter was frozen do not count
     * @throws nn.tensor.ShapeException if the gradient has another shape
     */
    void apply(Tensor gradient, double rate, long step);

    /**
     * Returns the state between steps: the tensors themselves, so that they can be saved and restored. Call this method
     * again before each time that you write to them.
     *
     * @return in a fixed order, the same tensors every time; empty if there is none
     */
    List<Tensor> state();

    /**
     * Returns the smallest value that the elements of one tensor of the state may have. A saved state with a value
     * below it is not restored.
     *
     * @param index the number of the tensor in {@link #state}, from 0
     * @return the minimum, such as 0 for a mean of squares; by default negative infinity: every finite value is allowed
     */
    default double minimum(int index) {
        return Double.NEGATIVE_INFINITY;
    }

    /**
     * Returns whether {@link #apply}, called next with this rate and step, certainly leaves only finite values in
     * parameter and state, by a bound that is cheaper than checking every value. If in doubt, and by default, it
     * returns false: the trainer then checks every value after the step, and restores the values before it if one is
     * not finite. The trainer also restores them if {@link #apply} throws, except in a safe step of a {@link
     * TensorRule}.
     *
     * @param largest an upper bound of the magnitudes of the gradient's elements
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1; steps in which the parameter was frozen do not count
     * @return true if nothing can overflow
     */
    default boolean isSafe(double largest, double rate, long step) {
        return false;
    }
}
