package nn.train.loss;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import nn.train.internal.Hyperparameters;

/** Weights of classes: an immutable list of numbers of 0 or more that gives its array, so that a step makes no copy. */
final class ClassWeights extends AbstractList<Double> implements RandomAccess {
    private final double[] weights;

    private ClassWeights(double[] weights) {
        this.weights = weights;
    }

    /**
     * Copies and checks weights.
     *
     * @param loss the loss, for messages
     * @param component the name of the list, for messages
     * @param weights one for each class; may be empty
     * @return the copy
     */
    static ClassWeights of(String loss, String component, List<Double> weights) {
        double[] copy = new double[Objects.requireNonNull(weights, component).size()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = weights.get(i);
            Hyperparameters.requireNonNegative(loss, "a class weight", copy[i]);
        }
        return new ClassWeights(copy);
    }

    /**
     * Returns the weights, after a check of their number.
     *
     * @param name the loss, for messages
     * @param weights a list that {@link #of} returned
     * @param classes the number of classes that the model gives
     * @return one for each class, or none if all are 1; not to be changed
     */
    static double[] array(String name, List<Double> weights, int classes) {
        double[] held = ((ClassWeights) weights).weights;
        if (held.length != 0 && held.length != classes) {
            throw new IllegalArgumentException(name + ": " + held.length + " class weights, but the model gives "
                    + classes + (classes == 1 ? " class" : " classes"));
        }
        return held;
    }

    @Override
    public Double get(int index) {
        return weights[index];
    }

    @Override
    public int size() {
        return weights.length;
    }
}
