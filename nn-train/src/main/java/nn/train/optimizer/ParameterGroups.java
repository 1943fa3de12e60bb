package nn.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import nn.layers.Parameter;

/**
 * Different optimizers, rates or decays for different parameters. The first group that a parameter is a member of is in
 * charge of it; the optimizer given first takes the others. A schedule multiplies all rates alike.
 *
 * <pre>{@code
 * Adam adam = Adam.of(1e-3);
 * Optimizer optimizer = ParameterGroups.others(adam.withWeightDecay(0.01))
 *         .with("biases", (path, p) -> p.kind() == Parameter.Kind.BIAS, adam)
 *         .with("head", (path, p) -> path.startsWith("head."), adam.withRate(1e-2));
 * }</pre>
 *
 * <p>The optimizer of a group may depend on the parameter: the learning rates of the maximal update parametrization for
 * Adam (Yang and Hu, <i>Tensor Programs V</i>, 2022), which keep the best rate the same at every width, are
 *
 * <pre>{@code
 * ParameterGroups.others(adam).with(
 *         "hidden and output weights",
 *         (path, p) -> p.kind() == Parameter.Kind.WEIGHT && !path.startsWith("first."),
 *         p -> adam.withRate(adam.rate() * baseWidth / p.fans().in()));
 * }</pre>
 *
 * @param optimizer in charge of all parameters that are in no group
 * @param groups in the order in which they are asked
 */
public record ParameterGroups(Optimizer optimizer, List<Group> groups) implements Optimizer {
    /**
     * Some parameters and what is in charge of them.
     *
     * @param name for messages and saved states, such as {@code biases}
     * @param members whether a parameter, given with its path, is one of them
     * @param optimizer what is in charge of a member
     */
    public record Group(String name, BiPredicate<String, Parameter> members, Function<Parameter, Optimizer> optimizer) {
        /**
         * Checks the arguments.
         *
         * @throws NullPointerException if one is null
         */
        public Group {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(members, "members of group '" + name + "'");
            Objects.requireNonNull(optimizer, "optimizer of group '" + name + "'");
        }

        /** The name. */
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Keeps a copy of the list.
     *
     * @throws NullPointerException if an argument or a group is null
     */
    public ParameterGroups {
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(groups, "groups").forEach(group -> Objects.requireNonNull(group, "a group"));
        groups = List.copyOf(groups);
    }

    /**
     * One optimizer for all, until groups are added.
     *
     * @param optimizer in charge of all parameters that are in no group
     * @return no groups yet
     */
    public static ParameterGroups others(Optimizer optimizer) {
        return new ParameterGroups(optimizer, List.of());
    }

    /**
     * Returns a copy with another group, which is asked after these.
     *
     * @param name for messages and saved states
     * @param members whether a parameter, given with its path, is one of them
     * @param optimizer what is in charge of the members
     * @return the copy
     */
    public ParameterGroups with(String name, BiPredicate<String, Parameter> members, Optimizer optimizer) {
        Objects.requireNonNull(optimizer, "optimizer of group '" + name + "'");
        return with(new Group(name, members, new Same(optimizer)));
    }

    /**
     * Returns a copy with another group, which is asked after these, with an optimizer that depends on the parameter.
     *
     * @param name for messages and saved states
     * @param members whether a parameter, given with its path, is one of them
     * @param optimizer what is in charge of a member
     * @return the copy
     */
    public ParameterGroups with(
            String name, BiPredicate<String, Parameter> members, Function<Parameter, Optimizer> optimizer) {
        return with(new Group(name, members, optimizer));
    }

    private ParameterGroups with(Group group) {
        List<Group> more = new ArrayList<>(groups);
        more.add(group);
        return new ParameterGroups(optimizer, more);
    }

    private record Same(Optimizer optimizer) implements Function<Parameter, Optimizer> {
        @Override
        public Optimizer apply(Parameter parameter) {
            return optimizer;
        }
    }

    /** That of the parameters in no group. */
    @Override
    public double rate() {
        return optimizer.rate();
    }

    /** The update of a parameter in no group. */
    @Override
    public UpdateRule ruleFor(Parameter parameter) {
        return optimizer.ruleFor(parameter);
    }

    /** {@inheritDoc} */
    @Override
    public Optimizer optimizerFor(String path, Parameter parameter) {
        for (Group group : groups) {
            if (group.members().test(path, parameter)) {
                Optimizer chosen = Objects.requireNonNull(
                        group.optimizer().apply(parameter),
                        () -> "group '" + group.name() + "' has no optimizer for '" + path + "'");
                return chosen.optimizerFor(path, parameter);
            }
        }
        return optimizer.optimizerFor(path, parameter);
    }

    /** Returns a text such as {@code Adam[rate=0.001, ...]; biases: Sgd[rate=0.1, ...]; hidden: by parameter}. */
    @Override
    public String toString() {
        return optimizer
                + groups.stream()
                        .map(group -> "; " + group.name() + ": "
                                + (group.optimizer() instanceof Same(Optimizer one) ? one : "by parameter"))
                        .collect(Collectors.joining());
    }
}
