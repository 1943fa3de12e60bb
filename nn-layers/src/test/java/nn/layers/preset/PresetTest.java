package nn.layers.preset;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import nn.init.DeepNorm;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.ResidualBranch;
import nn.layers.convolution.Convolution;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PresetTest {
    private static final Key KEY = Key.of(71);

    /** A layer with the weights of an attention, of which only names, kinds and order count here. */
    private record Attention(List<Parameter> parameters) implements Layer {
        static Attention of(int units, Key key) {
            return new Attention(List.of("query", "key", "value", "output").stream()
                    .map(name -> Parameter.create(
                            name,
                            Parameter.Kind.WEIGHT,
                            Shape.of(units, units),
                            Fans.dense(units, units),
                            Init.xavierUniform(),
                            key))
                    .toList());
        }

        @Override
        public Pass newPass() {
            throw new AssertionError("not run");
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    /** Two pre-norm blocks between an embedding and a head. */
    private static Network transformer() {
        Network.Builder builder = Network.builder(KEY)
                .tokens()
                .layer("tokens", Embedding.of(11, 8).padding(0));
        for (int block = 1; block <= 2; block++) {
            builder.layer(
                    "attention" + block,
                    Residual.of(body -> body.layerNorm("norm").layer("mix", (in, key) -> Attention.of(8, key))));
            builder.layer(
                    "feed" + block,
                    Residual.of(body ->
                            body.layerNorm("norm").dense("up", 32).gelu().dense("down", 8)));
        }
        return builder.layerNorm("norm").dense("head", 11).build();
    }

    private static Map<String, String> schemes(PresetReport report) {
        return report.parameters().stream()
                .collect(Collectors.toMap(
                        PresetReport.Line::path, line -> line.decision().toString()));
    }

    @Test
    void gptTwoScalesTheLastWeightOfEachBranchAndTheSummarySaysSo() {
        Network model = transformer();
        PresetReport report = Preset.gpt2(4).apply(model).throwIfUnmatched();
        String scaled = "scaled(normal(0, 0.02), 0.5)"; // by 1 / sqrt(4)
        assertThat(report.branches()).isEqualTo(4);
        assertThat(report.parameters()).hasSameSizeAs(model.parametersByPath().entrySet());
        assertThat(schemes(report))
                .containsEntry("tokens.weight", "padding row(normal(0, 0.02), 0)")
                .containsEntry("attention1.mix.query", "normal(0, 0.02)")
                .containsEntry("attention1.mix.value", "normal(0, 0.02)")
                .containsEntry("attention1.mix.output", scaled)
                .containsEntry("attention2.mix.output", scaled)
                .containsEntry("feed1.up.weight", "normal(0, 0.02)")
                .containsEntry("feed1.up.bias", "zeros")
                .containsEntry("feed1.down.weight", scaled)
                .containsEntry("feed2.down.weight", scaled)
                .containsEntry("head.weight", "normal(0, 0.02)")
                .containsEntry("norm.scale", "as built");
        assertThat(schemes(report).values().stream().filter(scaled::equals)).hasSize(4);
        assertThat(report.toString())
                .startsWith("GPT-2: 29 parameters, 4 residual branches\n")
                .contains("\n  feed1.down.weight (branch output): " + scaled + "\n");
        assertThat(model.summary().lines().filter(line -> line.endsWith(scaled)))
                .hasSize(4);
        assertThat(model.summary()).contains("padding row(normal(0, 0.02), 0)");
        assertThat(model.parameter("tokens.weight").value().row(0).maxAbs()).isZero();
        assertThat(model.parameter("norm.scale").value().toArray()).containsOnly(1f);
    }

    @Test
    void aParameterGetsTheValuesThatItsLayerWouldHaveBeenBuiltWith() {
        Network drawn = Network.builder(KEY)
                .input(6)
                .layer("block", Residual.of(body -> body.dense("a", 6).relu().dense("b", 6)))
                .build();
        Preset.gpt2(1).apply(drawn);
        Initializer weight = Init.normal(0.02);
        Network built = Network.builder(KEY)
                .input(6)
                .layer(
                        "block",
                        Residual.of(body -> body.dense("a", 6, weight).relu().dense("b", 6, Init.residual(weight, 1))))
                .build();
        assertThat(drawn.summary()).isEqualTo(built.summary());
        built.parametersByPath()
                .forEach((path, parameter) ->
                        assertThat(drawn.parameter(path).value()).isBitEqualTo(parameter.value()));
    }

    @Test
    void anotherNumberOfBranchesIsRefusedAndNothingIsDrawn() {
        Network model = transformer();
        Tensor before = model.parameter("head.weight").value().copy();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preset.gpt2(24).apply(model))
                .withMessage("GPT-2: the model has 4 residual branches, and 24 were expected, so their weights would be"
                        + " scaled wrongly; found 'attention1', 'feed1', 'attention2', 'feed2'. Give the number of the"
                        + " model, and have custom layers tell theirs by residualBranches()");
        assertThat(model.parameter("head.weight").value()).isBitEqualTo(before);
        Network plain = Network.builder(KEY).input(3).dense("out", 3).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preset.zeroLast().apply(plain))
                .withMessageStartingWith("zero-last: the model has no residual branch");
        Network empty = Network.builder(KEY)
                .input(3)
                .layer("block", Residual.of(body -> body.layerNorm("norm")))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preset.gpt2(1).apply(empty))
                .withMessageContaining("the residual branch of 'block' has no weight");
        assertThatIllegalArgumentException().isThrownBy(() -> Preset.gpt2(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Preset.fixup(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Preset.tFixupEncoder(0));
    }

    @Test
    void whatAPresetDoesNotKnowIsNamedAndLeftAsItWas() {
        Network model = Network.builder(KEY)
                .sequence(4)
                .layer("memory", Lstm.units(4))
                .layer("block", Residual.of(body -> body.dense("fc", 4)))
                .build();
        Parameter forget = model.parametersByPath().entrySet().stream()
                .filter(entry ->
                        entry.getKey().contains("forget") && entry.getValue().kind() == Parameter.Kind.BIAS)
                .findFirst()
                .orElseThrow()
                .getValue();
        PresetReport report = Preset.gpt2(1).apply(model);
        assertThat(report.unmatched())
                .hasSize(12)
                .allSatisfy(line -> assertThat(line.path()).startsWith("memory."));
        assertThat(report.toString())
                .startsWith("GPT-2: 14 parameters, 1 residual branch, 12 NOT MATCHED\n")
                .contains("(recurrent): NOT MATCHED, as built: GPT-2 has no such parameter (recurrent)");
        assertThat(forget.value().toArray()).containsOnly(1f);
        assertThatIllegalStateException()
                .isThrownBy(report::throwIfUnmatched)
                .withMessageStartingWith("GPT-2 does not say how to draw:\n  memory.");
    }

    /** With a normalization last, its scale is zeroed: a weight of zero would make it divide by 0. */
    @Test
    void zeroLastMakesEveryBranchItsShortcut() {
        Network model = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 5, 5, 4))
                .layer(
                        "plain",
                        Residual.of(body -> body.layer(
                                        "conv1",
                                        Convolution.channels(6).kernel(3, 3).same())
                                .relu()
                                .layer(
                                        "conv2",
                                        Convolution.channels(4).kernel(3, 3).same())))
                .layer(
                        "normalized",
                        Residual.of(body -> body.layer(
                                        "conv1",
                                        Convolution.channels(6).kernel(3, 3).same())
                                .batchNorm("norm1")
                                .relu()
                                .layer(
                                        "conv2",
                                        Convolution.channels(4).kernel(3, 3).same())
                                .batchNorm("norm2")))
                .build();
        Tensor x = normal("x", 2, 5, 5, 4);
        assertThat(model.predict(x)).isNotBitEqualTo(x);
        PresetReport report = Preset.zeroLast().apply(model).throwIfUnmatched();
        assertThat(model.predict(x)).isBitEqualTo(x);
        assertThat(schemes(report))
                .containsEntry("plain.conv1.weight", "as built")
                .containsEntry("plain.conv2.weight", "zeros")
                .containsEntry("plain.conv2.bias", "zeros")
                .containsEntry("normalized.norm1.scale", "as built")
                .containsEntry("normalized.conv2.weight", "as built")
                .containsEntry("normalized.norm2.scale", "zeros");
        assertThat(model.parameter("normalized.conv2.weight").value().maxAbs()).isPositive();
        assertThat(model.parameter("plain.conv1.weight").value().maxAbs()).isPositive();
    }

    @Test
    void zeroLastNamesABranchThatEndsInARecurrentLayer() {
        Network model = Network.builder(KEY)
                .sequence(4)
                .layer("block", Residual.of(body -> body.layer("memory", Lstm.units(4))))
                .build();
        PresetReport report = Preset.zeroLast().apply(model);
        assertThat(report.unmatched()).isNotEmpty();
        assertThat(report.toString()).contains("the branch ends in a recurrent layer");
    }

    @Test
    void fixupScalesByTheWeightsOfABranchAndBeginsWithOutputsOfZero() {
        Network model = Network.builder(KEY)
                .input(6)
                .dense("stem", 8)
                .layer("two", Residual.of(body -> body.dense("a", 8).relu().dense("b", 8)))
                .layer(
                        "three",
                        Residual.of(body ->
                                body.dense("a", 8).relu().dense("b", 8).relu().dense("c", 8)))
                .dense("head", 3)
                .build();
        PresetReport report = Preset.fixup(2).apply(model).throwIfUnmatched();
        assertThat(schemes(report))
                .containsEntry("stem.weight", "he normal")
                .containsEntry("two.a.weight", Init.fixup(Init.heNormal(), 2, 2).toString())
                .containsEntry("two.b.weight", "zeros")
                .containsEntry(
                        "three.a.weight", Init.fixup(Init.heNormal(), 2, 3).toString())
                .containsEntry(
                        "three.b.weight", Init.fixup(Init.heNormal(), 2, 3).toString())
                .containsEntry("three.c.weight", "zeros")
                .containsEntry("head.weight", "zeros");
        assertThat(model.predict(normal("x", 4, 6)).maxAbs()).isZero();
        assertThat(report.toString()).contains("note: Fixup also has a scalar multiplier");
        PresetReport normalized = Preset.fixup(1)
                .apply(Network.builder(KEY)
                        .input(4)
                        .layer(
                                "block",
                                Residual.of(body -> body.layerNorm("norm").dense("fc", 4)))
                        .build());
        assertThat(normalized.unmatched()).extracting(PresetReport.Line::path).containsExactly("block.norm.scale");
    }

    @Test
    void deepNormScalesAllButQueriesAndKeys() {
        DeepNorm scales = DeepNorm.ofOneStack(2);
        Network model = transformer();
        PresetReport report = Preset.deepNorm(scales, 4).apply(model).throwIfUnmatched();
        String scaled = "variance scaling(gain " + scales.beta() + ", fan average, normal)";
        assertThat(scales.beta()).isEqualTo(0.5);
        assertThat(schemes(report))
                .containsEntry("attention1.mix.query", "xavier normal")
                .containsEntry("attention1.mix.key", "xavier normal")
                .containsEntry("attention1.mix.value", scaled)
                .containsEntry("attention1.mix.output", scaled)
                .containsEntry("feed1.up.weight", scaled)
                .containsEntry("feed1.down.weight", scaled)
                .containsEntry("tokens.weight", "as built")
                .containsEntry("head.weight", "as built");
        assertThat(report.notes().getFirst()).contains("alpha 1.414");
    }

    @Test
    void tFixupScalesBranchesAndTables() {
        Network model = Network.builder(KEY)
                .tokens()
                .layer("tokens", Embedding.of(11, 8))
                .layer("attention", Residual.of(body -> body.layer("mix", (in, key) -> Attention.of(8, key))))
                .layer("feed", Residual.of(body -> body.dense("up", 32).relu().dense("down", 8)))
                .dense("head", 11)
                .build();
        Preset.tFixupEncoder(1).apply(model).throwIfUnmatched();
        // U(-b, b) of variance b^2 / 3 = 0.67^2 * 2 / (in + out)
        Tensor value = model.parameter("attention.mix.value").value();
        assertThat((double) value.maxAbs())
                .isLessThan(0.67 * Math.sqrt(6.0 / 16))
                .isGreaterThan(0.6 * 0.67 * 0.61);
        assertThat(schemes(Preset.tFixupEncoder(1).apply(model)))
                .containsEntry("attention.mix.key", "xavier uniform")
                .containsEntry("attention.mix.value", "variance scaling(gain 0.67, fan average, uniform)")
                .containsEntry("feed.down.weight", "variance scaling(gain 0.67, fan average, uniform)")
                .containsEntry("head.weight", "xavier uniform")
                .containsEntry(
                        "tokens.weight",
                        Init.parse("scaled(variance scaling(gain 1, fan out, normal), " + Math.pow(9, -0.25) + ")")
                                .toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preset.tFixupDecoder(1).apply(model))
                .withMessageContaining("has 2 residual branches, and 3 were expected");
    }

    /** Published: encoder of 100 layers. */
    @Test
    void deepNormHasThePublishedNumbers() {
        assertThat(DeepNorm.ofOneStack(100).alpha()).isCloseTo(3.761, within(5e-4));
        assertThat(DeepNorm.ofOneStack(100).beta()).isCloseTo(0.1880, within(5e-5));
        assertThat(DeepNorm.ofDecoder(6).alpha()).isCloseTo(Math.pow(18, 0.25), within(1e-15));
        assertThat(DeepNorm.ofDecoder(6).beta()).isCloseTo(Math.pow(72, -0.25), within(1e-15));
        assertThat(DeepNorm.ofEncoder(6, 6).alpha()).isCloseTo(0.81 * Math.pow(6, 5 / 16.0), within(1e-15));
        assertThat(DeepNorm.ofEncoder(6, 6).beta()).isCloseTo(0.87 * Math.pow(6, -5 / 16.0), within(1e-15));
        assertThatIllegalArgumentException().isThrownBy(() -> DeepNorm.ofOneStack(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeepNorm(Double.NaN, 1));
    }

    /** Written as operations, as a residual block, with a scaled shortcut, and with a gain. */
    @Test
    void aGraphKnowsItsResidualBranches() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 6);
        Node stem = graph.layer("stem", nn.layers.dense.Dense.units(6), x);
        Node one =
                stem.plus(graph.chain("one", stem, b -> b.dense("a", 6).relu().dense("b", 6)));
        Node two = graph.layer("two", Residual.of(b -> b.dense("a", 6).relu().dense("b", 6)), one);
        Node branch = graph.chain("three", two, b -> b.dense("a", 6).relu().dense("b", 6));
        Node three = branch.plus(two.times(Node.of(Tensor.full(1.5f, 1))));
        Parameter gate = graph.parameter("gate", Init.ones(), new Fans(1, 1), 6);
        Node four = graph.chain("four", three, b -> b.layerNorm("norm").dense("a", 6))
                .times(Node.of(gate))
                .plus(three);
        Graph model = graph.output("y", graph.layer("head", nn.layers.dense.Dense.units(2), four))
                .build();
        PresetReport report = Preset.gpt2(4).apply(model);
        String scaled = "scaled(normal(0, 0.02), 0.5)";
        assertThat(report.parameters().stream()
                        .filter(line -> line.role() == ParameterRole.BRANCH_OUTPUT)
                        .map(PresetReport.Line::path))
                .containsExactlyInAnyOrder("one.b.weight", "two.b.weight", "three.b.weight", "four.a.weight");
        assertThat(schemes(report))
                .containsEntry("four.a.weight", scaled)
                .containsEntry("stem.weight", "normal(0, 0.02)");
        assertThat(report.unmatched())
                .extracting(PresetReport.Line::path)
                .containsExactly("gate"); // nothing says what it is for
    }

    @Test
    void aSumOfTwoTowersIsNoResidualBranch() {
        Graph.Builder graph = Graph.builder(KEY);
        Node user = graph.chain("user", graph.input("user", 4), t -> t.dense("a", 3));
        Node item = graph.chain("item", graph.input("item", 5), t -> t.dense("a", 3));
        Graph model = graph.output("sum", user.plus(item)).build();
        assertThat(model.residualBranches()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preset.gpt2(1).apply(model))
                .withMessageContaining("found none");
    }

    @Test
    void aPresetOfYourOwnDecidesByRoleAndAFailureRestoresEverything() {
        Network model = transformer();
        Preset small = Preset.of(
                "small heads",
                place -> place.role() == ParameterRole.HEAD
                        ? new Decision.Draw(Init.normal(0.001))
                        : new Decision.Keep());
        assertThat(schemes(small.apply(model)))
                .containsEntry("head.weight", "normal(0, 0.001)")
                .containsEntry("feed1.up.weight", "as built");
        String before = model.summary();
        Tensor table = model.parameter("tokens.weight").value();
        table.row(1).fill(3f);
        Tensor trained = table.copy();
        Preset fails = Preset.of(
                "fails",
                place -> new Decision.Draw(
                        place.role() == ParameterRole.HEAD
                                ? (out, fans, key) -> out.fill(Float.NaN)
                                : Init.constant(0.5)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fails.apply(model))
                .withMessageStartingWith("fails: 'head.weight': initializer ")
                .withMessageContaining("not finite");
        assertThat(model.summary()).isEqualTo(before);
        assertThat(table).isBitEqualTo(trained);
        assertThatThrownBy(() -> Preset.of("lazy", place -> null).apply(model))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("lazy: no decision for tokens.weight");
    }

    @Test
    void nestedBranchesBelongToTheSmallest() {
        Network model = Network.builder(KEY)
                .input(4)
                .layer(
                        "outer",
                        Residual.of(body -> body.dense("a", 4)
                                .layer(
                                        "inner",
                                        Residual.of(b -> b.dense("b", 4).relu().dense("c", 4)))))
                .build();
        Map<String, ParameterRole> roles = Preset.gpt2(2).apply(model).parameters().stream()
                .collect(Collectors.toMap(PresetReport.Line::path, PresetReport.Line::role));
        assertThat(roles)
                .containsEntry("outer.a.weight", ParameterRole.BRANCH_WEIGHT)
                .containsEntry("outer.inner.b.weight", ParameterRole.BRANCH_WEIGHT)
                .containsEntry("outer.inner.c.weight", ParameterRole.BRANCH_OUTPUT);
    }

    @Test
    void learnedPositionsAreAThirdKindOfTable() {
        Network model = Network.builder(KEY)
                .tokens()
                .layer("positions", Embedding.of(16, 4))
                .layer("block", Residual.of(body -> body.dense("fc", 4)))
                .build();
        assertThat(schemes(Preset.gpt2(1).apply(model))).containsEntry("positions.weight", "normal(0, 0.01)");
    }

    /** Whatever its layer is called: one row is added to each element, so the fan in is 1. */
    @Test
    void aTableThatIsAddedByPositionIsKnownByItsFans() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 16, 4);
        Parameter where = graph.parameter("where", Init.normal(1), Fans.embedding(16, 4), 16, 4);
        Node y = graph.layer("block", Residual.of(body -> body.dense("fc", 4)), x.plus(Node.of(where)));
        Graph model = graph.output("y", y).build();
        assertThat(schemes(Preset.gpt2(1).apply(model)))
                .containsEntry("where", "normal(0, 0.01)")
                .containsEntry("block.fc.weight", "scaled(normal(0, 0.02), 1)");
    }

    @Test
    void aLayerOfYourOwnTellsItsBranch() {
        record Twice(Layer inner) implements Layer {
            @Override
            public Pass newPass() {
                return inner.newPass();
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public java.util.SequencedMap<String, Layer> children() {
                return new java.util.LinkedHashMap<>(Map.of("inner", inner));
            }

            @Override
            public List<ResidualBranch> residualBranches() {
                return List.of(new ResidualBranch(inner.parameters()));
            }
        }

        Layer model = new Twice(nn.layers.dense.Dense.of(3, 3, KEY));
        assertThat(schemes(Preset.gpt2(1).apply(model))).containsEntry("inner.weight", "scaled(normal(0, 0.02), 1)");
        assertThat(model.forward(normal("x", 2, 3), Context.inference())
                        .output()
                        .shape())
                .isEqualTo(Shape.of(2, 3));
    }

    /** Blocks whose layers get their initializers one by one, as by hand. */
    private static Network byHand(Initializer output) {
        Initializer weight = Init.normal(0.02);
        Network.Builder builder = Network.builder(KEY).input(32);
        for (int block = 0; block < 8; block++) {
            builder.layer(
                    "block" + block,
                    Residual.of(body -> body.dense("up", 64, weight).gelu().dense("down", 32, output)));
        }
        return builder.dense("head", 32, weight).build();
    }

    @Test
    void anOutputScalingThatWasForgottenIsNamed() {
        Initializer weight = Init.normal(0.02);
        assertThat(Preset.gpt2(8).differences(byHand(Init.residual(weight, 8)))).isEmpty();
        List<String> found = Preset.gpt2(8).differences(byHand(weight));
        assertThat(found)
                .hasSize(8)
                .allSatisfy(text -> assertThat(text)
                        .matches("'block\\d\\.down\\.weight' \\(branch output\\) has a second moment of [78]\\.\\d+"
                                + " times that of scaled\\(normal\\(0, 0\\.02\\), 0\\.35\\d+\\), which GPT-2"
                                + " draws; that is its base without the factor, which was forgotten or not"
                                + " applied"));
        Network drawn = byHand(Init.xavierUniform());
        Preset.gpt2(8).apply(drawn);
        assertThat(Preset.gpt2(8).differences(drawn)).isEmpty();
        drawn.parameter("block3.up.bias").value().fill(1f);
        drawn.parameter("head.weight").value().scaleInPlace(2);
        assertThat(Preset.gpt2(8).differences(drawn))
                .satisfiesExactly(
                        bias -> assertThat(bias).isEqualTo("'block3.up.bias' (bias) is not zero, as GPT-2 draws it"),
                        head -> assertThat(head).startsWith("'head.weight' (head) has a second moment of "));
    }

    /** At most one false alarm in a million comparisons, and these are two hundred. */
    @Test
    void rightModelsDoNotDiffer() {
        for (long seed = 0; seed < 200; seed++) {
            Network model = Network.builder(Key.of(seed))
                    .input(12)
                    .layer(
                            "block",
                            Residual.of(body -> body.dense("a", 20).relu().dense("b", 12)))
                    .build();
            Preset preset = seed % 2 == 0 ? Preset.gpt2(1) : Preset.deepNorm(DeepNorm.ofOneStack(1), 1);
            preset.apply(model);
            assertThat(preset.differences(model)).isEmpty();
        }
    }
}
