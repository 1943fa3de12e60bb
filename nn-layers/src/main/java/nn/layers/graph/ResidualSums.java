package nn.layers.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;
import org.jspecify.annotations.Nullable;

/** Finds the sums x + f(x) among the operations of a graph. */
final class ResidualSums {
    private ResidualSums() {}

    /** Returns a branch for each, in the order in which they are computed. */
    static List<ResidualBranch> of(Node output) {
        List<ResidualBranch> branches = new ArrayList<>();
        for (Node node : Program.inOrder(List.of(output))) {
            if (node.op() instanceof Ops.Binary sum && sum.kind == Ops.Binary.Kind.ADD) {
                Node first = node.in()[0];
                Node second = node.in()[1];
                ResidualBranch branch = branch(first, second);
                branch = branch == null ? branch(second, first) : branch;
                if (branch != null) {
                    branches.add(branch);
                }
            }
        }
        return branches;
    }

    /** Returns the branch of x + f(x); null if f does not depend on x. */
    private static @Nullable ResidualBranch branch(Node x, Node f) {
        List<Node> order = Program.inOrder(List.of(f));
        Set<Node> before = setOf(order);
        Node trunk = x;
        while (!before.contains(trunk)) {
            Node earlier = withoutParameters(trunk);
            if (earlier == null) {
                return null;
            }
            trunk = earlier;
        }
        if (trunk.parameter() != null || trunk.constant() != null) {
            return null; // a parameter used twice is no signal
        }
        before.removeAll(setOf(Program.inOrder(List.of(trunk))));
        Set<Parameter> parameters = new LinkedHashSet<>();
        for (Node node : order) {
            if (before.contains(node) && node.parameter() != null) {
                parameters.add(node.parameter());
            } else if (before.contains(node) && node.op() instanceof Through through) {
                parameters.addAll(through.layer.parametersByPath().values());
            }
        }
        return parameters.isEmpty() ? null : new ResidualBranch(List.copyOf(parameters));
    }

    private static Set<Node> setOf(List<Node> nodes) {
        Set<Node> set = Collections.newSetFromMap(new IdentityHashMap<>());
        set.addAll(nodes);
        return set;
    }

    /** Returns the only value that a node is computed from without a parameter; null if there is none. */
    private static @Nullable Node withoutParameters(Node node) {
        if (node.op() instanceof Through through
                && !through.layer.parametersByPath().isEmpty()) {
            return null;
        }
        Node only = null;
        for (Node in : node.in()) {
            if (in.constant() == null) {
                if (only != null || in.parameter() != null) {
                    return null;
                }
                only = in;
            }
        }
        return only;
    }
}
