package nn.layers.preset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import nn.layers.Layer;
import nn.layers.LayerTree;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;
import nn.tensor.Shape;

/** Finds the residual branches of a model and the role of every parameter. */
final class Roles {
    /** The residual branches with the path of the layer that adds them. */
    final List<Map.Entry<String, ResidualBranch>> branches = new ArrayList<>();

    final List<Place> places = new ArrayList<>();

    private final LayerTree tree;
    private final Map<Parameter, Layer> owners = new HashMap<>();
    private final Map<Parameter, ResidualBranch> smallest = new HashMap<>();
    private final Set<Parameter> outputs = new HashSet<>();
    private final Optional<Parameter> head;

    Roles(Layer model) {
        tree = new LayerTree(model);
        tree.layers().forEach((path, layer) -> {
            tree.own(layer).forEach(parameter -> owners.put(parameter, layer));
            Objects.requireNonNull(
                            layer.residualBranches(),
                            () -> "layer '" + path + "': its residualBranches() returned null; return an empty list")
                    .forEach(branch -> branches.add(Map.entry(path, branch)));
        });
        branches.stream()
                .map(Map.Entry::getValue)
                .sorted(Comparator.comparingInt(branch -> branch.parameters().size()))
                .forEach(branch -> {
                    branch.parameters().forEach(parameter -> smallest.putIfAbsent(parameter, branch));
                    branch.output().ifPresent(outputs::add);
                });
        head = head();
        tree.parameters()
                .forEach((path, parameter) -> places.add(new Place(
                        path, parameter, role(path, parameter), Optional.ofNullable(smallest.get(parameter)))));
    }

    /** Returns the last weight that is not a table, if it is in no branch. */
    private Optional<Parameter> head() {
        return tree.parameters().sequencedValues().reversed().stream()
                .filter(parameter -> ResidualBranch.isMatrix(parameter) && !isTable(parameter))
                .findFirst()
                .filter(parameter -> !smallest.containsKey(parameter));
    }

    private boolean isTable(Parameter parameter) {
        Layer owner = owners.get(parameter);
        return owner != null && owner.takesIndices();
    }

    /** A row of it is added or taken, by the place of an element: so its fan in is 1, and it has more than one row. */
    private boolean isTableByPosition(Parameter parameter) {
        Shape shape = parameter.value().shape();
        return shape.rank() == 2 && shape.dim(0) > 1 && parameter.fans().in() == 1 && !isTable(parameter);
    }

    private boolean isRecurrent(Parameter parameter) {
        Layer owner = owners.get(parameter);
        return owner != null && tree.own(owner).stream().anyMatch(p -> p.kind() == Parameter.Kind.RECURRENT);
    }

    private ParameterRole role(String path, Parameter parameter) {
        List<String> names = Arrays.asList(path.split("\\."));
        if (parameter.kind() == Parameter.Kind.STATISTIC) {
            return ParameterRole.STATISTIC;
        } else if (isRecurrent(parameter)) {
            return ParameterRole.RECURRENT;
        } else if (parameter.kind() == Parameter.Kind.BIAS) {
            return ParameterRole.BIAS;
        } else if (parameter.kind() == Parameter.Kind.SCALE) {
            return ParameterRole.SCALE;
        } else if (names.contains("positions") || isTableByPosition(parameter)) {
            return ParameterRole.POSITIONS;
        } else if (isTable(parameter)) {
            return ParameterRole.TABLE;
        } else if (!ResidualBranch.isMatrix(parameter)) {
            return ParameterRole.OTHER;
        } else if (names.contains("query") || names.contains("key")) {
            return ParameterRole.QUERY_OR_KEY;
        } else if (outputs.contains(parameter)) {
            return ParameterRole.BRANCH_OUTPUT;
        } else if (smallest.containsKey(parameter)) {
            return ParameterRole.BRANCH_WEIGHT;
        }
        return head.filter(parameter::equals).isPresent() ? ParameterRole.HEAD : ParameterRole.WEIGHT;
    }
}
