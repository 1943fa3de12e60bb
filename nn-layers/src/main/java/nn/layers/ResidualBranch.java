package nn.layers;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a layer adds to a value that passes it by: the f of y = x + f(x). Schemes for deep residual networks treat the
 * weights of a branch by their place in it, above all the last one, whose output is added.
 *
 * @param parameters those of f, in the order in which the signal reaches them
 */
public record ResidualBranch(List<Parameter> parameters) {
    /**
     * Copies the list.
     *
     * @throws NullPointerException if it is null or contains null
     */
    public ResidualBranch {
        parameters = List.copyOf(Objects.requireNonNull(parameters, "parameters"));
    }

    /**
     * Whether a parameter multiplies its input as a matrix or a kernel does.
     *
     * @param parameter any
     * @return whether it is a weight or a recurrent weight of two axes or more
     */
    public static boolean isMatrix(Parameter parameter) {
        return (parameter.kind() == Parameter.Kind.WEIGHT || parameter.kind() == Parameter.Kind.RECURRENT)
                && parameter.value().shape().rank() >= 2;
    }

    /**
     * The matrices and kernels of the branch.
     *
     * @return in the order in which the signal reaches them; may be empty
     */
    public List<Parameter> weights() {
        return parameters.stream().filter(ResidualBranch::isMatrix).toList();
    }

    /**
     * The last matrix or kernel of the branch, such as the output projection of an attention.
     *
     * @return empty if the branch has none
     */
    public Optional<Parameter> output() {
        List<Parameter> weights = weights();
        return weights.isEmpty() ? Optional.empty() : Optional.of(weights.getLast());
    }
}
