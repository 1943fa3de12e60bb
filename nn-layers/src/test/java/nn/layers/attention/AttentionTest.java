package nn.layers.attention;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.WeightMapping;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Masking;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Gru;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
    private static final Key KEY = Key.of(61);
    private static final Shape SEQUENCE = Shape.of(Shape.ANY, Shape.ANY, 8);

    /** Blocks with every kind of positions; the last one has the same layers as the first, in another place. */
    private static Network gpt() {
        Attention shared = Attention.heads(4).causal().create(8, KEY);
        Embedding words = Embedding.of(11, 8, KEY);
        return Network.builder(KEY)
                .tokens()
                .layer("words", words)
                .layer("learned", LearnedPositions.of(90).weight(Init.normal(0.5)))
                .layer("sinusoidal", SinusoidalPositions.of())
                .layer("block1", Residual.of(body -> body.layerNorm("norm").layer("attention", shared)))
                .layer(
                        "think1",
                        Residual.of(body ->
                                body.layerNorm("norm").dense("up", 16).gelu().dense("down", 8)))
                .layer(
                        "block2",
                        Residual.of(body -> body.layerNorm("norm")
                                .layer(
                                        "attention",
                                        Attention.heads(4)
                                                .keyValueHeads(2)
                                                .causal()
                                                .withoutBias()
                                                .mask(normal("mask", 90, 90))
                                                .rotary(Rotary.halves()))))
                .layer("block3", Residual.of(body -> body.layerNorm("norm").layer("attention", shared)))
                .layerNorm("norm")
                .layer("head", words.tied())
                .build();
    }

    private static Tensor words(int batch, int time) {
        Tensor words = Tensor.zeros(batch, time);
        for (int i = 0; i < words.size(); i++) {
            words.array()[i] = i * 7 % 11;
        }
        return words;
    }

    /** Some positions of [batch x time x ...]. */
    private static Tensor positions(Tensor x, int from, int to) {
        Tensor part = Tensor.zeros(x.shape().withDim(1, to - from));
        x.sliceInto(1, from, part);
        return part;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 77})
    void textInChunksGetsTheSameBitsAsTheWholeText(int chunk) {
        Network gpt = gpt();
        int time = 77; // more than a block of queries
        Tensor x = words(2, time);
        Tensor whole = gpt.predict(x);
        Carry carry = new Carry();
        for (int t = 0; t < time; t += chunk) {
            int end = Math.min(time, t + chunk);
            Tensor y = gpt.forward(positions(x, t, end), carry.over(Context.inference()))
                    .output();
            assertThat(y).isBitEqualTo(positions(whole, t, end));
            carry.advance();
        }
    }

    @Test
    void gradientsOfAChunkAreThoseOfItsOwnPositions() {
        Attention attention =
                Attention.heads(2).causal().rotary(Rotary.interleaved()).create(8, KEY);
        Tensor x = normal("x", 2, 7, 8);
        Tensor dy = normal("dy", 2, 7, 8);
        for (int b = 0; b < 2; b++) {
            dy.row(b).rows(0, 5).fill(0);
        }
        Pass whole = attention.forward(x, Context.training(KEY));
        Tensor dWhole = whole.pullback(dy, new Gradients(attention));
        Carry carry = new Carry();
        attention.forward(positions(x, 0, 5), carry.over(Context.training(KEY)));
        carry.advance();
        Pass chunk = attention.forward(positions(x, 5, 7), carry.over(Context.training(KEY)));
        Gradients gradients = new Gradients(attention);
        Tensor dChunk = chunk.pullback(positions(dy, 5, 7), gradients);
        assertThat(dChunk).isBitEqualTo(positions(dWhole, 5, 7));
        assertThat(gradients.of(attention.parameter("key")).isBelow(1e-3f)).isFalse();
    }

    @Test
    void aStateOfAnotherModelOrBatchIsRefused() {
        Attention attention = Attention.heads(2).causal().create(8, KEY);
        Carry foreign = new Carry();
        foreign.restore(Map.of(attention, List.of(Recurrent.State.of(Tensor.zeros(2, 12), Tensor.zeros(2, 12)))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attention.forward(normal("x", 2, 1, 8), foreign.over(Context.inference())))
                .withMessageContaining("Is it of another model? Begin with a new Carry");
        Carry carry = new Carry();
        attention.forward(normal("x", 2, 3, 8), carry.over(Context.inference()));
        carry.advance();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attention.forward(normal("x", 3, 1, 8), carry.over(Context.inference())))
                .withMessageContaining("2 rows, but the batch has 3");
        LearnedPositions positions = LearnedPositions.of(4).create(8, KEY);
        Carry other = new Carry();
        other.restore(Map.of(positions, List.of(Recurrent.State.of(Tensor.zeros(2, 3)))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> positions.forward(normal("x", 2, 1, 8), other.over(Context.inference())))
                .withMessageContaining("is not a number of positions");
    }

    @Test
    void carriedStatesCanBeSavedAndRestored() {
        Network gpt = gpt();
        Tensor x = words(1, 6);
        Carry carry = new Carry();
        gpt.forward(positions(x, 0, 4), carry.over(Context.inference()));
        carry.advance();
        Carry other = new Carry();
        other.restore(carry.states());
        Tensor expected =
                gpt.forward(positions(x, 4, 6), carry.over(Context.inference())).output();
        assertThat(gpt.forward(positions(x, 4, 6), other.over(Context.inference()))
                        .output())
                .isBitEqualTo(expected);
        carry.reset();
        assertThat(gpt.forward(positions(x, 0, 2), carry.over(Context.inference()))
                        .output())
                .isBitEqualTo(gpt.predict(positions(x, 0, 2)));
    }

    @Test
    void sequencesLongerThanPositionsOrMaskAreRefused() {
        LearnedPositions positions = LearnedPositions.of(4).create(8, KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> positions.forward(normal("x", 2, 5, 8), Context.inference()))
                .withMessageContaining(
                        "got 5 positions, and has a row for 4; make the layer with LearnedPositions.of(5)");
        Carry carry = new Carry();
        positions.forward(normal("x", 2, 3, 8), carry.over(Context.inference()));
        carry.advance();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> positions.forward(normal("x", 2, 2, 8), carry.over(Context.inference())))
                .withMessageContaining("got 5 positions");
        Attention attention = Attention.heads(2).mask(Tensor.zeros(4, 4)).create(8, KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attention.forward(normal("x", 2, 5, 8), Context.inference()))
                .withMessageContaining("for sequences of up to 4 positions, got 5; give a larger mask");
    }

    @Test
    void aPaddedTextGetsTheSameBitsAsAlone() {
        Network network = Network.builder(KEY)
                .tokens()
                .timeMajor()
                .layer(
                        "text",
                        Masking.of(
                                0,
                                text -> text.layer("words", Embedding.of(11, 8))
                                        .timeMajor()
                                        .layer("positions", SinusoidalPositions.of())
                                        .layer(
                                                "block",
                                                Residual.of(body -> body.layer("attention", Attention.heads(2))))
                                        .timeMajor()
                                        .layer("gru", Gru.units(5))
                                        .layer("mean", new MeanOverTime())))
                .dense("class", 2)
                .build();
        Tensor x = Tensor.of(new float[] {3, 5, 1, 0, 0, 9, 2, 2, 7, 4}, 2, 5);
        Tensor y = network.predict(x);
        Tensor alone = network.predict(Tensor.of(new float[] {3, 5, 1}, 1, 3));
        assertThat(alone.row(0)).isBitEqualTo(y.row(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.predict(Tensor.of(new float[] {0, 0, 1, 2}, 2, 2)))
                .withMessageContaining("sequence 0 of 2 is all padding, so it has no key to attend to");
    }

    @Test
    void paddedSequencesCannotBeCarried() {
        Attention attention = Attention.heads(2).causal().create(8, KEY);
        Context padded = Lengths.of(3, 3, 2).over(new Carry().over(Context.inference()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attention.forward(normal("x", 2, 3, 8), padded))
                .withMessageContaining("padded sequences cannot be carried");
        Context wrong = Lengths.of(3, 3, 2).over(Context.inference());
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> attention.forward(normal("x", 3, 2, 8), wrong))
                .withMessageContaining("the lengths of padded sequences are of a batch [2 x 3 x ...], got [3 x 2 x 8]");
    }

    @Test
    void everyMatrixHasItsOwnFansKeyAndInitializer() {
        Attention attention = Attention.heads(2)
                .keyValueHeads(1)
                .headSize(3)
                .output(Init.zeros())
                .create(8, KEY);
        assertThat(attention.parametersByPath().keySet())
                .containsExactly("query", "key", "value", "output", "queryBias", "keyBias", "valueBias", "outputBias");
        Map<String, Fans> fans = Map.of(
                "query", new Fans(8, 6), "key", new Fans(8, 3), "value", new Fans(8, 3), "output", new Fans(6, 8));
        fans.forEach((name, expected) -> {
            Parameter weight = attention.parameter(name);
            assertThat(weight.fans()).isEqualTo(expected);
            assertThat(weight.value().shape()).isEqualTo(Shape.of((int) expected.in(), (int) expected.out()));
            assertThat(weight.key()).isEqualTo(KEY.child(name));
            Tensor drawn = Tensor.zeros(weight.value().shape());
            if (!name.equals("output")) {
                Init.xavierUniform().fill(drawn, expected, KEY.child(name));
            }
            assertThat(weight.value()).isBitEqualTo(drawn);
            assertThat(attention.parameter(name + "Bias").value()).isBitEqualTo(Tensor.zeros((int) expected.out()));
        });
        assertThat(Attention.heads(2).withoutBias().create(8, KEY).parameters()).hasSize(4);
    }

    @Test
    void anOutputOfZerosMakesAResidualBlockTheIdentity() {
        Layer block = Residual.of(
                        body -> body.layer("attention", Attention.heads(2).output(Init.zeros())))
                .create(SEQUENCE, KEY);
        Tensor x = normal("x", 2, 3, 8);
        assertThat(block.forward(x, Context.inference()).output()).isBitEqualTo(x);
    }

    @Test
    void wrongHeadsAreRefusedWithAFix() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(3).create(8, KEY))
                .withMessage("Attention of 3 heads on 8 features: the heads must divide the features; choose another"
                        + " number of heads or features, or give the size of a head by headSize(n)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(4).keyValueHeads(3))
                .withMessageContaining("give keyValueHeads a divisor of 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(0))
                .withMessageContaining("give at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Attention.heads(2).rotary(Rotary.halves()).headSize(3).create(8, KEY))
                .withMessageContaining("3 features cannot be rotated in a head of 3; give rotated(n) an even number");
        assertThatIllegalArgumentException().isThrownBy(() -> Rotary.halves().rotated(3));
        assertThatIllegalArgumentException().isThrownBy(() -> Rotary.halves().base(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(2).mask(Tensor.full(Float.NaN, 2, 2)))
                .withMessageContaining("the mask has NaN at row 0");
        Tensor hiding = Tensor.of(new float[] {0, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, 0}, 2, 2);
        Attention.heads(2).mask(hiding).create(8, KEY);
        hiding.set(Float.NEGATIVE_INFINITY, 1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(2).mask(hiding).create(8, KEY))
                .withMessage("attention: the mask hides every key from query 1, so its softmax is not defined; leave at"
                        + " least one key visible, such as the query's own, at row 1, column 1");
        Tensor first = Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 0, 0, 0}, 2, 2);
        Attention.heads(2).mask(first).create(8, KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attention.heads(2).mask(first).causal().create(8, KEY))
                .withMessageContaining("from query 0, as causal attention hides those after it, so its softmax");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Attention.heads(2).mask(Tensor.zeros(2, 3)))
                .withMessageContaining("[positions x positions]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Attention.heads(2).create(Shape.of(Shape.ANY, 8), KEY))
                .withMessageContaining("[batch x time x features]");
    }

    private static Graph translation(boolean masked) {
        Graph.Builder graph = Graph.builder(KEY);
        Node source = graph.input("source", 5, 6);
        Node target = graph.input("target", 3, 8);
        Attention attention = (Attention) graph.make("cross", Attention.heads(2).memory(6), target);
        Node y = masked
                ? attention.across(target, source, graph.input("mask", 1, 1, 5))
                : attention.across(target, source);
        return graph.output("y", target.plus(y)).build();
    }

    @Test
    void acrossTwoSequencesInAGraph() {
        for (boolean masked : new boolean[] {false, true}) {
            Graph graph = translation(masked);
            Tensor x = normal("x", 4, graph.inputs().orElseThrow().size());
            assertThat(graph.parametersByPath().keySet()).contains("cross.query", "cross.keyBias");
            GradientCheck.standard().check(graph, x).throwIfFailed();
        }
    }

    @Test
    void aHiddenKeyOfAnotherSequenceDoesNotCount() {
        Graph graph = translation(true);
        Tensor mask = Tensor.zeros(2, 1, 1, 5);
        mask.row(0).fill(0);
        mask.set(Float.NEGATIVE_INFINITY, 0, 0, 0, 4);
        Tensor target = normal("target", 2, 3, 8);
        Tensor source = normal("source", 2, 5, 6);
        Tensor other = source.copy();
        other.row(0).row(4).fill(7);
        var parts = graph.inputs().orElseThrow();
        Tensor y = graph.forward(
                        parts.pack(Map.of("source", source, "target", target, "mask", mask)), Context.inference())
                .output();
        Tensor z = graph.forward(
                        parts.pack(Map.of("source", other, "target", target, "mask", mask)), Context.inference())
                .output();
        assertThat(z).isBitEqualTo(y);
    }

    @Test
    void rotaryPositionsAndAFixedMaskAreOfOneSequence() {
        Node x = Node.of(Tensor.zeros(1, 2, 8));
        for (Attention.Config config : List.of(
                Attention.heads(2).rotary(Rotary.halves()), Attention.heads(2).mask(Tensor.zeros(2, 2)))) {
            Attention attention = config.create(8, KEY);
            assertThatIllegalStateException()
                    .isThrownBy(() -> attention.across(x, x))
                    .withMessageContaining("belong to one sequence");
        }
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Attention.heads(2).memory(6).create(8, KEY).outputShape(SEQUENCE))
                .withMessageContaining("use across(x, memory) in a graph");
    }

    @Test
    void torchHasQueriesKeysAndValuesInOneMatrix() {
        List<WeightMapping> mapping = Attention.heads(2).create(8, KEY).torchMapping();
        assertThat(mapping.stream().map(WeightMapping::name))
                .containsExactly("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias");
        assertThat(mapping.getFirst().parts().stream()
                        .map(part -> part.parameter().name() + " " + part.form()))
                .containsExactly("query TRANSPOSED", "key TRANSPOSED", "value TRANSPOSED");
        assertThat(Attention.heads(2).memory(6).withoutBias().create(8, KEY).torchMapping().stream()
                        .map(WeightMapping::name))
                .containsExactly("q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight");
    }

    @Test
    void itsTextSaysWhatItComputes() {
        assertThat(Attention.heads(2).create(8, KEY)).hasToString("Attention 8, 2 heads");
        assertThat(Attention.heads(2)
                        .keyValueHeads(1)
                        .headSize(6)
                        .memory(5)
                        .causal()
                        .scale(0.25)
                        .rotary(Rotary.halves().rotated(4))
                        .create(8, KEY))
                .hasToString("Attention 8, 2 heads of 6, 1 of keys and values, memory of 5, causal, scale 0.25,"
                        + " Rotary HALVES, base 10000.0, 4 features");
        assertThat(Attention.heads(1).mask(Tensor.zeros(2, 2)).create(8, KEY).toString())
                .startsWith("Attention 8, 1 head, mask [2 x 2] ");
        assertThat(LearnedPositions.of(4).create(8, KEY)).hasToString("LearnedPositions 4 x 8");
        assertThat(SinusoidalPositions.of()).hasToString("SinusoidalPositions INTERLEAVED");
    }

    @Test
    void aTiedHeadAndALayerInTwoPlacesCountOnce() {
        assertThat(gpt().parametersByPath().keySet())
                .contains("words.weight", "block1.attention.query", "block2.attention.query")
                .doesNotContain("head.weight", "block3.attention.query");
    }
}
