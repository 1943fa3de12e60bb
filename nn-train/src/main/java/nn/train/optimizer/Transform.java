package nn.train.optimizer;

import nn.tensor.Tensor;

/**
 * One part of a {@link Chain}: changes the direction of a step, which begins as the gradient. An immutable value; the
 * chain keeps its state. {@code toString} must give all numbers, as a record's does. One that divides the direction by
 * its largest element is
 *
 * <pre>{@code
 * record Largest() implements Transform {
 *     public double measure(Tensor direction, Tensor parameter, long step) {
 *         return direction.maxAbs();
 *     }
 *
 *     public void change(
 *             int from, int to, float[] d, float[] p, float[][] memory, double largest, double scale, long step) {
 *         float factor = largest == 0 ? 0 : (float) (scale / largest);
 *         for (int i = from; i < to; i++) {
 *             d[i] *= factor;
 *         }
 *     }
 *
 *     public double bound(double d, double p, double[] memory, int size, long step) {
 *         return 1;
 *     }
 * }
 * }</pre>
 */
public interface Transform {
    /**
     * Returns the number of tensors, of the parameter's shape, that are kept from step to step. They begin with zeros.
     *
     * @return 0 or more; 0 by default
     */
    default int memories() {
        return 0;
    }

    /**
     * Returns the smallest value that the elements of one of these tensors may have, see {@link UpdateRule#minimum}.
     *
     * @param memory its number, from 0
     * @return negative infinity by default
     */
    default double minimum(int memory) {
        return Double.NEGATIVE_INFINITY;
    }

    /**
     * Measures what the change of every element needs, such as a norm. It is called once in each step, before {@link
     * #change}.
     *
     * @param direction of the parameter's shape; not to be changed
     * @param parameter the parameter's values, before this step; not to be changed
     * @param step the number of this step, from 1
     * @return the number that {@link #change} gets; 1 by default
     */
    default double measure(Tensor direction, Tensor parameter, long step) {
        return 1;
    }

    /**
     * Changes a range of the direction. Several threads may call it at once, for different ranges. It must not throw.
     *
     * @param from the first index
     * @param to the index after the last
     * @param d the direction, to be changed
     * @param p the parameter's values, before this step; not to be changed
     * @param memory the tensors that are kept, to be changed
     * @param measured the result of {@link #measure}
     * @param scale what to multiply the new direction by, but nothing that is kept: the learning rate for the last
     *     transform of a chain, 1 for any other
     * @param step the number of this step, from 1
     */
    void change(int from, int to, float[] d, float[] p, float[][] memory, double measured, double scale, long step);

    /**
     * Returns an upper bound of every magnitude that can occur in a change with scale 1, apart from rounding, see
     * {@link TensorRule#magnitudeBound}.
     *
     * @param d an upper bound of the magnitudes of the direction's elements
     * @param p an upper bound of the magnitudes of the parameter's values
     * @param memory an upper bound of the magnitudes of each tensor that is kept; to be set to the bounds after the
     *     step
     * @param size the number of elements of the parameter
     * @param step the number of the step, from 1
     * @return the bound; infinity or NaN if there is none: the trainer then checks every value after the step
     */
    double bound(double d, double p, double[] memory, int size, long step);

    /**
     * Returns a transform that brings each element into [-max, max].
     *
     * @param max the largest magnitude of an element, above 0
     * @return the transform
     * @throws IllegalArgumentException if it is not above 0, or not finite as a float
     */
    static Transform clip(double max) {
        return new Transforms.Clip(max);
    }

    /**
     * Returns a transform that scales the direction of each parameter by {@code min(1, max / norm)}, for its Euclidean
     * norm. {@link Clipping#norm} clips all parameters together.
     *
     * @param max the largest norm, above 0
     * @return the transform
     * @throws IllegalArgumentException if it is not above 0, or not finite as a float
     */
    static Transform clipNorm(double max) {
        return new Transforms.ClipNorm(max);
    }

    /**
     * Returns a transform that adds weight decay: {@code d + decay p}. Before {@link #adam} it is {@link Adam}'s, after
     * it {@link AdamW}'s.
     *
     * @param decay 0 or more
     * @return the transform
     * @throws IllegalArgumentException if it is negative, or not finite as a float
     */
    static Transform decay(double decay) {
        return new Transforms.Decay(decay);
    }

    /**
     * Returns a transform to momentum, as in {@link Sgd}: {@code b = momentum b + d}, and the new direction is b.
     *
     * @param momentum above 0 and below 1
     * @return the transform
     * @throws IllegalArgumentException if it is out of range
     */
    static Transform momentum(double momentum) {
        return new Transforms.Momentum(momentum, false);
    }

    /**
     * Returns a transform to Nesterov's momentum, as in {@link Sgd}: {@code b = momentum b + d}, and the new direction
     * is {@code d + momentum b}.
     *
     * @param momentum above 0 and below 1
     * @return the transform
     * @throws IllegalArgumentException if it is out of range
     */
    static Transform nesterov(double momentum) {
        return new Transforms.Momentum(momentum, true);
    }

    /**
     * Returns a transform to the mean of the directions, divided by the root of the mean of their squares, as in {@link
     * Adam}.
     *
     * @param beta1 weight of the past in the mean, in [0, 1)
     * @param beta2 weight of the past in the mean of squares, in [0, 1)
     * @param epsilon keeps the division finite; {@code epsilon sqrt(1 - beta2)} must be 2^-39 (1.8e-12) or more
     * @return the transform
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Transform adam(double beta1, double beta2, double epsilon) {
        return new Transforms.Moments(beta1, beta2, epsilon);
    }

    /**
     * Returns a transform to the direction, divided by the root of the mean of its squares, as in {@link RmsProp}.
     *
     * @param smoothing weight of the past in the mean of squares, in [0, 1)
     * @param epsilon keeps the division finite, 2^-39 (1.8e-12) or more
     * @return the transform
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Transform rootMeanSquare(double smoothing, double epsilon) {
        return new Transforms.RootMeanSquare(smoothing, epsilon);
    }

    /**
     * Returns a transform to the sign of each element: 1, -1 or 0.
     *
     * @return the transform
     */
    static Transform sign() {
        return new Transforms.Sign();
    }

    /**
     * Returns a transform that multiplies by a number.
     *
     * @param factor 0 or more
     * @return the transform
     * @throws IllegalArgumentException if it is negative, or not finite as a float
     */
    static Transform times(double factor) {
        return new Transforms.Times(factor);
    }

    /**
     * Returns a transform that gives the direction of each parameter the Euclidean norm of the parameter, so that the
     * learning rate is relative to it; if either norm is 0, nothing changes. After momentum this is LARS (You et al.,
     * <i>Large batch training of convolutional networks</i>, 2017), after {@link #adam} and {@link #decay} LAMB (You et
     * al., <i>Large batch optimization for deep learning</i>, ICLR 2020).
     *
     * @return the transform
     */
    static Transform trustRatio() {
        return new Transforms.TrustRatio();
    }
}
