package nn.layers.internal;

import nn.tensor.AttentionHeads;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** Describes the attention of some heads by standard operators. */
public final class AttentionOperators {
    private final OperatorGraph graph;
    private final AttentionHeads heads;
    private final Value scores;
    private final int queries;
    private final int keys;

    private AttentionOperators(OperatorGraph graph, AttentionHeads heads, Value scores, int queries, int keys) {
        this.graph = graph;
        this.heads = heads;
        this.scores = scores;
        this.queries = queries;
        this.keys = keys;
    }

    /**
     * Describes {@code softmax(scale q k' + mask) v} of all heads.
     *
     * @param graph takes the operators; its lengths hide the keys of padding
     * @param heads their number, and whether they are causal
     * @param q [batch x queries x heads * size]
     * @param k [batch x keys x key heads * size]
     * @param v [batch x keys x key heads * value size]
     * @param mask added to the scores, of a shape that can be repeated to [batch x heads x queries x keys]; {@link
     *     Value#NONE} if there is none
     * @return [batch x queries x heads * value size]
     */
    public static Value describe(OperatorGraph graph, AttentionHeads heads, Value q, Value k, Value v, Value mask) {
        int batch = q.shape().dim(0);
        int queries = q.shape().dim(1);
        int keys = k.shape().dim(1);
        int keyHeads = heads.keyHeads();
        int group = heads.heads() / keyHeads;
        int size = k.shape().dim(2) / keyHeads;
        int valueSize = v.shape().dim(2) / keyHeads;
        // With groups there is an axis more: that of the heads of queries which share a head of keys.
        Value qs;
        Value ks;
        Value vs;
        if (group == 1) {
            qs = graph.transpose(graph.reshape(q, Shape.of(batch, queries, keyHeads, size)), 0, 2, 1, 3);
            ks = graph.transpose(graph.reshape(k, Shape.of(batch, keys, keyHeads, size)), 0, 2, 3, 1);
            vs = graph.transpose(graph.reshape(v, Shape.of(batch, keys, keyHeads, valueSize)), 0, 2, 1, 3);
        } else {
            qs = graph.transpose(graph.reshape(q, Shape.of(batch, queries, keyHeads, group, size)), 0, 2, 3, 1, 4);
            ks = graph.transpose(graph.reshape(k, Shape.of(batch, keys, keyHeads, 1, size)), 0, 2, 3, 4, 1);
            vs = graph.transpose(graph.reshape(v, Shape.of(batch, keys, keyHeads, 1, valueSize)), 0, 2, 3, 1, 4);
        }
        Shape scoreShape = qs.shape().withLast(keys);
        Value products = graph.call("MatMul", qs, ks).gives(scoreShape);
        Value scores = graph.elementwise("Mul", products, graph.number("scale", heads.scale()));
        Value hidden = new AttentionOperators(graph, heads, scores, queries, keys).hidden(mask);
        Value weights = graph.call("Softmax", hidden).with("axis", -1).gives(scoreShape);
        Value means = graph.call("MatMul", weights, vs).gives(scoreShape.withLast(valueSize));
        Value inOrder = group == 1 ? graph.transpose(means, 0, 2, 1, 3) : graph.transpose(means, 0, 3, 1, 2, 4);
        return graph.reshape(inOrder, Shape.of(batch, queries, heads.heads() * valueSize));
    }

    /** The scores, with minus infinity where a query does not see a key. */
    private Value hidden(Value mask) {
        Value seen = scores;
        if (mask != Value.NONE) {
            seen = graph.call("Add", seen, grouped(mask)).gives(scores.shape());
        }
        if (heads.isCausal()) {
            seen = causal(seen);
        }
        Value lengths = graph.lengths().orElse(null);
        if (lengths != null) {
            Value counts = graph.call("Less", positions(true), column(lengths))
                    .gives(ElementKind.BOOL, Shape.of(lengths.shape().dim(0), keys));
            long[] axes = scores.shape().rank() == 4 ? new long[] {1, 2} : new long[] {1, 2, 3};
            Shape wide = scores.shape();
            for (int i = 1; i < wide.rank() - 1; i++) {
                wide = wide.withDim(i, 1);
            }
            Value each =
                    graph.call("Unsqueeze", counts, graph.wholes("axes", axes)).gives(ElementKind.BOOL, wide);
            seen = only(each, seen);
        }
        return seen;
    }

    private Value only(Value condition, Value seen) {
        return graph.call("Where", condition, seen, graph.number("hidden", Double.NEGATIVE_INFINITY))
                .gives(scores.shape());
    }

    private Value column(Value lengths) {
        return graph.call("Unsqueeze", graph.cast(lengths, ElementKind.INT64), graph.wholes("axes", 1))
                .gives(ElementKind.INT64, Shape.of(lengths.shape().dim(0), 1));
    }

    /** A mask of heads as one of groups of heads. */
    private Value grouped(Value mask) {
        Shape shape = mask.shape();
        if (scores.shape().rank() == 4 || shape.rank() < 3) {
            return mask;
        }
        boolean isEach = shape.dim(-3) > 1;
        int[] dims = new int[shape.rank() + 1];
        System.arraycopy(shape.dims(), 0, dims, 0, shape.rank() - 3);
        dims[dims.length - 4] = isEach ? scores.shape().dim(1) : 1;
        dims[dims.length - 3] = isEach ? scores.shape().dim(2) : 1;
        dims[dims.length - 2] = shape.dim(-2);
        dims[dims.length - 1] = shape.dim(-1);
        return graph.reshape(mask, Shape.of(dims));
    }

    /** A query sees no later key; the last query sees all of them. */
    private Value causal(Value seen) {
        if (queries != Shape.ANY && keys != Shape.ANY) {
            Tensor mask = Tensor.zeros(queries, keys);
            for (int i = 0; i < queries; i++) {
                for (int j = keys - queries + i + 1; j < keys; j++) {
                    mask.set(Float.NEGATIVE_INFINITY, i, j);
                }
            }
            return graph.call("Add", seen, graph.constant("causal", mask)).gives(scores.shape());
        }
        Value rows = graph.call("Unsqueeze", positions(false), graph.wholes("axes", 1))
                .gives(ElementKind.INT64, Shape.of(queries, 1));
        Value past = graph.call("Sub", count(true), count(false)).gives(ElementKind.INT64, Shape.of());
        Value last = graph.call("Add", rows, past).gives(ElementKind.INT64, rows.shape());
        Value condition =
                graph.call("LessOrEqual", positions(true), last).gives(ElementKind.BOOL, Shape.of(queries, keys));
        return only(condition, seen);
    }

    private Value count(boolean ofKeys) {
        int axis = scores.shape().rank() - (ofKeys ? 1 : 2);
        return graph.call("Squeeze", graph.size(scores, axis)).gives(ElementKind.INT64, Shape.of());
    }

    private Value positions(boolean ofKeys) {
        return graph.call("Range", graph.whole("first", 0), count(ofKeys), graph.whole("one", 1))
                .gives(ElementKind.INT64, Shape.of(ofKeys ? keys : queries));
    }
}
