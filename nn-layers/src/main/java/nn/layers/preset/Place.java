package nn.layers.preset;

import java.util.Objects;
import java.util.Optional;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;

/**
 * A parameter in a model.
 *
 * @param path such as {@code block1.fc2.weight}
 * @param parameter the parameter
 * @param role what it is for
 * @param branch the residual branch that it is part of, the smallest one if several are nested; empty outside
 */
public record Place(String path, Parameter parameter, ParameterRole role, Optional<ResidualBranch> branch) {
    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public Place {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(parameter, "parameter");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(branch, "branch");
    }
}
