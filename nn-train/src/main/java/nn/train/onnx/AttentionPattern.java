package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.attention.Attention;
import nn.layers.attention.Rotary;
import nn.tensor.AttentionHeads;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Finds attention among steps, as exporters write it: queries, keys and values are split into heads; the scores of each
 * head are the product of queries and keys times a factor, perhaps with a mask; the means are their softmax times the
 * values; the heads are joined. If queries, keys and values are dense layers of one sequence and a dense layer follows,
 * all of it becomes one {@link Attention}; otherwise the operation of heads alone.
 */
final class AttentionPattern {
    private AttentionPattern() {}

    /** Changes steps on the way to some outputs. */
    static void rewrite(Iterable<Step> outputs) {
        List<Step> all = inOrder(outputs);
        for (Step step : all) {
            heads(step);
        }
        for (Step step : all) {
            layer(step);
        }
        for (Step step : all) { // rotary positions of no attention
            if (step.kind instanceof Step.Kind.Rotated rotated) {
                step.kind = rotated.plain().kind;
                step.in = rotated.plain().in;
            }
        }
    }

    /** All steps that some need, each after its inputs. */
    static List<Step> inOrder(Iterable<Step> outputs) {
        List<Step> order = new ArrayList<>();
        Set<Step> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Step> done = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Step> open = new ArrayList<>();
        outputs.forEach(open::add);
        Collections.reverse(open);
        while (!open.isEmpty()) {
            Step step = open.getLast();
            if (seen.add(step)) {
                step.in.reversed().forEach(in -> {
                    if (!seen.contains(in)) {
                        open.add(in);
                    }
                });
            } else {
                open.removeLast();
                if (done.add(step)) {
                    order.add(step);
                }
            }
        }
        return order;
    }

    /**
     * The order of axes in which heads are computed. With groups there is an axis more: that of the heads of queries
     * which share a head of keys.
     */
    private enum Order {
        HEADS(new int[] {0, 2, 1, 3}, new int[] {0, 2, 3, 1}, new int[] {0, 2, 1, 3}),
        GROUPS(new int[] {0, 2, 3, 1, 4}, new int[] {0, 2, 3, 4, 1}, new int[] {0, 3, 1, 2, 4});

        final int[] rows; // of queries and values
        final int[] columns; // of keys
        final int[] joined;

        Order(int[] rows, int[] columns, int[] joined) {
            this.rows = rows;
            this.columns = columns;
            this.joined = joined;
        }
    }

    /** Makes the joined heads one step of queries, keys and values. */
    private static void heads(Step joined) {
        if (!(joined.kind instanceof Step.Kind.Reshaped) || joined.rank() != 3) {
            return;
        }
        Step inOrder = joined.in.getFirst();
        Order order = inOrder.rank() == 5 ? Order.GROUPS : Order.HEADS;
        boolean isOneHead = inOrder.rank() == 4 && inOrder.dims[1] == 1; // nothing moves then
        Step means = isOneHead && isProduct(inOrder) ? inOrder : permuted(inOrder, order.joined);
        if (means == null || !isProduct(means) || !(means.in.getFirst().kind instanceof Step.Kind.Softmax)) {
            return;
        }
        Step values = split(means.in.getLast(), order.rows);
        Scores scores = Scores.of(means.in.getFirst().in.getFirst(), order);
        if (values == null || scores == null) {
            return;
        }
        int keyHeads = means.dims[1];
        int heads = order == Order.HEADS ? keyHeads : keyHeads * means.dims[2];
        int size = means.dims[means.rank() - 1];
        boolean fits = heads > 0
                && joined.dims[2] == heads * size
                && joined.dims[0] == means.dims[0]
                && joined.dims[1] == means.dims[means.rank() - 2]
                && joined.dims[1] == scores.queries().dims[1]
                && values.dims[2] == keyHeads * size
                && scores.keys().dims[2] * heads == scores.queries().dims[2] * keyHeads;
        if (!fits) {
            return;
        }
        joined.kind = new Step.Kind.Heads(
                AttentionHeads.of(heads, keyHeads, scores.isCausal(), scores.scale()),
                scores.mask(),
                scores.isCorner());
        joined.in = List.of(scores.queries(), scores.keys(), values);
    }

    private static boolean isProduct(Step step) {
        return step.kind instanceof Step.Kind.Binary(char sign) && sign == '@' && step.rank() > 3;
    }

