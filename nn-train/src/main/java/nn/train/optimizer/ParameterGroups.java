package nn.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import nn.layers.Parameter;
import nn.train.internal.PathPattern;

/**
 * Different optimizers, learning rates or decays for different parameters. A parameter has the optimizer of the first
 * group that it is a member of; parameters in no group have the optimizer given first. A schedule multiplies all
 * learning rates by the same factor.
 *
 * <pre>{@code
 * Adam adam = Adam.of(1e-3);
 * Optimizer optimizer = ParameterGroups.others(adam.withWeightDecay(0.01))
 *         .with("head.", adam.withRate(1e-2))
 *         .with("biases", (path, p) -> p.kind() == Parameter.Kind.BIAS, adam);
 * }</pre>
 *
 * <p>The optimizer of a group may depend on the parameter: the learning rates of the maximal update parametrization for
 * Adam (Yang and Hu, <i>Tensor Programs V</i>, 2022), which keep the best learning rate the same at every width, are
 *
 * <pre>{@code
 * ParameterGroups.others(adam).with(
 *         "hidden and output weights",
 *         (path, p) -> p.kind() == Parameter.Kind.WEIGHT && !path.startsWith("first."),
 *         p -> adam.withRate(adam.rate() * baseWidth / p.fans().in()));
 * }</pre>
 *
 * @param optimizer the optimizer of all parameters in no group
 * @param groups in order; the first one that a parameter is a member of has its optimizer
 */
public record ParameterGroups(Optimizer optimizer, List<Group> groups) implements Optimizer {
    /**
     * Some parameters and their optimizer.
     *
     * @param name for messages and saved states, such as {@code biases}
     * @param members whether a parameter, given with its path, is a member
     * @param optimizer returns the optimizer of a member
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
     * Returns one optimizer for all parameters, to which groups can be added.
     *
     * @param optimizer the optimizer of all parameters in no group
     * @return the optimizer, without groups
     */
    public static ParameterGroups others(Optimizer optimizer) {
        return new ParameterGroups(optimizer, List.of());
    }

    /**
     * Returns a copy with one more group, after the others: the parameters whose paths match a pattern, as in {@link
     * nn.train.Trainer#freeze}. A trainer refuses a pattern that matches no parameter of its model.
     *
     * @param pattern a whole path such as {@code encoder.fc1.weight}, a beginning with a dot at its end such as {@code
     *     head.}, or any text in which {@code *} stands for any characters, dots among them, such as {@code
     *     encoder.*.weight}
     * @param optimizer the optimizer of the members
     * @return the copy
     */
    public ParameterGroups with(String pattern, Optimizer optimizer) {
        return with(pattern, new Matching(new PathPattern(pattern)), optimizer);
    }

    /**
     * Returns a copy with one more group, after the others.
     *
     * @param name for messages and saved states
     * @param members whether a parameter, given with its path, is a member
     * @param optimizer the optimizer of the members
     * @return the copy
     */
    public ParameterGroups with(String name, BiPredicate<String, Parameter> members, Optimizer optimizer) {
        Objects.requireNonNull(optimizer, "optimizer of group '" + name + "'");
        return with(new Group(name, members, new Constant(optimizer)));
    }

    /**
     * Returns a copy with one more group, after the others, whose optimizer depends on the parameter.
     *
     * @param name for messages and saved states
     * @param members whether a parameter, given with its path, is a member
     * @param optimizer returns the optimizer of a member
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

    private record Matching(PathPattern pattern) implements BiPredicate<String, Parameter> {
        @Override
        public boolean test(String path, Parameter parameter) {
            return pattern.matches(path);
        }
    }

    private record Constant(Optimizer optimizer) implements Function<Parameter, Optimizer> {
        @Override
        public Optimizer apply(Parameter parameter) {
            return optimizer;
        }
    }

    /** Returns the learning rate of parameters in no group. */
    @Override
    public double rate() {
        return optimizer.rate();
    }

    /** Creates the update rule of a parameter in no group. */
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

    /** Refuses a model in which no path matches the pattern of a group. */
    @Override
    public void requireFits(List<String> paths) {
        optimizer.requireFits(paths);
        for (Group group : groups) {
            if (group.members() instanceof Matching(PathPattern pattern)
                    && paths.stream().noneMatch(pattern::matches)) {
                throw PathPattern.unmatched("ParameterGroups", group.name(), paths);
            }
        }
    }

    /** Returns a text such as {@code Adam[rate=0.001, ...]; biases: Sgd[rate=0.1, ...]; hidden: by parameter}. */
    @Override
    public String toString() {
        return optimizer
                + groups.stream()
                        .map(group -> "; " + group.name() + ": "
                                + (group.optimizer() instanceof Constant(Optimizer one) ? one : "by parameter"))
                        .collect(Collectors.joining());
    }
}
