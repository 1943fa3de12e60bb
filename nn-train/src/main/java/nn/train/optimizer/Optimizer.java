package nn.train.optimizer;

import nn.layers.Parameter;

/**
 * A recipe for changing parameters by their gradients: an immutable value. What it must remember of each parameter it
 * puts into an {@link UpdateRule}, so one optimizer may serve any number of trainers. Let {@code toString} give its
 * numbers, as a record does: they are saved with a training's state.
 */
public interface Optimizer {
    /**
     * The learning rate, before any {@link nn.train.schedule.Schedule}.
     *
     * @return finite as a float, 0 or more, and always the same
     */
    double rate();

    /**
     * The update of one parameter, with fresh state.
     *
     * @param parameter whose values the rule will change
     * @return a new rule
     */
    UpdateRule ruleFor(Parameter parameter);

    /**
     * The optimizer that is in charge of one parameter, whose rate and rule it gets: this one, unless parameters are in
     * {@linkplain ParameterGroups groups}.
     *
     * @param path where the parameter is in the model, such as {@code hidden1.weight}
     * @param parameter the parameter
     * @return the optimizer of that parameter
     */
    default Optimizer optimizerFor(String path, Parameter parameter) {
        return this;
    }
}