    private static @Nullable Step permuted(Step step, int... axes) {
        return step.kind instanceof Step.Kind.Permuted(int[] order) && Arrays.equals(order, axes)
                ? step.in.getFirst()
                : null;
    }

    /** What [batch x time x heads * size] is split into heads, perhaps in groups, and permuted. */
    private static @Nullable Step split(Step step, int... axes) {
        Step heads = step.kind instanceof Step.Kind.Permuted ? permuted(step, axes) : step;
        if (heads == null || !(heads.kind instanceof Step.Kind.Reshaped) || step.rank() != axes.length) {
            return null;
        }
        Step whole = heads.in.getFirst();
        int[] dims = new int[axes.length]; // before they were permuted
        int last = -1;
        boolean isMoved = false;
        for (int k = 0; k < axes.length; k++) {
            dims[axes[k]] = step.dims[k];
            if (step.dims[k] != 1) {
                isMoved |= axes[k] < last;
                last = axes[k];
            }
        }
        long features = 1;
        boolean fits = isMoved == (heads != step) // one head is only reshaped
                && whole.rank() == 3
                && whole.dims[0] == dims[0]
                && whole.dims[1] == dims[1];
        for (int k = 2; fits && k < dims.length; k++) {
            fits = dims[k] > 0;
            features = Math.min(features * dims[k], Shape.MAX_SIZE + 1L);
        }
        return fits && whole.dims[2] == features ? whole : null;
    }

