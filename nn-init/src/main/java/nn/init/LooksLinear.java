package nn.init;

import java.util.Locale;
import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Mirrored blocks, so that a ReLU network starts as a linear one: since {@code relu(z) - relu(-z) = z}, a unit and its
 * mirror image together pass everything on. The gradient at neighbouring inputs then is the same, where that of a deep
 * ReLU network with independent weights is white noise. From Balduzzi, Frean, Leary, Lewis, Ma and McWilliams, <i>The
 * shattered gradients problem: if ResNets are the answer, then what is the question?</i> (ICML 2017).
 *
 * <p>For deep networks of ReLU without skip connections. With a square orthogonal block, output and gradient keep their
 * length exactly at any depth. Learning is free to break the mirror.
 *
 * <ul>
 *   <li>With CReLU, z to (relu(z), relu(-z)), every weight that reads one takes {@link Mirror#INPUTS}.
 *   <li>With plain ReLU, whose first half of the units has the second as its mirror, the first weight takes {@link
 *       Mirror#OUTPUTS}, those between {@link Mirror#BOTH}, the last {@link Mirror#INPUTS}.
 * </ul>
 *
 * <p>Units are the last axis, inputs the one before it. The block gets the key, and half of each fan that is mirrored:
 * of two mirrored inputs only one is not 0.
 *
 * @param mirror the axes with a mirrored half
 * @param block fills the block B, {@link Orthogonal} as in the paper, or any other
 */
public record LooksLinear(Mirror mirror, Initializer block) implements Initializer {
    /** The axes of a weight W [inputs x units] whose second half mirrors the first. */
    public enum Mirror {
        /** B above -B: reads mirrored inputs. */
        INPUTS,
        /** B next to -B: gives mirrored outputs. */
        OUTPUTS,
        /** (B, -B) above (-B, B): reads and gives mirrored ones. */
        BOTH;

        boolean inputs() {
            return this != OUTPUTS;
        }

        boolean outputs() {
            return this != INPUTS;
        }
    }

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public LooksLinear {
        Objects.requireNonNull(mirror, "mirror");
        Objects.requireNonNull(block, "block");
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if the rank is below 2, or a mirrored axis is odd
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        Arguments.matrix("looks linear", out.shape(), "a bias has no mirrored inputs, give it zeros");
        int inputs = out.dim(-2);
        int units = out.dim(-1);
        if (mirror.inputs() && inputs % 2 != 0 || mirror.outputs() && units % 2 != 0) {
            throw new ShapeException(
                    "looks linear: expected mirrored axes (" + name() + ") of even length, got shape " + out.shape()
                            + "; the second half mirrors the first",
                    "[... x inputs x units], even",
                    out.shape());
        }
        int blockInputs = mirror.inputs() ? inputs / 2 : inputs;
        int blockUnits = mirror.outputs() ? units / 2 : units;
        int[] dims = out.shape().dims();
        dims[dims.length - 2] = blockInputs;
        dims[dims.length - 1] = blockUnits;
        Tensor b = Tensor.zeros(Shape.of(dims));
        double in = mirror.inputs() ? fans.in() / 2 : fans.in();
        double outs = mirror.outputs() ? fans.out() / 2 : fans.out();
        block.fill(b, new Fans(in, outs), key);
        for (int i = 0, outer = 0; i < out.size(); outer++) {
            for (int row = 0; row < inputs; row++) {
                for (int column = 0; column < units; column++, i++) {
                    float value = b.array()[
                            b.offset() + (outer * blockInputs + row % blockInputs) * blockUnits + column % blockUnits];
                    boolean negative = row >= blockInputs ^ column >= blockUnits;
                    out.array()[out.offset() + i] = negative ? -value : value;
                }
            }
        }
    }

    private String name() {
        return mirror.name().toLowerCase(Locale.ROOT);
    }

    /** Such as {@code looks linear(both, orthogonal)}. */
    @Override
    public String toString() {
        return "looks linear(" + name() + ", " + Description.of(block) + ")";
    }
}
