package nn.layers.graph;

import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Gru;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.junit.jupiter.api.Test;

/** Layers as a user writes them, by their equations and no gradient. */
class WrittenForwardOnlyTest {
    private static final Key KEY = Key.of(43);

    private static Parameter weight(String name, int inputs, int units) {
        Fans fans = Fans.dense(inputs, units);
        return Parameter.create(name, Parameter.Kind.WEIGHT, Shape.of(inputs, units), fans, Init.xavierUniform(), KEY);
    }

    /** One step of a gated recurrent unit (Cho and others, 2014), from [batch x inputs + units], x beside h. */
    private static final class GruCell extends Formula {
        private final int inputs = 4;
        private final int units = 3;
        private final Parameter w = weight("w", inputs, 3 * units); // of the gates r, u and n side by side
        private final Parameter v = weight("v", units, 3 * units);

        @Override
        protected Node forward(Node both) {
            Node x = both.slice(1, 0, inputs);
            Node h = both.slice(1, inputs, inputs + units);
            Node a = x.matmul(w);
            Node b = h.matmul(v);
            Node gates = a.slice(1, 0, 2 * units).plus(b.slice(1, 0, 2 * units)).sigmoid();
            Node reset = gates.slice(1, 0, units);
            Node update = gates.slice(1, units, 2 * units);
            Node next = a.slice(1, 2 * units, 3 * units)
                    .plus(reset.times(b.slice(1, 2 * units, 3 * units)))
                    .tanh();
            return next.plus(update.times(h.minus(next)));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(w, v);
        }
    }

    @Test
    void aGatedRecurrentUnit() {
        GruCell cell = new GruCell();
        LayerContract.standard().check(cell, normal("both", 5, 7)).throwIfFailed();

        Gru gru = Gru.units(3).create(4, KEY);
        List<String> gates = List.of("reset", "update", "candidate");
        for (int i = 0; i < 3; i++) {
            cell.w.value().sliceInto(1, 3 * i, gru.gate(gates.get(i)).input().value());
            cell.v
                    .value()
                    .sliceInto(1, 3 * i, gru.gate(gates.get(i)).recurrent().value());
        }
        Tensor x = normal("x", 1, 5, 4);
        Tensor h = normal("h", 5, 3);
        Tensor both = Tensor.zeros(5, 7);
        both.setSlice(1, 0, x.reshape(5, 4));
        both.setSlice(1, 4, h);
        Tensor expected =
                gru.run(x, Recurrent.State.of(h), Context.inference()).output().reshape(5, 3);
        Tensor y = cell.forward(both, Context.inference()).output();
        assertThat((double) y.subtract(expected).maxAbs())
                .isCloseTo(0, within(8 * 0x1p-24)); // roundings of numbers of about 1
    }

    /** Hu, Shen and Sun, Squeeze-and-excitation networks, CVPR 2018. */
    private static final class SqueezeExcitation extends Formula {
        private final Dense narrow = Dense.of(6, 3, KEY.child("narrow"));
        private final Dense wide = Dense.of(3, 6, KEY.child("wide"));

        @Override
        protected Node forward(Node x) {
            return x.times(x.mean(1, 2).through(narrow).relu().through(wide).sigmoid());
        }

        @Override
        public SequencedMap<String, Layer> children() {
            return new TreeMap<>(java.util.Map.of("narrow", narrow, "wide", wide));
        }
    }

    @Test
    void aSqueezeAndExcitationBlock() {
        LayerContract.standard()
                .check(new SqueezeExcitation(), normal("images", 2, 3, 4, 6))
                .throwIfFailed();
    }

    /** Queries, keys and values of one head, from [batch x places x 6]. */
    private abstract static class OneHead extends Formula {
        final Parameter q = weight("q", 6, 4);
        final Parameter k = weight("k", 6, 4);
        final Parameter v = weight("v", 6, 4);

        @Override
        public List<Parameter> parameters() {
            return List.of(q, k, v);
        }
    }

    /** Vaswani and others, Attention is all you need, 2017. */
    private static final class DotProductAttention extends OneHead {
        @Override
        protected Node forward(Node x) {
            Node scores = x.matmul(q).matmul(x.matmul(k), Transposed.RIGHT).times(0.5);
            return scores.softmax().matmul(x.matmul(v));
        }
    }

    /** Katharopoulos and others, Transformers are RNNs, 2020: exp(q k') becomes f(q) f(k)', f = elu + 1. */
    private static final class LinearAttention extends OneHead {
        @Override
        protected Node forward(Node x) {
            Node queries = x.matmul(q).apply(Nonlinearity.elu(1)).plus(1);
            Node keys = x.matmul(k).apply(Nonlinearity.elu(1)).plus(1);
            Node sums = keys.matmul(x.matmul(v), Transposed.LEFT);
            return queries.matmul(sums).dividedBy(queries.times(keys.sum(1)).sum(-1));
        }
    }

    @Test
    void attentionByProductsAndSoftmax() {
        LayerContract.standard()
                .check(new DotProductAttention(), normal("x", 2, 5, 6))
                .throwIfFailed();
    }

    @Test
    void linearAttention() {
        LayerContract.standard()
                .check(new LinearAttention(), normal("x", 2, 5, 6))
                .throwIfFailed();
    }

    /** With one place there is nothing to choose from. */
    @Test
    void bothAttentionsOverOnePlaceGiveItsValue() {
        Tensor x = normal("x", 3, 1, 6);
        for (OneHead attention : List.of(new DotProductAttention(), new LinearAttention())) {
            Tensor values = x.matmul(attention.v.value());
            Tensor y = attention.forward(x, Context.inference()).output();
            assertThat((double) y.subtract(values).maxAbs()).isCloseTo(0, within(16 * 0x1p-24 * values.maxAbs()));
        }
    }
}