    /** The scores of heads. */
    private record Scores(
            Step queries,
            Step keys,
            double scale,
            boolean isCausal,
            @Nullable Tensor mask,
            boolean isCorner) {
        private static final int MOST_LINKS = 8; // between the product and its softmax: a factor, a mask, ...

        static @Nullable Scores of(Step scores, Order order) {
            Step step = scores;
            double scale = 1;
            boolean isCausal = false;
            Tensor mask = null;
            boolean isCorner = false;
            for (int links = 0; !isProduct(step); links++) {
                if (links == MOST_LINKS) {
                    return null;
                }
                boolean hidden = isCausal || mask != null;
                switch (step.kind) {
                    case Step.Kind.Causal causal -> {
                        if (hidden) {
                            return null;
                        }
                        isCausal = true;
                    }
                    case Step.Kind.Times times -> {
                        if (hidden && scale != 1) {
                            return null;
                        }
                        scale *= times.factor();
                    }
                    case Step.Kind.Binary(char sign) -> {
                        Step.Kind last = step.in.getLast().kind;
                        boolean isPart = last instanceof Step.Kind.Corner;
                        Tensor numbers = last instanceof Step.Kind.Fixed(Tensor all)
                                ? all
                                : last instanceof Step.Kind.Corner(Tensor whole) ? whole : null;
                        if (numbers == null) {
                            return null;
                        }
                        if (sign == '/' && numbers.size() == 1) {
                            scale /= numbers.array()[numbers.offset()];
                        } else if (sign == '+'
                                && !hidden
                                && scale == 1
                                && (isPart ? isMask(numbers) : isMask(numbers, step))) {
                            isCausal = isCausal(numbers);
                            mask = isCausal ? null : numbers;
                            isCorner = isPart && !isCausal;
                        } else {
                            return null;
                        }
                    }
                    default -> {
                        return null;
                    }
                }
                step = step.in.getFirst();
            }
            Factor left = Factor.of(step.in.getFirst());
            Factor right = Factor.of(step.in.getLast());
            Step queries = split(left.step(), order.rows);
            Step keys = split(right.step(), order.columns);
            return queries == null || keys == null
                    ? null
                    : new Scores(queries, keys, scale * left.factor() * right.factor(), isCausal, mask, isCorner);
        }

        /** A mask [queries x keys] for every head and example: finite numbers and minus infinity. */
        private static boolean isMask(Tensor numbers, Step scores) {
            Shape shape = numbers.shape();
            boolean fits = shape.rank() == 2
                    && shape.dim(0) == scores.dims[scores.rank() - 2]
                    && shape.dim(1) == scores.dims[scores.rank() - 1];
            return fits && isMask(numbers);
        }

        private static boolean isMask(Tensor numbers) {
            boolean fits = true;
            for (int k = 0; fits && k < numbers.size(); k++) {
                fits = numbers.array()[numbers.offset() + k] < Float.POSITIVE_INFINITY;
            }
            return fits;
        }

        private static boolean isCausal(Tensor mask) {
            int keys = mask.dim(1);
            int past = keys - mask.dim(0);
            for (int k = 0; k < mask.size(); k++) {
                float number = mask.array()[mask.offset() + k];
                boolean isLater = k % keys > k / keys + past;
                if (isLater ? !Importer.hides(number) : number != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A step times a number, such as queries that are scaled before the product. */
    private record Factor(Step step, double factor) {
        static Factor of(Step step) {
            return switch (step.kind) {
                case Step.Kind.Times times -> new Factor(step.in.getFirst(), times.factor());
                case Step.Kind.Binary(char sign)
                when sign == '/'
                        && step.in.getLast().kind instanceof Step.Kind.Fixed(Tensor numbers)
                        && numbers.size() == 1 -> new Factor(step.in.getFirst(), 1 / numbers.array()[numbers.offset()]);
                default -> new Factor(step, 1);
            };
        }
    }

    /** Takes rotary positions from queries and keys, if both have the same; null if they have none. */
    private static @Nullable Rotary withoutRotary(List<Step> projections, AttentionHeads heads) {
        boolean areBoth = projections.get(0).kind instanceof Step.Kind.Rotated queries
                && projections.get(1).kind instanceof Step.Kind.Rotated keys
                && queries.rotary().equals(keys.rotary())
                && queries.heads() == heads.heads()
                && keys.heads() == heads.keyHeads();
        if (!areBoth) {
            return null;
        }
        Rotary rotary = ((Step.Kind.Rotated) projections.getFirst().kind).rotary();
        projections.set(0, projections.get(0).in.getFirst());
        projections.set(1, projections.get(1).in.getFirst());
        return rotary;
    }

    /** Makes a dense layer after the heads one layer with those before them. */
    private static void layer(Step last) {
        if (!(last.kind instanceof Step.Kind.Affine output)
                || !(last.in.getFirst().kind instanceof Step.Kind.Heads heads)) {
            return;
        }
        List<Step> projections = new ArrayList<>(last.in.getFirst().in);
        Rotary rotary = withoutRotary(projections, heads.heads());
        Step x = projections.getFirst().in.isEmpty()
                ? null
                : projections.getFirst().in.getFirst();
        List<Step.Kind.Affine> maps = new ArrayList<>();
        for (Step projection : projections) {
            if (!(projection.kind instanceof Step.Kind.Affine map) || projection.in.getFirst() != x) {
                return;
            }
            maps.add(map);
        }
        maps.add(output);
        int inputs = output.weight().dim(1);
        boolean isBiased = maps.stream().allMatch(map -> map.bias() != null);
        boolean hasNone = maps.stream().allMatch(map -> map.bias() == null);
        AttentionHeads of = heads.heads();
        int width = maps.getFirst().weight().dim(1);
        int size = width / of.heads();
        boolean fits = x != null
                && x.rank() == 3
                && x.dims[2] == inputs
                && (isBiased || hasNone)
                && maps.get(1).weight().dim(1) == size * of.keyHeads()
                && maps.get(2).weight().dim(1) == size * of.keyHeads()
                && output.weight().dim(0) == width;
        if (!fits) {
            return;
        }
        Attention.Config config = Attention.heads(of.heads())
                .keyValueHeads(of.keyHeads())
                .headSize(size)
                .weights(Init.zeros())
                .output(Init.zeros());
        config = of.scale() == (float) (1 / Math.sqrt(size)) ? config : config.scale(of.scale());
        config = rotary == null ? config : config.rotary(rotary);
        config = of.isCausal() ? config.causal() : config;
        config = isBiased ? config : config.withoutBias();
        config = heads.mask() == null ? config : config.mask(heads.mask());
        Map<String, Tensor> values = new LinkedHashMap<>();
        List<String> names = List.of("query", "key", "value", "output");
        for (int k = 0; k < names.size(); k++) {
            values.put(names.get(k), maps.get(k).weight());
            Tensor bias = maps.get(k).bias();
            if (bias != null) {
                values.put(names.get(k) + "Bias", bias);
            }
        }
        try {
            Layer layer = Importer.withValues(config.create(inputs, Key.of(0)), values);
            last.kind = new Step.Kind.Made(layer);
            last.in = List.of(x);
        } catch (IllegalArgumentException e) {
            // The steps stay as they are. A layer refuses a mask that hides every key from a query, for example.
        }
    }
}
