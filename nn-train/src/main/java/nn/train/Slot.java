package nn.train;

import nn.layers.Parameter;
import nn.tensor.Tensor;

/**
 * One parameter in training.
 *
 * @param path where it is in the model
 * @param parameter what changes
 * @param gradient its place among the trainer's gradients
 * @param rate the learning rate of its optimizer, before any schedule
 * @param rule how it changes
 */
record Slot(String path, Parameter parameter, Tensor gradient, double rate, UpdateRule rule) {
    static final String MODEL = "model/";

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
