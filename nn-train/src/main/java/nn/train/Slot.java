package nn.train;

import nn.layers.Parameter;
import nn.tensor.Tensor;

/**
 * One parameter in training.
 *
 * @param path where it is in the model
 * @param parameter what changes
 * @param gradient its place among the trainer's gradients
 * @param rate the learning rate of the optimizer in charge of it, before any schedule
 * @param kind the name of that optimizer's class; what the rule remembers means something only to that kind
 * @param rule how it changes
 */
record Slot(String path, Parameter parameter, Tensor gradient, double rate, String kind, UpdateRule rule) {
    static final String MODEL = "model/";

    static Slot of(String path, Parameter parameter, Tensor gradient, Optimizer optimizer) {
        if (parameter.kind() == Parameter.Kind.STATISTIC) {
            return new Slot(path, parameter, gradient, 0, "", new StatisticRule(parameter));
        }
        Optimizer chosen = optimizer.inChargeOf(path, parameter);
        String kind = chosen.getClass().isHidden() ? "a lambda" : chosen.getClass().getSimpleName();
        return new Slot(path, parameter, gradient, chosen.rate(), kind, chosen.ruleFor(parameter));
    }

    /** Whether no loss is differentiated by it. */
    boolean isStatistic() {
        return parameter.kind() == Parameter.Kind.STATISTIC;
    }

    /** The name of its values in a {@link TrainingState}. */
    String valueName() {
        return MODEL + path;
    }

    /** The name of a part of what its rule remembers. */
    String memoryName(int index) {
        return "optimizer/" + path + "/" + index;
    }
}
