package nn.train.optimizer;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import nn.layers.Parameter;
import nn.tensor.ParallelLoop;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * An update rule that treats every element alike: the base of all built-in rules and of custom ones. A subclass writes
 * one loop, {@link #update}, and one bound, {@link #magnitudeBound}. Plain gradient descent is
 *
 * <pre>{@code
 * final class Descent extends ElementRule {
 *     Descent(Parameter parameter) {
 *         super(parameter, 0);
 *     }
 *
 *     protected void update(int from, int to, float[] p, float[] g, double rate, long step) {
 *         float r = (float) rate;
 *         for (int i = from; i < to; i++) {
 *             p[i] -= r * g[i];
 *         }
 *     }
 *
 *     protected double magnitudeBound(double p, double g, double[] memory, double rate, long step) {
 *         return p + rate * g;
 *     }
 * }
 * }</pre>
 *
 * <p>Values come in arrays that begin at index 0. The JIT compiler vectorizes a loop over several arrays only if it
 * indexes all of them alike, and if the loop is short, which makes it several times faster. It cannot know that they
 * are different arrays, so after a store it reads a value again: keep each in a local variable. Parameters and {@link
 * nn.layers.Gradients} are such arrays already; views are copied. Large parameters are split into parts, which several
 * threads update at once.
 *
 * <p>Bounds rule out overflow. Checking every value at every step would cost half as much as Adam's update itself.
 * Instead, the norm of the gradient, which is known, limits how far a step can move a bound of the state. So a step
 * checks the state only if its bound is unknown or too large. It checks the parameter, which other code may write to,
 * unless the rule {@linkplain #movesIndependently says} that any finite parameter stays finite.
 *
 * <p>If the bounds show that a step is safe, the trainer keeps no copy of the values before it. So {@link #prepare} and
 * {@link #update} must not throw. If one does, the trainer refuses to continue until a state is restored.
 */
public abstract class ElementRule implements UpdateRule {
    /** Far enough below the largest float (3.4e38) for any rounding on the way. */
    private static final double LIMIT = 1e37;

    /** Moves below this leave every finite float finite: half the distance of the two largest floats is 2^103. */
    private static final double SMALL_MOVE = 0x1p100;

    /** Large enough that neighbouring floats differ by the smallest normal float (2^-126) or more. */
    static final float COARSE = 0x1p-102f;

    /** The same for values that are multiplied by a learning rate of 2^-23 (1.2e-7) or more. */
    static final float COARSE_MEAN = 0x1p-79f;

    /**
     * The smallest epsilon for which floats are enough for mean squares. {@link #roundMeanSquare} rounds to a multiple
     * of 2^-125, so a root is off by 2^-63 at most; relative to this epsilon that is half of a float's last bit.
     */
    private static final double LEAST_FOR_FLOATS = 0x1p-39;

    /** Mean squares below this are kept in a second tensor, see {@link #low}. */
    private static final double LOW = 0x1p-100;

    /** The unit of that tensor, in which the square of the smallest normal float is a normal float. */
    private static final double LOW_UNIT = 0x1p-200;

    /** Stands for the arrays between two steps, so that a rule keeps no gradient alive. */
    private static final float[] NOTHING = {};

    private final Parameter parameter;
    private final List<Tensor> memory;
    private double[] bounds; // of the magnitudes in memory; valid only if known
    private double[] next; // the bounds after the step that isSafe was asked about; valid only if asked
    private boolean known;
    private boolean asked;
    private final ParallelLoop.Body part = this::updatePart; // a field, as the next four, so that no step allocates
    private float[] values = NOTHING;
    private float[] gradients = NOTHING;
    private double rate;
    private long step;

    /**
     * Creates a rule whose state is some tensors of the parameter's shape, all zero.
     *
     * @param parameter whose values the rule changes
     * @param memories the number of tensors, 0 or more
     */
    protected ElementRule(Parameter parameter, int memories) {
        this.parameter = parameter;
        this.memory = Stream.generate(() -> Tensor.zeros(parameter.value().shape()))
                .limit(memories)
                .toList();
        this.bounds = new double[memories];
        this.next = new double[memories];
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
     * Returns whether epsilon is so small that mean squares need more than a float's range. Squares of gradients below
     * 1e-19 are 0 as floats, although the gradients and their means are not: a step would be divided by epsilon alone.
     * If so, the rule keeps a mean square as {@link #high} and {@link #low} in two tensors and computes in double,
     * which is slower.
     */
    static boolean needsLowSquares(double epsilon) {
        return epsilon < LEAST_FOR_FLOATS;
    }

    /** Returns the mean square that is kept as {@link #high} and {@link #low}. */
    static double square(float high, float low) {
        return high + low * LOW_UNIT;
    }

    /** Returns a mean square as a float, or 0 if it is below 2^-100. */
    static float high(double square) {
        return square < LOW ? 0f : (float) square;
    }

    /** Returns a mean square below 2^-100, multiplied by 2^200, as a normal number or 0; 0 for a larger one. */
    static float low(double square) {
        float low = square < LOW ? (float) (square / LOW_UNIT) : 0f;
        return low < Float.MIN_NORMAL ? 0f : low;
    }

    /** Returns an upper bound of {@link #low}. */
    static double lowBound() {
        return LOW / LOW_UNIT;
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
     * Prepares a step. It is called once before {@link #update}, which several threads may call for parts. Does nothing
     * by default.
     *
     * @param step the number of this step, from 1
     */
    protected void prepare(long step) {}

    /**
     * Changes a range of the values by the gradient.
     *
     * @param from the first index
     * @param to the index after the last
     * @param p the parameter's values, to be changed
     * @param g the gradient; not changed
     * @param rate the learning rate of this step
     * @param step the number of this step, from 1
     */
    protected abstract void update(int from, int to, float[] p, float[] g, double rate, long step);

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
        this.rate = rate;
        this.step = step;
        prepare(step);
        ParallelLoop.run(value.size(), part);
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

    private void updatePart(int from, int to) {
        update(from, to, values, gradients, rate, step);
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
