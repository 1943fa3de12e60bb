package nn.train;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Description;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Scratch;
import nn.train.optimizer.UpdateRule;

/**
 * One parameter in training.
 *
 * @param path its path in the model
 * @param parameter the parameter
 * @param gradients all gradients of the trainer
 * @param rate the learning rate of its optimizer, before any schedule
 * @param kind the name of that optimizer's class, to which the state of the rule belongs; empty for a statistic
 * @param rule its update rule
 */
record TrainedParameter(
        String path, Parameter parameter, Gradients gradients, double rate, String kind, UpdateRule rule) {
    static final String MODEL = "model/";
    static final String OPTIMIZER = "optimizer/"; // before the path of a parameter, in the names of its rule's state

    /** Creates the rule of a parameter, which shares the scratch memory with the other rules of its trainer. */
    static TrainedParameter of(
            String path, Parameter parameter, Gradients gradients, Optimizer optimizer, Scratch scratch) {
        if (parameter.kind() == Parameter.Kind.STATISTIC) {
            UpdateRule rule = new StatisticRule(gradients.statistic(parameter));
            return new TrainedParameter(path, parameter, gradients, 0, "", rule);
        }
        Optimizer chosen = Objects.requireNonNull(
                optimizer.optimizerFor(path, parameter),
                () -> "optimizer " + Description.of(optimizer) + " has no optimizer for '" + path
                        + "': its optimizerFor"
                        + " returned null");
        Hyperparameters.requireNonNegative(() -> "optimizer " + Description.of(chosen), "rate", chosen.rate());
        UpdateRule rule = Objects.requireNonNull(
                chosen.ruleFor(parameter, scratch),
                () -> "optimizer " + Description.of(chosen) + " has no rule for '" + path
                        + "': its ruleFor returned null");
        String kind = Description.ofClass(chosen.getClass());
        TrainedParameter trained = new TrainedParameter(path, parameter, gradients, chosen.rate(), kind, rule);
        trained.state(); // refuses a rule without a list
        return trained;
    }

    /** Returns the state of the rule: the tensors themselves, not copies. */
    List<Tensor> state() {
        List<Tensor> state = rule.state();
        if (state == null) {
            throw new NullPointerException("the rule of '" + path + "', " + Description.of(rule)
                    + ": its state() returned null; return an empty list if it keeps no state");
        }
        for (int i = 0; i < state.size(); i++) {
            if (state.get(i) == null) {
                throw new NullPointerException("the rule of '" + path + "', " + Description.of(rule) + ": number " + i
                        + " of the tensors in its state() is null; list only those that it has");
            }
        }
        return state;
    }

    /** Returns the parameter's gradient, or the change of a statistic, of the parameter's shape. */
    Tensor gradient() {
        return isStatistic() ? gradients.statistic(parameter).change() : gradients.of(parameter);
    }

    /** Returns whether the parameter is a running statistic, which has no gradient. */
    boolean isStatistic() {
        return parameter.kind() == Parameter.Kind.STATISTIC;
    }

    /** Returns whether the trainer leaves the parameter as it is. */
    boolean isFrozen() {
        return gradients.isFrozen(parameter);
    }

    /** Returns whether there are finite values that the parameter may not have; {@link #limit} knows them. */
    boolean isLimited() {
        return parameter.minimum() > Double.NEGATIVE_INFINITY
                || parameter.paddingRow().isPresent();
    }

    /** Sets values below the parameter's minimum to the minimum, and its row for padding to 0. */
    void limit() {
        Tensor value = parameter.value();
        float[] p = value.array();
        int begin = value.offset();
        double minimum = parameter.minimum();
        if (minimum > Double.NEGATIVE_INFINITY) {
            float rounded = (float) minimum;
            float least = rounded < minimum ? Math.nextUp(rounded) : rounded; // the smallest float that is allowed
            for (int i = begin; i < begin + value.size(); i++) {
                p[i] = p[i] < least ? least : p[i];
            }
        }
        if (parameter.paddingRow().isPresent()) {
            int width = value.size() / value.dim(0);
            int row = begin + parameter.paddingRow().getAsInt() * width;
            Arrays.fill(p, row, row + width, 0f);
        }
    }

    /** Returns the name of the parameter's value in a {@link TrainingState}. */
    String valueName() {
        return MODEL + path;
    }

    /** Returns the name of the number of steps in which it was frozen in a {@link TrainingState}. */
    String missedName() {
        return "trainer/missed/" + path;
    }

    /** Returns the name of a tensor of its rule's state in a {@link TrainingState}. */
    String stateName(int index) {
        return OPTIMIZER + path + "/" + index;
    }
}
