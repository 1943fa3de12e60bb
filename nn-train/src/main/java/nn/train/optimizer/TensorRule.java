package nn.train.optimizer;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * An update rule that computes with a parameter as a whole, such as the matrix that it is. Its state may be tensors of
 * other shapes, such as one number for each row. A rule that treats every element alike extends {@link ElementRule}
 * instead, which splits the work between threads.
 *
 * <p>A subclass writes {@link #update}, and one bound, {@link #magnitudeBound}. Bounds rule out overflow. Checking
 * every value at every step would cost half as much as Adam's update itself. Instead, the norm of the gradient, which
 * is known, limits how far a step can move a bound of the state. So a step checks the state only if its bound is
 * unknown or too large. It checks the parameter, which other code may write to, unless the rule {@linkplain
 * #movesIndependently says} that any finite parameter stays finite.
 *
 * <p>If the bounds show that a step is safe, the trainer keeps no copy of the values before it. So {@link #update} must
 * not throw. If it does, the trainer refuses to continue until a state is restored.
 */
public abstract class TensorRule implements UpdateRule {
    /** Far enough below the largest float (3.4e38) for any rounding on the way. */
    private static final double LIMIT = 1e37;

    /** Moves below this leave every finite float finite: half the distance of the two largest floats is 2^103. */
    private static final double SMALL_MOVE = 0x1p100;

    /** Large enough that neighbouring floats differ by the smallest normal float (2^-126) or more. */
    static final float COARSE = 0x1p-102f;

    /** The same for values that are multiplied by a learning rate of 2^-23 (1.2e-7) or more. */
    static final float COARSE_MEAN = 0x1p-79f;

    /** Stands for the arrays of a step between two steps, so that a rule keeps no gradient alive. */
    static final float[] NOTHING = {};

    private final Parameter parameter;
    private final List<Tensor> memory;
    private double[] bounds; // of the magnitudes in memory; valid only if known
    private double[] next; // the bounds after the step that isSafe was asked about; valid only if asked
    private boolean known;
    private boolean asked;
    private float[] values = NOTHING;
    private float[] gradients = NOTHING;

    /**
     * Creates a rule whose state is some tensors, all zero.
     *
     * @param parameter whose values the rule changes
     * @param memories the shape of each tensor; none for a rule without state
     */
    protected TensorRule(Parameter parameter, Shape... memories) {
        this.parameter = parameter;
        this.memory = Arrays.stream(memories).map(Tensor::zeros).toList();
        this.bounds = new double[memories.length];
        this.next = new double[memories.length];
    }

    /**
     * Rounds a mean square for the state to a normal number or 0. Otherwise a running mean of gradients that stay 0,
     * such as those of a dead unit, would decay to subnormal numbers and stay there, because 0.9 times the smallest is
     * rounded up again. A loop over such numbers takes several times as long. A number above 1e-30 keeps all but its
     * last bit.
     *
     * @param x 0 or more
     * @return a normal number or 0
     */
    protected static float roundMeanSquare(float x) {
        return x + COARSE - COARSE;
    }

    /**
     * Rounds a mean or a velocity to 0, or to a number that is still normal when it is multiplied by the rate.
     * Otherwise that product would be subnormal at every step. A number above 1e-23 keeps all but its last bit.
     *
     * @param x any
     * @return the rounded number
     */
    protected static float roundMean(float x) {
        return x + COARSE_MEAN - COARSE_MEAN;
    }

    /**
     * Rounds a number to a float, and a subnormal one to 0; see {@link #roundMean} for where smaller numbers count.
     *
     * @param x any
     * @return a normal number or 0
     */
    protected static float flushSubnormal(double x) {
        float rounded = (float) x;
        return Math.abs(rounded) < Float.MIN_NORMAL ? 0f : rounded;
    }

    /**
     * Returns the values of a state tensor.
     *
     * @param index its number, from 0
     * @return the values themselves, beginning at index 0
     */
    protected final float[] memory(int index) {
        return memory.get(index).array();
    }

    /**
     * Changes the values by the gradient.
     *
     * @param p the parameter's values in the order of a tensor, from index 0, to be changed
     * @param g the gradient, in the same order; not changed
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1
     */
    protected abstract void update(float[] p, float[] g, double rate, long step);

    /**
     * Returns an upper bound of every magnitude that can occur in an update, apart from rounding.
     *
     * @param p an upper bound of the magnitudes of the parameter's values
     * @param g an upper bound of the magnitudes of the gradient's elements
     * @param memory an upper bound of the magnitudes of each state tensor; to be set to the bounds after the update
     * @param rate the learning rate of the step
     * @param step the number of the step, from 1
     * @return the bound; infinity or NaN if there is none
     */
    protected abstract double magnitudeBound(double p, double g, double[] memory, double rate, long step);

    /**
     * Returns whether every finite element of the parameter stays finite if {@link #magnitudeBound} for p = 0 is
     * small. That holds if an element p becomes {@code factor * p + move}, computed in this form, where the factor is
     * from -1 to 1 and neither the move nor the state depends on p. By default it returns false: each step then looks
     * for the largest element, in a pass over the parameter.
     *
     * @param rate the learning rate of the step
     * @return true if a step needs no bound of the parameter
     */
    protected boolean movesIndependently(double rate) {
        return false;
    }

    @Override
    public final void apply(Tensor gradient, double rate, long step) {
        begin(gradient);
        update(values, gradients, rate, step);
        end();
    }

    /** Takes the arrays of a step. */
    final void begin(Tensor gradient) {
        Tensor value = parameter.value();
        if (!gradient.shape().equals(value.shape())) {
            throw new ShapeException(
                    "parameter '" + parameter.name() + "': expected a gradient of its shape " + value.shape() + ", got "
                            + gradient.shape(),
                    value.shape().toString(),
                    gradient.shape());
        }
        values = fromZero(value);
        gradients = fromZero(gradient);
    }

    /** The parameter's values in a step, from index 0. */
    final float[] values() {
        return values;
    }

    /** The gradient in a step, from index 0. */
    final float[] gradients() {
        return gradients;
    }

    /** Writes back what is updated, and makes the bounds of this step those of the state. */
    final void end() {
        Tensor value = parameter.value();
        if (values != value.array()) {
            System.arraycopy(values, 0, value.array(), value.offset(), value.size());
        }
        values = NOTHING;
        gradients = NOTHING;
        known = asked;
        asked = false;
        double[] before = bounds;
        bounds = next;
        next = before;
    }

    private static float[] fromZero(Tensor t) {
        return t.offset() == 0 ? t.array() : t.toArray();
    }

    @Override
    public final boolean isSafe(double largest, double rate, long step) {
        asked = true;
        if (known && movesIndependently(rate) && bound(0, largest, rate, step) < SMALL_MOVE && isNextFinite()) {
            return true;
        }
        double p = parameter.value().maxAbs();
        if (known && staysFinite(p, largest, rate, step)) {
            return true;
        }
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = memory.get(i).maxAbs();
        }
        known = true;
        return staysFinite(p, largest, rate, step);
    }

    private boolean staysFinite(double p, double largest, double rate, long step) {
        return bound(p, largest, rate, step) < LIMIT && isNextFinite(); // false for NaN
    }

    /** Bounds the magnitudes in an update, and sets the next bounds of the state. */
    private double bound(double p, double largest, double rate, long step) {
        System.arraycopy(bounds, 0, next, 0, bounds.length);
        return magnitudeBound(p, largest, next, rate, step);
    }

    private boolean isNextFinite() {
        boolean finite = true;
        for (double bound : next) {
            finite &= bound < LIMIT;
        }
        return finite;
    }

    @Override
    public final List<Tensor> state() {
        known = false; // the caller may write to the tensors
        asked = false;
        return Collections.unmodifiableList(memory);
    }
}
