package nn.train;

import java.util.List;
import nn.tensor.Tensor;

/** How one parameter is changed, step by step, together with what must be remembered between steps. */
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
     * What is remembered between steps: the tensors themselves, so that they can be saved and restored.
     *
     * @return in a fixed order; empty if there is none
     */
    List<Tensor> state();
}
