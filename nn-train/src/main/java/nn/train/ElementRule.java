package nn.train;

import nn.layers.Parameter;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A rule that treats every element alike. It hands the values to {@link #update} in arrays that begin at index 0: C2
 * turns a loop over several arrays into vector code only if all are indexed alike, which makes it several times faster.
 * Parameters and {@link nn.layers.Gradients} are such arrays by themselves; views are copied.
 */
abstract class ElementRule implements UpdateRule {
    private final Parameter parameter;

    ElementRule(Parameter parameter) {
        this.parameter = parameter;
    }

    /** A tensor of the parameter's size, for state, beginning at index 0 of its array; all zero. */
    static Tensor like(Parameter parameter) {
        return Tensor.zeros(parameter.value().shape());
    }

    /**
     * Changes the first {@code n} values p by the first n gradients g.
     */
    abstract void update(int n, float[] p, float[] g, double rate, long step);

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
        float[] p = fromZero(value);
        update(value.size(), p, fromZero(gradient), rate, step);
        if (p != value.array()) {
            System.arraycopy(p, 0, value.array(), value.offset(), value.size());
        }
    }

    private static float[] fromZero(Tensor t) {
        return t.offset() == 0 ? t.array() : t.toArray();
    }
}
