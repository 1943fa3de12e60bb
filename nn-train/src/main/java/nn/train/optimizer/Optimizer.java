package nn.train.optimizer;

import java.util.List;
import nn.layers.Parameter;

/**
 * A method of updating parameters by their gradients: an immutable value. The state of each parameter is in its {@link
 * UpdateRule}, so any number of trainers may share one optimizer. {@code toString} must give all hyperparameters, as a
 * record's does: it is saved in a training state and compared when a training is resumed. An optimizer of a class that
 * does not define it is compared by the name of its class alone.
 */
public interface Optimizer {
    /**
     * The learning rate, before any {@link nn.train.schedule.Schedule}.
     *
     * @return finite as a float, 0 or more, and always the same
     */
    double rate();

    /**
     * Creates the update rule of one parameter, with fresh state.
     *
     * @param parameter whose values the rule will change
     * @return a new rule
     */
    UpdateRule ruleFor(Parameter parameter);

    /**
     * Creates the update rule of one parameter, with fresh state. The rule may keep intermediate values of an update in
     * memory that it shares with the other rules of a trainer. By default it needs none.
     *
     * @param parameter whose values the rule will change
     * @param scratch for one update at a time
     * @return a new rule
     */
    default UpdateRule ruleFor(Parameter parameter, Scratch scratch) {
        return ruleFor(parameter);
    }

    /**
     * Returns the optimizer that gives one parameter its learning rate and its rule: this one, unless there are
     * {@linkplain ParameterGroups parameter groups}.
     *
     * @param path the path of the parameter in the model, such as {@code hidden1.weight}
     * @param parameter the parameter
     * @return the optimizer of that parameter
     */
    default Optimizer optimizerFor(String path, Parameter parameter) {
        return this;
    }

    /**
     * Refuses a model that this optimizer does not fit. A trainer calls this method once, before it asks for rules. By
     * default any model fits; {@link ParameterGroups} refuse a pattern that matches nothing.
     *
     * @param paths the paths of the model's parameters in order, without running statistics
     * @throws IllegalArgumentException if the model does not fit
     */
    default void requireFits(List<String> paths) {}
}
