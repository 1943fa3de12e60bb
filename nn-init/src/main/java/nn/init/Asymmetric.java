package nn.init;

import java.util.Locale;
import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Randomized asymmetric initialization, against networks that are born dead. A narrow, deep ReLU network with symmetric
 * weights and zero biases often has a layer whose units are all inactive, whatever the input; it then computes a
 * constant, and no gradient revives it. Here each unit has one positive entry among its weights and its bias, {@code
 * [w b]}: it is Beta(2, 1), of density 2x on (0, 1), the others N(0, s^2 / in) with s = 0.6007. From Lu, Shin, Su and
 * Karniadakis, <i>Dying ReLU and initialization: theory and numerical examples</i> (2019).
 *
 * <p>For ReLU layers of very few units; a wide network does not need it. (Of networks with 3 units in each of 9
 * layers, 58 in 100 are born dead with He weights, 6 with these.)
 *
 * <p>Weight and bias must agree on the entry, although each is filled separately with its own key. So they share
 * {@code choices}: for unit j, element 0 of {@code choices.child("asymmetric").child(j)} gives the place, {@code
 * word * (in + 1) >>> 32} with the word unsigned, the bias coming after the {@code in} weights; and the largest of two
 * uniform values, which is Beta(2, 1), is sqrt(u) with u = {@code ((word >>> 8) + 0.5) * 2^-24} of element 1. The key
 * of the layer is a good choice:
 *
 * <pre>{@code
 * .layer("hidden1", (in, key) -> Dense.units(3)
 *         .weight(Init.asymmetricWeight(key)).bias(Init.asymmetricBias(key))
 *         .create(in, key))
 * }</pre>
 *
 * <p>Two layers with the same choices key would choose the same entries. The last axis counts the units; before it, a
 * weight has as many elements as the fan in, a bias none.
 *
 * @param part the parameter that this fills
 * @param choices the key of the choice, the same for both
 */
public record Asymmetric(Part part, Key choices) implements Initializer {
    /** A layer's two parameters. */
    public enum Part {
        /** W [... x units], with as many rows as the fan in. */
        WEIGHT,
        /** b [units]. */
        BIAS
    }

    /** s, the standard deviation of the other entries times sqrt(in). */
    private static final double STDDEV = 0.6007;

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public Asymmetric {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(choices, "choices");
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if a weight does not have as many rows as the fan in, or a bias has rows
     * @throws IllegalArgumentException if the fan in is not a whole number
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        int units = out.shape().rank() == 0 ? 1 : out.dim(-1);
        int inputs = (int) fans.in();
        if (inputs != fans.in()) {
            throw new IllegalArgumentException(name() + ": fan in " + Arguments.brief(fans.in())
                    + " must be a whole number, the weights of each unit");
        }
        int first = part == Part.WEIGHT ? 0 : inputs;
        int rows = part == Part.WEIGHT ? inputs : 1;
        if (out.size() != (long) rows * units) {
            throw new ShapeException(
                    name() + ": expected "
                            + (part == Part.WEIGHT
                                    ? rows + " weights for each unit, as the fan in says"
                                    : "one bias for each unit")
                            + ", got shape " + out.shape(),
                    part == Part.WEIGHT ? "[" + rows + " x units]" : "[units]",
                    out.shape());
        }
        key.normal(out, 0, (float) (STDDEV / Math.sqrt(fans.in())));
        Key all = choices.child("asymmetric");
        for (int j = 0; j < units; j++) {
            Key unit = all.child(j);
            int place = (int) ((unit.word(0) & 0xFFFFFFFFL) * (inputs + 1L) >>> 32) - first;
            if (place >= 0 && place < rows) {
                double u = ((unit.word(1) >>> 8) + 0.5) * 0x1p-24;
                out.array()[out.offset() + place * units + j] = (float) Math.sqrt(u);
            }
        }
    }

    private String name() {
        return "asymmetric " + part.name().toLowerCase(Locale.ROOT);
    }

    /** Such as {@code asymmetric weight(choices 0123456789abcdef0123456789abcdef)}, the digits of the key. */
    @Override
    public String toString() {
        return name() + "(choices " + choices.hex() + ")";
    }
}
