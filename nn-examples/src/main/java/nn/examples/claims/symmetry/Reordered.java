package nn.examples.claims.symmetry;

import java.util.List;
import java.util.SequencedMap;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A model whose gradients are summed in different orders, as in ordinary matrix kernels. The columns from 32 on sum
 * over the examples from the last to the first.
 *
 * @param inner the model
 */
public record Reordered(Layer inner) implements Layer {
    private static final int EDGE = 32;

    @Override
    public Pass newPass() {
        return new BothOrders();
    }

    /** Two passes of the model, over the examples in order and in reverse. */
    private final class BothOrders extends Pass {
        private final Pass there = inner.newPass();
        private final Pass back = inner.newPass();

        BothOrders() {
            super(Reordered.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            context.run(back, save(reversed(x)));
            return context.run(there, x);
        }

        @Override
        protected Tensor backward(Tensor dOutput, Gradients gradients) {
            Gradients first = new Gradients(inner.parameters());
            Gradients second = new Gradients(inner.parameters());
            Tensor dx = there.pullback(dOutput, first);
            back.pullback(reversed(dOutput), second);
            for (Parameter p : inner.parameters()) {
                Tensor a = first.of(p);
                Tensor b = second.of(p);
                int columns = a.dim(-1);
                for (int i = 0; i < a.size(); i++) {
                    if (i % columns >= EDGE) {
                        a.array()[a.offset() + i] = b.array()[b.offset() + i];
                    }
                }
            }
            gradients.add(first);
            return dx;
        }
    }

    private static Tensor reversed(Tensor x) {
        Tensor y = x.copy();
        for (int i = 0; i < x.dim(0); i++) {
            y.row(i).copyFrom(x.row(x.dim(0) - 1 - i));
        }
        return y;
    }

    @Override
    public Shape outputShape(Shape in) {
        return inner.outputShape(in);
    }

    @Override
    public List<Parameter> parameters() {
        return inner.parameters();
    }

    @Override
    public SequencedMap<String, Parameter> parametersByPath() {
        return inner.parametersByPath();
    }
}
