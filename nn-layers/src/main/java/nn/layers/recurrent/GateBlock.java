package nn.layers.recurrent;

import java.util.List;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.ColumnPanels;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of some gates side by side, so that one product computes the numbers of all of them: Wx [inputs x
 * gates * units], Wh [units x gates * units] and b [gates * units]. Parameters change from step to step, so each
 * forward pass copies them, except those that a context keeps. One gate alone is not copied. Where a context keeps them
 * and a batch has few rows, the steps read Wh as {@linkplain ColumnPanels panels of columns}.
 */
final class GateBlock {
    private final List<Gate> gates;
    private final Shape inputShape;
    private final Shape recurrentShape;
    private final Shape transposedShape;
    private final Shape biasShape;
    private Tensor input = Tensor.zeros(0); // before the first forward pass
    private Tensor recurrent = input;
    private Tensor bias = input;
    private Tensor transposed = input; // before the first backward pass
    private @Nullable ColumnPanels panels; // of the recurrent weight, once a second pass has had the same numbers
    private @Nullable ColumnPanels panelsInUse; // by this pass; null if its batch has many rows

    /** The values of each gate's input weight, recurrent weight and bias that were copied, if they never change. */
    private final @Nullable Tensor[] kept;

    GateBlock(List<Gate> gates) {
        this.gates = gates;
        kept = new Tensor[3 * gates.size()];
        int inputs = gates.getFirst().input().value().dim(0);
        int units = gates.getFirst().input().value().dim(1);
        inputShape = Shape.of(inputs, gates.size() * units);
        recurrentShape = Shape.of(units, gates.size() * units);
        transposedShape = Shape.of(gates.size() * units, units);
        biasShape = Shape.of(gates.size() * units);
    }

    /**
     * Copies the weights for a forward pass and its backward pass. The copies are the block's own.
     *
     * @param batch rows of a state
     */
    void copyWeights(Context context, int batch) {
        if (gates.size() == 1) {
            input = context.value(gates.getFirst().input());
            recurrent = context.value(gates.getFirst().recurrent());
            bias = context.value(gates.getFirst().bias());
            return;
        }
        if (bias.size() == 0) {
            input = Tensor.aligned(inputShape);
            recurrent = Tensor.aligned(recurrentShape);
            bias = Tensor.zeros(biasShape);
        }
        boolean changed = false;
        for (int g = 0; g < gates.size(); g++) {
            copy(gates.get(g).input(), context, input, g, 3 * g);
            changed |= copy(gates.get(g).recurrent(), context, recurrent, g, 3 * g + 1);
            copy(gates.get(g).bias(), context, bias, g, 3 * g + 2);
        }
        usePanels(changed, batch);
    }

    /** Decides whether this pass reads the recurrent weight as panels, made for a second pass with the same numbers. */
    private void usePanels(boolean changed, int batch) {
        if (changed) {
            panels = null;
        }
        boolean pays = !changed && ColumnPanels.suit(recurrentShape, batch);
        if (pays && panels == null) {
            panels = ColumnPanels.of(recurrent);
        }
        panelsInUse = pays ? panels : null;
    }

    /** Copies a parameter of gate g and returns true, unless the block has its numbers already. */
    private boolean copy(Parameter parameter, Context context, Tensor to, int g, int number) {
        Tensor value = context.value(parameter);
        if (value == kept[number]) {
            return false;
        }
        copyColumns(value, 0, to, g);
        kept[number] = context.keepsValue(parameter) ? value : null;
        return true;
    }

    /** Computes z = x Wx + b for some steps at once; x [time x batch x inputs], z [time x batch x gates * units]. */
    void fromInputs(Tensor x, Tensor z) {
        x.matmulPlusRowInto(input, bias, z);
    }

    /** Computes z += h Wh for one step; h [batch x units], z [batch x gates * units]. */
    void addStateProduct(Tensor h, Tensor z) {
        ColumnPanels some = panelsInUse;
        if (some == null) {
            h.matmulAddInto(recurrent, Transposed.NONE, z);
        } else {
            some.addProductInto(h, z, false); // small enough for a cache, so the direction makes no difference
        }
    }

    /** Wh [units x gates * units]. */
    Tensor recurrent() {
        return recurrent;
    }

    /** Computes Wh'. One transposition per sequence makes each backward step a plain product. */
    void transpose() {
        if (transposed.size() == 0) {
            transposed = Tensor.aligned(transposedShape);
        }
        recurrent.transposeInto(transposed);
    }

    /** Wh' [gates * units x units]. */
    Tensor transposed() {
        return transposed;
    }

    /** Adds the gradients of Wx and b, from dz at all steps. */
    void addInputGradients(Tensor x, Tensor dz, Gradients gradients, Context context) {
        addProduct(true, x, dz, gradients, context);
        Tensor bias = context.empty(biasShape);
        for (int g = 0; g < gates.size(); g++) {
            copyColumns(gradients.of(gates.get(g).bias()), 0, bias, g);
        }
        dz.addSumOfRowsInto(bias);
        for (int g = 0; g < gates.size(); g++) {
            copyColumns(bias, g, gradients.of(gates.get(g).bias()), 0);
        }
        context.release(bias);
    }

    /** Adds the gradient of Wh, from dz at all steps and the states before them. */
    void addStateGradient(Tensor before, Tensor dz, Gradients gradients, Context context) {
        addProduct(false, before, dz, gradients, context);
    }

    /** Adds x' dz to the gradients of Wx or of Wh. */
    private void addProduct(boolean ofInput, Tensor x, Tensor dz, Gradients gradients, Context context) {
        if (gates.size() == 1) {
            gradients.addWeightGradient(weight(0, ofInput), x, dz);
            return;
        }
        Tensor sums = context.empty(ofInput ? inputShape : recurrentShape);
        for (int g = 0; g < gates.size(); g++) {
            copyColumns(gradients.of(weight(g, ofInput)), 0, sums, g);
        }
        x.matmulAddInto(dz, Transposed.LEFT, sums);
        for (int g = 0; g < gates.size(); g++) {
            copyColumns(sums, g, gradients.of(weight(g, ofInput)), 0);
        }
        context.release(sums);
    }

    private Parameter weight(int gate, boolean ofInput) {
        return ofInput ? gates.get(gate).input() : gates.get(gate).recurrent();
    }

    /** Computes dx = dz Wx'. */
    void inputGradient(Tensor dz, Tensor dx) {
        dz.matmulInto(input, Transposed.RIGHT, dx);
    }

    /** Computes dx += dz Wx'. */
    void addInputGradient(Tensor dz, Tensor dx) {
        dz.matmulAddInto(input, Transposed.RIGHT, dx);
    }

    /** Copies the block of columns of one gate; a tensor of one gate has one block, number 0. */
    private static void copyColumns(Tensor from, int fromBlock, Tensor to, int toBlock) {
        int step = from.dim(-1);
        int toStep = to.dim(-1);
        int units = Math.min(step, toStep);
        int rows = from.size() / step;
        for (int i = 0; i < rows; i++) {
            System.arraycopy(
                    from.array(),
                    from.offset() + i * step + fromBlock * units,
                    to.array(),
                    to.offset() + i * toStep + toBlock * units,
                    units);
        }
    }
}
