package nn.train.optimizer;

import java.util.List;
import nn.tensor.Tensor;

/** The update of one parameter, step by step, with the state that it keeps between steps. */
public interface UpdateRule {
    /**
     * Changes the parameter, and the state, by one step.
     *
     * @param gradient of the loss, of the parameter's shape; finite; not changed
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1
     * @throws nn.tensor.ShapeException if the gradient has another shape
     */
    void apply(Tensor gradient, double rate, long step);

    /**
     * Returns the state that is kept between steps: the tensors themselves, so that they can be saved and restored. Ask
     * anew before each time that they are written to.
     *
     * @return in a fixed order, the same tensors every time; empty if there is none
     */
    List<Tensor> state();

    /**
     * Returns the least value that the elements of one tensor of the state may have. A saved state with a value below
     * it is not restored.
     *
     * @param index the number of the tensor in {@link #state}, from 0
     * @return such as 0 for a mean of squares; negative infinity, as by default, if every finite value will do
     */
    default double least(int index) {
        return Double.NEGATIVE_INFINITY;
    }

    /**
     * Returns whether {@link #apply}, called next with this rate and step, is sure to leave only finite values in
     * parameter and state, by a bound that is cheaper than to look at every value. In doubt false, as it is by default:
     * the trainer then looks at the values that the step has left, and restores those before it if one is not finite.
     * It does so too if {@link #apply} throws, whatever this method returns.
     *
     * @param largest no element of the gradient has a greater magnitude
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1
     * @return true if nothing can overflow
     */
    default boolean isSafe(double largest, double rate, long step) {
        return false;
    }
}
