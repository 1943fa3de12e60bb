package nn.train;

import nn.layers.Parameter;

/**
 * A recipe for changing parameters by their gradients: an immutable value. What it must remember of each parameter it
 * puts into an {@link UpdateRule}, so one optimizer may serve any number of trainers.
 */
public interface Optimizer {
    /**
     * The learning rate.
     *
     * @return 0 or more
     */
    double rate();

    /**
     * The update of one parameter, with fresh state.
     *
     * @param parameter whose values the rule will change
     * @return a new rule
     */
    UpdateRule ruleFor(Parameter parameter);
}
