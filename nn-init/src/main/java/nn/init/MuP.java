package nn.init;

import java.util.Locale;
import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * The maximal update parametrization scales weights and learning rates with the width, so that every layer learns as
 * fast in a wide network as in a narrow one, and the learning rate tuned at the base width is right at all widths. From
 * Yang, Hu and others, <i>Tensor programs V: tuning large neural networks via zero-shot hyperparameter transfer</i>
 * (2022), table 3.
 *
 * <table>
 * <caption>Factors for a network m times as wide as the base</caption>
 * <tr><th>parameter</th><th>variance</th><th>learning rate of Adam</th><th>learning rate of SGD</th></tr>
 * <tr><td>{@link Role#INPUT}, and every hidden bias</td><td>as the base scheme</td><td>1</td><td>m</td></tr>
 * <tr><td>{@link Role#HIDDEN}</td><td>as the base scheme</td><td>1 / m</td><td>1</td></tr>
 * <tr><td>{@link Role#OUTPUT}</td><td>the base scheme's / m</td><td>1 / m</td><td>1 / m</td></tr>
 * </table>
 *
 * <p>The base scheme has a variance of 1 / in, as {@link Init#heNormal()} or {@link Init#lecunNormal()}; at the base
 * width itself, all factors are 1. The bias of the last layer does not grow with the width and does not need
 * this scheme. An optimizer that takes one rate for each parameter asks for {@link #adam} or {@link #sgd}:
 *
 * <pre>{@code
 * double rate = base * (p.initializer() instanceof MuP width ? width.adam(p.fans()) : 1);
 * }</pre>
 *
 * @param role where in the network the parameter is
 * @param baseWidth the width at which the learning rate was tuned, at least 1
 * @param base gives the values at that width
 */
public record MuP(Role role, int baseWidth, Initializer base) implements Initializer {
    /** The fans of a parameter that grow with the width. */
    public enum Role {
        /** Fan out only: weights that read the data, embeddings, and the biases of all layers but the last. */
        INPUT,
        /** Both: weights between hidden layers. */
        HIDDEN,
        /** Fan in only: weights that give the output. */
        OUTPUT
    }

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the base width is below 1
     * @throws NullPointerException if another argument is null
     */
    public MuP {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(base, "base");
        if (baseWidth < 1) {
            throw new IllegalArgumentException("mup: base width " + baseWidth + " must be at least 1");
        }
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        base.fill(out, fans, key);
        if (role == Role.OUTPUT && fans.in() != baseWidth) {
            Arguments.scale("mup", out, Math.sqrt(1 / wider(fans.in())), base);
        }
    }

    /**
     * Returns the factor for the learning rate of Adam.
     *
     * @param fans the parameter's fans
     * @return above 0; 1 at the base width
     */
    public double adam(Fans fans) {
        return role == Role.INPUT ? 1 : 1 / wider(fans.in());
    }

    /**
     * Returns the factor for the learning rate of plain or momentum SGD.
     *
     * @param fans the parameter's fans
     * @return above 0; 1 at the base width
     */
    public double sgd(Fans fans) {
        return switch (role) {
            case INPUT -> wider(fans.out());
            case HIDDEN -> 1;
            case OUTPUT -> 1 / wider(fans.in());
        };
    }

    private double wider(double width) {
        return width / baseWidth;
    }

    /** Such as {@code mup(output, 64, lecun normal)}. */
    @Override
    public String toString() {
        return "mup(" + role.name().toLowerCase(Locale.ROOT) + ", " + baseWidth + ", " + Description.of(base) + ")";
    }
}
