package nn.layers.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import nn.golden.Golden;
import nn.init.Fans;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.graph.Formula;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.RmsNorm;
import nn.tensor.Key;
import nn.tensor.Losses;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention, positions and whole transformers, compared with PyTorch; the files have matrices as [out x in]. */
class GoldenAttentionTest {
    private static final Golden GOLDEN = Golden.load("attention.safetensors");
    private static final Key KEY = Key.of(1);

    /** The names of attention's parameters in the files. */
    private static final Map<String, String> NAMES = Map.of(
            "query",
            "wq",
            "key",
            "wk",
            "value",
            "wv",
            "output",
            "wo", //
            "queryBias",
            "bq",
            "keyBias",
            "bk",
            "valueBias",
            "bv",
            "outputBias",
            "bo");

    static List<String> attentions() {
        return GOLDEN.cases("attention/");
    }

    static List<String> rotations() {
        return GOLDEN.cases("rope/");
    }

    static List<String> sinusoids() {
        return GOLDEN.cases("sinusoidal/");
    }

    static Stream<String> encoders() {
        return Stream.of("postnorm_encoder/", "prenorm_encoder/").flatMap(kind -> GOLDEN.cases(kind).stream());
    }

    static List<String> gpts() {
        return GOLDEN.cases("gpt/");
    }

    static List<String> llamas() {
        return GOLDEN.cases("llama/");
    }

    /** A matrix as its transpose; anything else as it is. */
    private static Tensor turned(Tensor t) {
        return t.shape().rank() == 2 ? t.transpose() : t;
    }

    private static void set(Parameter parameter, String name, String key) {
        parameter.value().copyFrom(turned(GOLDEN.tensor(name, "in/" + key)));
    }

    private static void set(Attention attention, String name, String prefix) {
        attention.parameters().forEach(p -> set(p, name, prefix + NAMES.get(p.name())));
    }

    private static void check(Attention attention, Gradients gradients, String name, String prefix) {
        attention
                .parameters()
                .forEach(
                        p -> GOLDEN.assertClose(name, "grad/" + prefix + NAMES.get(p.name()), turned(gradients.of(p))));
    }

    private static Rotary rotary(JsonNode config) {
        Rotary.Pairs pairs =
                config.get("convention").asText().equals("half") ? Rotary.Pairs.HALVES : Rotary.Pairs.INTERLEAVED;
        return new Rotary(
                pairs, config.get("base").asDouble(), config.path("rotated").asInt(0));
    }

    /** A tensor of the files as a parameter, so that it gets a gradient. */
    private static Parameter parameter(String label, Tensor values) {
        return Parameter.create(
                label,
                Parameter.Kind.WEIGHT,
                values.shape(),
                new Fans(1, 1),
                (out, fans, key) -> {
                    if (values.isBelow(Float.MAX_VALUE)) {
                        out.copyFrom(values);
                    }
                },
                KEY);
    }

    /** 0 for real keys and minus infinity for padding, [batch x 1 x 1 x keys]. */
    private static Tensor hiding(Tensor padding) {
        Tensor mask = Tensor.zeros(padding.dim(0), 1, 1, padding.dim(1));
        for (int i = 0; i < padding.size(); i++) {
            mask.array()[i] = padding.array()[i] == 0 ? Float.NEGATIVE_INFINITY : 0;
        }
        return mask;
    }

    private static Lengths lengths(Tensor padding) {
        int[] lengths = new int[padding.dim(0)];
        for (int b = 0; b < lengths.length; b++) {
            lengths[b] = (int) padding.row(b).sum();
        }
        return Lengths.of(padding.dim(1), lengths);
    }

    /** Attention whose memory and mask are parameters. */
    private static final class Across extends Formula {
        private final Attention attention;
        private final List<Parameter> memory = new ArrayList<>();
        private final List<Parameter> mask = new ArrayList<>();
        private final List<Tensor> constant = new ArrayList<>();

        Across(Attention attention) {
            this.attention = attention;
        }

        @Override
        protected Node forward(Node x) {
            Node from = memory.isEmpty() ? x : Node.of(memory.getFirst());
            Node added = !mask.isEmpty()
                    ? Node.of(mask.getFirst())
                    : constant.isEmpty() ? null : Node.of(constant.getFirst());
            return added == null ? attention.across(x, from) : attention.across(x, from, added);
        }

