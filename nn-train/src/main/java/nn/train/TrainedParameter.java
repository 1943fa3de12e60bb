package nn.train;

import java.util.List;
import java.util.Objects;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Description;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.UpdateRule;

/**
 * One parameter in training.
 *
 * @param path where it is in the model
 * @param parameter what changes
 * @param gradients the trainer's, its own among them
 * @param rate the learning rate of the optimizer in charge of it, before any schedule
 * @param kind the name of that optimizer's class; what the rule remembers means something only to that kind
 * @param rule how it changes
 */
record TrainedParameter(
        String path, Parameter parameter, Gradients gradients, double rate, String kind, UpdateRule rule) {
    static final String MODEL = "model/";

    static TrainedParameter of(String path, Parameter parameter, Gradients gradients, Optimizer optimizer) {
        if (parameter.kind() == Parameter.Kind.STATISTIC) {
            UpdateRule rule = new StatisticRule(gradients.statistic(parameter));
            return new TrainedParameter(path, parameter, gradients, 0, "", rule);
        }
        Optimizer chosen = Objects.requireNonNull(
                optimizer.optimizerFor(path, parameter),
                () -> "optimizer " + Description.of(optimizer) + " has no optimizer for '" + path
                        + "': its optimizerFor"
                        + " returned null");
        String name = Description.of(chosen);
        Hyperparameters.requireNonNegative("optimizer " + name, "rate", chosen.rate());
        UpdateRule rule = Objects.requireNonNull(
                chosen.ruleFor(parameter),
                () -> "optimizer " + name + " has no rule for '" + path + "': its ruleFor returned null");
        String kind = Description.ofClass(chosen.getClass());
        TrainedParameter trained = new TrainedParameter(path, parameter, gradients, chosen.rate(), kind, rule);
        trained.memory(); // refuses a rule without a list
        return trained;
    }

    /** The tensors that the rule remembers, not copies. */
    List<Tensor> memory() {
        List<Tensor> memory = rule.state();
        if (memory == null) {
            throw new NullPointerException("the rule of '" + path + "', " + Description.of(rule)
                    + ": its state() returned null; return an empty list where nothing is remembered");
        }
        for (int i = 0; i < memory.size(); i++) {
            if (memory.get(i) == null) {
                throw new NullPointerException("the rule of '" + path + "', " + Description.of(rule) + ": number " + i
                        + " of the tensors in its state() is null; list only those that it has");
            }
        }
        return memory;
    }

    /** Its own gradient, of its shape; the change of a statistic. */
    Tensor gradient() {
        return isStatistic() ? gradients.statistic(parameter).change() : gradients.of(parameter);
    }

    /** Returns whether it is a running statistic, by which no loss is differentiated. */
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
