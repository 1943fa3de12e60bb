package nn.layers.graph;

import java.util.HashMap;
import java.util.Map;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Runs the operations of a formula. */
final class FormulaPass extends Pass {
    private final Formula formula;

    /** The passes of the layers inside, by their order in the formula, for all shapes. */
    private final Map<Integer, Pass> passes = new HashMap<>();

    private @Nullable Program program; // for the last shape

    FormulaPass(Formula formula) {
        super(formula);
        this.formula = formula;
    }

    private Program program(Shape in) {
        Program held = program;
        if (held == null || !held.inputShape().equals(in)) {
            Node x = Node.input(in);
            held = new Program(formula, x, formula.output(x), this::pass);
            program = held;
        }
        return held;
    }

    private Pass pass(int index, Layer layer) {
        Pass held = passes.get(index);
        if (held == null || held.layer() != layer) {
            held = Pass.of(layer);
            passes.put(index, held);
        }
        return held;
    }

    @Override
    protected Tensor forward(Tensor x, Context context) {
        return program(inputShape()).forward(x, context);
    }

    @Override
    protected Tensor backward(Tensor dy, Gradients gradients) {
        return program(inputShape()).backward(dy, gradients, context());
    }

    @Override
    protected void backwardParameters(Tensor dy, Gradients gradients) {
        program(inputShape()).backwardParameters(dy, gradients, context());
    }
}