        @Override
        public List<Parameter> parameters() {
            return Stream.of(attention.parameters(), memory, mask)
                    .flatMap(List::stream)
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void attentionAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        String mask = config.get("mask").asText();
        boolean cross = config.get("cross").asBoolean();
        Attention.Config factory = Attention.heads(config.get("heads").asInt())
                .keyValueHeads(config.get("kv_heads").asInt())
                .headSize(config.get("head_size").asInt())
                .memory(config.get("memory_features").asInt())
                .scale(config.get("scale").asDouble());
        factory = config.get("bias").asBoolean() ? factory : factory.withoutBias();
        factory = mask.startsWith("causal") && !mask.equals("causal_top_left") ? factory.causal() : factory;
        factory = config.has("rope") ? factory.rotary(rotary(config.get("rope"))) : factory;
        boolean hidden = mask.equals("fully_masked_row");
        if (hidden) { // contested: refused, as a fixed mask and, below, as an input
            Attention.Config plain = factory.mask(GOLDEN.tensor(name, "in/mask"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> plain.create(config.get("features").asInt(), KEY))
                    .withMessageContaining("hides every key");
        }
        boolean fixed = mask.equals("additive_extreme");
        factory = fixed ? factory.mask(GOLDEN.tensor(name, "in/mask")) : factory;
        Attention attention = factory.create(config.get("features").asInt(), KEY);
        set(attention, name, "");
        Across across = new Across(attention);
        if (cross) {
            across.memory.add(parameter("memory", GOLDEN.tensor(name, "in/memory")));
        }
        Context context = Context.training(KEY);
        if (hidden) {
            across.constant.add(GOLDEN.tensor(name, "in/mask"));
        } else if (mask.startsWith("additive") && !fixed) {
            across.mask.add(parameter("mask", GOLDEN.tensor(name, "in/mask")));
        } else if (mask.equals("causal_top_left")) {
            Tensor later = Tensor.zeros(
                    config.get("queries").asInt(), config.get("keys").asInt());
            for (int t = 0; t < later.dim(0); t++) {
                for (int s = t + 1; s < later.dim(1); s++) {
                    later.set(Float.NEGATIVE_INFINITY, t, s);
                }
            }
            across.constant.add(later);
        } else if (mask.endsWith("key_padding") && cross) {
            across.constant.add(hiding(GOLDEN.tensor(name, "in/key_padding")));
        } else if (mask.endsWith("key_padding")) {
            context = lengths(GOLDEN.tensor(name, "in/key_padding")).over(context);
        }
        Layer layer = hidden || cross || !across.mask.isEmpty() ? across : attention;
        Tensor x = GOLDEN.tensor(name, "in/x");
        if (hidden) {
            Context plain = context;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.forward(x, plain))
                    .withMessageContaining("hides every key");
            return;
        }
        Pass pass = layer.forward(x, context);
        Gradients gradients = new Gradients(layer);
        Tensor dx = pass.pullback(GOLDEN.tensor(name, "in/cotangent_y"), gradients);
        GOLDEN.assertClose(name, "out/y", pass.output());
        GOLDEN.assertClose(name, "grad/x", dx);
        check(attention, gradients, name, "");
        across.memory.forEach(p -> GOLDEN.assertClose(name, "grad/memory", gradients.of(p)));
        across.mask.forEach(p -> GOLDEN.assertClose(name, "grad/mask", gradients.of(p)));
        assertThat(GOLDEN.has(name, "grad/memory")).isEqualTo(cross);
    }

    @ParameterizedTest
    @MethodSource("rotations")
    void rotationAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        Rotary rotary = rotary(config);
        int[] dims = GOLDEN.shape(name, "in/x");
        Shape features = Shape.of(dims[0], dims[1], dims[2] * dims[3]);
        int first = config.get("offset").asInt();
        Tensor table = rotary.table(first + dims[1], dims[3]);
        Tensor y = Tensor.zeros(features);
        rotary.rotateInto(GOLDEN.tensor(name, "in/x").reshape(features), dims[2], table, first, false, y);
        GOLDEN.assertClose(name, "out/y", y.reshape(Shape.of(dims)));
        Tensor dx = Tensor.zeros(features);
        rotary.rotateInto(GOLDEN.tensor(name, "in/cotangent_y").reshape(features), dims[2], table, first, true, dx);
        GOLDEN.assertClose(name, "grad/x", dx.reshape(Shape.of(dims)));
    }

