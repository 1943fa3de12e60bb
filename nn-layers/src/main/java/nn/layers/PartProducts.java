package nn.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.ProductTree;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Operands of the products that are gradients of weights, for the parts of a batch. A part with few rows has small
 * operands and a large gradient. So {@link Gradients} that {@linkplain Gradients#keepOperands keep operands} compute
 * the sum over all parts at once, with the bits of products that were computed and added part by part.
 *
 * <p>All gradients of a batch share one of these. Different parts may be computed by different threads at a time.
 */
public final class PartProducts {
    /** Elements of a gradient; smaller ones stay in a first-level cache. */
    private static final int WORTH = 1 << 12;

    private final int parts;
    private final Map<Parameter, OfWeight> byWeight = new IdentityHashMap<>();
    private final List<OfWeight> all = new ArrayList<>(); // of the map
    private Tensor input = Tensor.zeros(0);

    /**
     * Creates room for operands, which is allocated when it is needed.
     *
     * @param parts the number of parts, 1 or more
     * @throws IllegalArgumentException if it is below 1
     */
    public PartProducts(int parts) {
        if (parts < 1) {
            throw new IllegalArgumentException("products of " + parts + " parts; give 1 or more");
        }
        this.parts = parts;
    }

    /**
     * Forgets all operands. Call it before the first part of a batch.
     *
     * @param batch the inputs, of any shape, which do not change until the gradients are complete: operands that are
     *     views of them are not copied
     */
    public synchronized void begin(Tensor batch) {
        input = Objects.requireNonNull(batch, "batch");
        for (int i = 0; i < all.size(); i++) { // by index, which makes no iterator
            all.get(i).tree.clear();
        }
    }

    int parts() {
        return parts;
    }

    /** Returns the products of a weight; null if it is no matrix or so small that operands are not worth keeping. */
    synchronized @Nullable OfWeight of(Parameter weight) {
        if (weight.value().shape().rank() != 2 || weight.value().size() < WORTH) {
            return null;
        }
        OfWeight products = byWeight.get(weight);
        if (products == null) {
            products = new OfWeight(weight.value().dim(0), weight.value().dim(1));
            byWeight.put(weight, products);
            all.add(products);
        }
        return products;
    }

    /** The products of one weight. */
    final class OfWeight {
        final ProductTree tree;
        private final @Nullable Tensor[] lefts = new @Nullable Tensor[parts]; // copies of operands
        private final @Nullable Tensor[] rights = new @Nullable Tensor[parts];

        OfWeight(int rows, int columns) {
            tree = new ProductTree(parts, rows, columns);
        }

        void set(int part, Tensor x, Tensor dy) {
            tree.set(part, kept(x, lefts, part), kept(dy, rights, part));
        }

        private Tensor kept(Tensor operand, @Nullable Tensor[] copies, int part) {
            if (operand.array() == input.array()) {
                return operand;
            }
            Tensor copy = copies[part];
            if (copy == null || !copy.shape().equals(operand.shape())) {
                copy = Tensor.zeros(operand.shape());
                copies[part] = copy;
            }
            copy.copyFrom(operand);
            return copy;
        }
    }
}
