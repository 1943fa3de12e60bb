package nn.train.optimizer;

import java.util.Collections;
import nn.layers.Parameter;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
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
 * <p>Bounds rule out overflow, as {@link TensorRule} says. If they show that a step is safe, the trainer keeps no copy
 * of the values before it. So {@link #prepare} and {@link #update} must not throw. If one does, the trainer refuses to
 * continue until a state is restored.
 */
public abstract class ElementRule extends TensorRule {
    /**
     * The smallest epsilon for which floats are enough for mean squares. {@link #roundMeanSquare} rounds to a multiple
     * of 2^-125, so a root is off by 2^-63 at most; relative to this epsilon that is half of a float's last bit.
     */
    private static final double LEAST_FOR_FLOATS = 0x1p-39;

    /** Mean squares below this are kept in a second tensor, see {@link #low}. */
    private static final double LOW = 0x1p-100;

    /** The unit of that tensor, in which the square of the smallest normal float is a normal float. */
    private static final double LOW_UNIT = 0x1p-200;

    private final int size; // the number of elements
    private final ParallelLoop.Body part = this::updatePart; // a field, as the next two, so that no step allocates
    private double rate;
    private long step;

    /**
     * Creates a rule whose state is some tensors of the parameter's shape, all zero.
     *
     * @param parameter whose values the rule changes
     * @param memories the number of tensors, 0 or more
     */
    protected ElementRule(Parameter parameter, int memories) {
        super(
                parameter,
                Collections.nCopies(memories, parameter.value().shape()).toArray(Shape[]::new));
        this.size = parameter.value().size();
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

    @Override
    protected final void update(float[] p, float[] g, double rate, long step) {
        setStep(rate, step);
        ParallelLoop.run(size, part);
    }

    private void setStep(double rate, long step) {
        this.rate = rate;
        this.step = step;
        prepare(step);
    }

    /** Begins a step whose parts an {@link UpdateLoop} updates. */
    final void begin(Tensor gradient, double rate, long step) {
        begin(gradient);
        setStep(rate, step);
    }

    final int size() {
        return size;
    }

    /** Updates the elements {@code [from, to)}. */
    final void updatePart(int from, int to) {
        update(from, to, values(), gradients(), rate, step);
    }
}
