package nn.init.nonlinearity;

import nn.tensor.Tensor;

/**
 * A {@link Nonlinearity} for whole tensors, in float: the function of every element, and the gradient of the loss at
 * the input. Layers get one by {@link Nonlinearity#newKernel} and keep it, so that a step of training makes no objects.
 *
 * <p>A kernel may keep room for intermediate results, and is then for one thread at a time. One without any fields that
 * change may be the nonlinearity itself. Both methods fill a tensor that is given; whatever that held before does not
 * count. All tensors of a call have the same shape, and may begin within their arrays, at {@link Tensor#offset()}.
 */
public interface ElementwiseKernel {
    /**
     * Computes f of every element.
     *
     * @param x the pre-activations; not changed, unless {@code y} has the same memory
     * @param y receives f(x). If {@link #gradientFromOutput()}, it may have the memory of x, element by element, as a
     *     layer need not keep both; otherwise it shares none with x
     */
    void apply(Tensor x, Tensor y);

    /**
     * Computes the gradient at the input, dy f'(x) for every element.
     *
     * @param saved what the layer kept: x, or f(x) if {@link #gradientFromOutput()}; not changed
     * @param dy gradient of the loss at f(x); not changed
     * @param dx receives the gradient of the loss at x; shares no memory with the other two
     */
    void gradient(Tensor saved, Tensor dy, Tensor dx);

    /**
     * Whether {@link #gradient} computes from f(x) instead of x, as that of tanh, {@code dy (1 - y^2)}. A layer then
     * saves its output, which the next layer often saves too, and a recurrent one needs half of the memory. Always the
     * same.
     *
     * @return false by default
     */
    default boolean gradientFromOutput() {
        return false;
    }

    /**
     * One number where v is above 0, the other elsewhere, NaN included; without a branch, which would be mispredicted
     * for every other of random signs.
     *
     * @param v any number
     * @param above the result if v is above 0
     * @param elsewhere the result if v is 0, below 0 or NaN
     * @return the bits of one of the two
     */
    static float choose(float v, float above, float elsewhere) {
        int bits = Float.floatToRawIntBits(v);
        // all ones unless 0 < bits <= those of infinity
        int mask = (bits - 1 | Float.floatToRawIntBits(Float.POSITIVE_INFINITY) - bits | bits) >> 31;
        int a = Float.floatToRawIntBits(above);
        return Float.intBitsToFloat(a ^ (a ^ Float.floatToRawIntBits(elsewhere)) & mask);
    }
}