    @ParameterizedTest
    @MethodSource("sinusoids")
    void sinusoidalPositionsAgree(String name) {
        JsonNode config = GOLDEN.config(name);
        SinusoidalPositions positions = new SinusoidalPositions(SinusoidalPositions.Order.valueOf(
                config.get("convention").asText().toUpperCase(Locale.ROOT)));
        long[] at = GOLDEN.longs(name, "in/positions");
        int features = config.get("features").asInt();
        Tensor y = Tensor.zeros(at.length, features);
        for (int i = 0; i < at.length; i++) {
            y.row(i).copyFrom(positions.row(at[i], features));
        }
        GOLDEN.assertClose(name, "out/y", y);
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void anEncoderAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        boolean first = name.startsWith("prenorm");
        Network.Builder builder = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY, config.get("D").asInt()));
        for (int l = 0; l < config.get("L").asInt(); l++) {
            block(builder, "l" + l, config, first, false);
        }
        Network encoder = builder.build();
        encoder.parametersByPath().forEach((path, p) -> set(p, name, key(path)));
        Context context = lengths(GOLDEN.tensor(name, "in/key_padding")).over(Context.training(KEY));
        Pass pass = encoder.forward(GOLDEN.tensor(name, "in/x"), context);
        Gradients gradients = new Gradients(encoder);
        Tensor dx = pass.pullback(GOLDEN.tensor(name, "in/cotangent_y"), gradients);
        GOLDEN.assertClose(name, "out/y", pass.output());
        GOLDEN.assertClose(name, "grad/x", dx);
        encoder.parametersByPath()
                .forEach((path, p) -> GOLDEN.assertClose(name, "grad/" + key(path), turned(gradients.of(p))));
    }

    /** Adds a block; the children of its two halves are called a and f, and its norms n1 and n2. */
    private static void block(
            Network.Builder builder, String name, JsonNode config, boolean normFirst, boolean causal) {
        int features = config.get("D").asInt();
        int hidden = config.get("F").asInt();
        Attention.Config heads = Attention.heads(config.get("H").asInt());
        Attention.Config attention = causal ? heads.causal() : heads;
        String act = config.path("act").asText(config.path("gelu").asText());
        builder.layer(
                name + "a",
                Residual.of(body -> (normFirst ? body.layerNorm("ln1") : body).layer("attention", attention)));
        if (!normFirst) {
            builder.layerNorm(name + "ln1");
        }
        builder.layer(
                name + "f",
                Residual.of(body -> activation((normFirst ? body.layerNorm("ln2") : body).dense("w1", hidden), act)
                        .dense("w2", features)));
        if (!normFirst) {
            builder.layerNorm(name + "ln2");
        }
    }

    private static Network.Builder activation(Network.Builder body, String act) {
        return switch (act) {
            case "relu" -> body.relu();
            case "tanh" -> body.activation(Nonlinearity.GELU_TANH);
            default -> body.gelu();
        };
    }

    /** The name in the files of a parameter of a block, such as l0.wq for l0a.attention.query. */
    private static String key(String path) {
        String[] parts = path.split("\\.");
        String last = parts[parts.length - 1];
        String block = parts[0].substring(0, 2);
        String layer = parts.length == 3 ? parts[1] : parts[0].substring(2);
        return block + "."
                + switch (layer) {
                    case "attention" -> NAMES.get(last);
                    case "ln1", "ln2" -> layer + (last.equals("scale") ? "_weight" : "_bias");
                    default -> last.equals("weight") ? layer : layer.replace('w', 'b');
                };
    }

    @ParameterizedTest
    @MethodSource("gpts")
    void aGptAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        int entries = config.get("V").asInt();
        int features = config.get("D").asInt();
        boolean tied = config.get("tied").asBoolean();
        Embedding words = Embedding.of(entries, features, KEY);
        Network.Builder builder = Network.builder(KEY)
                .tokens()
                .layer("embedding", words)
                .layer("positions", LearnedPositions.of(GOLDEN.shape(name, "in/positions")[0]));
        for (int l = 0; l < config.get("L").asInt(); l++) {
            block(builder, "l" + l, config, true, true);
        }
        builder.layerNorm("lnf");
        Network gpt = (tied
                        ? builder.layer("head", words.tied())
                        : builder.layer("head", Dense.units(entries).withoutBias()))
                .build();
        check(gpt, name, GoldenAttentionTest::gptKey);
        assertThat(gpt.parametersByPath()).hasSize(tied ? 36 : 37);
    }

    /** Compares logits, the loss and all gradients of a model of tokens. */
    private static void check(Network model, String name, UnaryOperator<String> keys) {
        model.parametersByPath().forEach((path, p) -> {
            String key = keys.apply(path);
            Tensor given = GOLDEN.tensor(name, "in/" + key);
            p.value().copyFrom(isTable(key) ? given : turned(given));
        });
        Pass pass = model.forward(floats(name, "in/tokens"), Context.training(KEY));
        Tensor logits = pass.output();
        GOLDEN.assertClose(name, "out/logits", logits);
        Tensor labels = floats(name, "in/labels");
        int counted = 0;
        for (float label : labels.array()) {
            counted += label == -100 ? 0 : 1;
        }
        Tensor d = Tensor.zeros(logits.shape());
        int rows = labels.size();
        int entries = logits.dim(2);
        double loss = Losses.softmaxCrossEntropy(
                logits.reshape(rows, entries),
                labels.reshape(rows),
                new double[0],
                -100,
                1.0 / counted,
                d.reshape(rows, entries));
        GOLDEN.assertClose(name, "out/loss", new double[] {loss / counted}, GOLDEN.tolerance(name, "out/loss"));
        Gradients gradients = new Gradients(model);
        pass.pullbackParameters(d, gradients);
        model.parametersByPath().forEach((path, p) -> {
            String key = keys.apply(path);
            Tensor gradient = gradients.of(p);
            GOLDEN.assertClose(name, "grad/" + key, isTable(key) ? gradient : turned(gradient));
        });
    }

    @ParameterizedTest
    @MethodSource("llamas")
    void aLlamaAgrees(String name) {
        JsonNode config = GOLDEN.config(name);
        int entries = config.get("V").asInt();
        LayerFactory norm = RmsNorm.epsilon(config.get("eps").asDouble());
        LayerFactory attention = Attention.heads(config.get("H").asInt())
                .keyValueHeads(config.get("kv").asInt())
                .causal()
                .withoutBias()
                .rotary(Rotary.halves().base(config.get("base").asDouble()));
        LayerFactory gated = GatedDense.hidden(config.get("F").asInt())
                .activation(Nonlinearity.SILU)
                .withoutBias();
        Network.Builder builder = Network.builder(KEY)
                .tokens()
                .layer("embedding", Embedding.of(entries, config.get("D").asInt()));
        for (int l = 0; l < config.get("L").asInt(); l++) {
            builder.layer(
                            "l" + l + "a",
                            Residual.of(body -> body.layer("norm1", norm).layer("attention", attention)))
                    .layer(
                            "l" + l + "f",
                            Residual.of(body -> body.layer("norm2", norm).layer("ffn", gated)));
        }
        Network llama = builder.layer("normf", norm)
                .layer("head", Dense.units(entries).withoutBias())
                .build();
        check(llama, name, GoldenAttentionTest::llamaKey);
        assertThat(llama.parametersByPath()).hasSize(21);
    }

    /** The name in the files of a parameter, such as l0.w_gate for l0f.ffn.gate.weight. */
    private static String llamaKey(String path) {
        String[] parts = path.split("\\.");
        String block = parts[0].substring(0, 2);
        return parts.length == 2
                ? parts[0]
                : block + "."
                        + switch (parts[1]) {
                            case "attention" -> NAMES.get(parts[2]);
                            case "ffn" -> "w_" + parts[2];
                            default -> parts[1];
                        };
    }

    private static boolean isTable(String key) {
        return key.equals("embedding") || key.equals("positions");
    }

    private static String gptKey(String path) {
        String layer = path.substring(0, path.indexOf('.'));
        return switch (layer) {
            case "embedding", "positions", "head" -> layer;
            case "lnf" -> path.endsWith("scale") ? "lnf_weight" : "lnf_bias";
            default -> key(path);
        };
    }

    private static Tensor floats(String name, String key) {
        long[] values = GOLDEN.longs(name, key);
        Tensor tensor = Tensor.zeros(GOLDEN.shape(name, key));
        for (int i = 0; i < values.length; i++) {
            tensor.array()[i] = values[i];
        }
        return tensor;
    }
}
