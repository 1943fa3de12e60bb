package nn.layers.network;

import java.util.Objects;
import nn.tensor.ColumnPanels;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The values of a parameter at one time, for predictions. They are kept in the form that layers ask for, as a tensor or
 * as panels of columns: in both only if both were asked for. Several threads may ask at a time.
 */
final class KeptValue {
    private volatile @Nullable Tensor tensor; // null until asked for
    private volatile @Nullable ColumnPanels panels; // null until asked for
    private @Nullable Tensor copy; // until one of the two is asked for

    /** Copies the values of now. */
    KeptValue(Tensor now) {
        Tensor values = Tensor.aligned(now.shape());
        values.copyFrom(now);
        copy = values;
    }

    Tensor tensor() {
        Tensor made = tensor;
        return made == null ? makeTensor() : made;
    }

    private synchronized Tensor makeTensor() {
        Tensor made = tensor;
        if (made == null) {
            made = copy;
            if (made == null) {
                ColumnPanels source = Objects.requireNonNull(panels);
                made = Tensor.aligned(source.shape());
                source.copyInto(made);
            }
            tensor = made;
            copy = null;
        }
        return made;
    }

    /** The values of a matrix. */
    ColumnPanels panels() {
        ColumnPanels made = panels;
        return made == null ? makePanels() : made;
    }

    private synchronized ColumnPanels makePanels() {
        ColumnPanels made = panels;
        if (made == null) {
            made = ColumnPanels.of(Objects.requireNonNullElse(tensor, copy));
            panels = made;
            copy = null;
        }
        return made;
    }
}
