package nn.layers.recurrent;

import nn.tensor.ColumnPanels;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;

/**
 * The weight that every step of a pass multiplies a state by. If its numbers stay from pass to pass, as in a {@link
 * nn.layers.network.Predictor}, and a batch has few rows, products read it as {@linkplain ColumnPanels panels of
 * columns}, which are made once.
 */
final class StateWeight {
    private Tensor weight = Tensor.zeros(0); // before the first pass
    private @Nullable ColumnPanels panels; // of the weight as it is; null until they are needed
    private boolean inPanels;

    /**
     * Sets the weight for a pass.
     *
     * @param weight Wh [units x columns]
     * @param changed whether it may have other numbers than in the pass before, if it is the same tensor
     * @param stays whether its numbers stay for later passes
     * @param rows of the batch
     */
    void begin(Tensor weight, boolean changed, boolean stays, int rows) {
        if (changed || weight != this.weight) {
            panels = null;
        }
        this.weight = weight;
        inPanels = stays && ColumnPanels.suit(weight.shape(), rows);
        if (inPanels && panels == null) {
            panels = ColumnPanels.of(weight);
        }
    }

    /** Computes z += h Wh; h [batch x units], z [batch x columns]. */
    void addProduct(Tensor h, Tensor z) {
        ColumnPanels some = panels;
        if (inPanels && some != null) {
            some.addProductInto(h, z, false); // small enough for a cache, so the direction makes no difference
        } else {
            h.matmulAddInto(weight, Transposed.NONE, z);
        }
    }

    /** Computes z = h Wh + b; h [batch x units], b [columns], z [batch x columns]. */
    void productPlusRow(Tensor h, Tensor row, Tensor z) {
        ColumnPanels some = panels;
        if (inPanels && some != null) {
            some.productPlusRowInto(h, row, z, false);
        } else {
            h.matmulPlusRowInto(weight, row, z);
        }
    }
}
