package nn.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.golden.Golden;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * State dicts with the names and axes that PyTorch gives its modules: loaded in one call, the model computes what
 * PyTorch computes.
 */
class TorchStateDictTest {
    private static final Key KEY = Key.of(1);
    private static final Golden CONVOLUTIONS = Golden.load("conv.safetensors");
    private static final Golden NORMS = Golden.load("norms.safetensors");
    private static final Golden ATTENTION = Golden.load("attention.safetensors");
    private static final Golden RECURRENT = Golden.load("recurrent.safetensors");

    @TempDir
    private Path folder;

    /** A state dict as a file of another program. */
    private static final class StateDict {
        final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        private final Golden golden;
        private final String name;

        StateDict(Golden golden, String name) {
            this.golden = golden;
            this.name = name;
        }

        /** Adds a tensor of the golden case. */
        StateDict with(String key, String stored) {
            tensors.put(stored, golden.tensor(name, "in/" + key));
            return this;
        }

        /** Adds weight and bias of a module; the golden bias may be absent. */
        StateDict module(String weight, String bias, String module) {
            with(weight, module + "weight");
            return golden.has(name, "in/" + bias) ? with(bias, module + "bias") : this;
        }

        /** Adds a MultiheadAttention, which has query, key and value one below the other. */
        StateDict attention(String prefix, String module) {
            tensors.put(module + "in_proj_weight", below(prefix + "wq", prefix + "wk", prefix + "wv"));
            tensors.put(module + "in_proj_bias", below(prefix + "bq", prefix + "bk", prefix + "bv"));
            return module(prefix + "wo", prefix + "bo", module + "out_proj.");
        }

        private Tensor below(String... keys) {
            Tensor first = golden.tensor(name, "in/" + keys[0]);
            int[] dims = first.shape().dims();
            dims[0] *= keys.length;
            Tensor joined = Tensor.zeros(dims);
            for (int i = 0; i < keys.length; i++) {
                joined.rows(i * first.dim(0), (i + 1) * first.dim(0)).copyFrom(golden.tensor(name, "in/" + keys[i]));
            }
            return joined;
        }
    }

    private Weights weights(StateDict dict) throws IOException {
        Path file = folder.resolve("model.safetensors");
        new Safetensors(dict.tensors, new LinkedHashMap<>()).write(file);
        return Weights.from(file);
    }

    private void load(StateDict dict, Layer model) throws IOException {
        LoadPlan done = weights(dict).load(model);
        assertThat(done.names(LoadPlan.Outcome.TAKEN)).containsExactlyInAnyOrderElementsOf(dict.tensors.keySet());
    }

    private static Tensor output(Layer model, Tensor x) {
        return model.forward(x, Context.inference()).output();
    }

    private static Tensor channelsLast(Tensor x) {
        return switch (x.shape().rank()) {
            case 3 -> x.permute(0, 2, 1);
            case 4 -> x.permute(0, 2, 3, 1);
            default -> x;
        };
    }

    private static Tensor channelsFirst(Tensor x) {
        return switch (x.shape().rank()) {
            case 3 -> x.permute(0, 2, 1);
            case 4 -> x.permute(0, 3, 1, 2);
            default -> x;
        };
    }

    @Test
    void aLinearModule() throws IOException {
        Golden golden = Golden.load("layers.safetensors");
        String name = "linear/3_17to5";
        Layer model = Dense.of(17, 5, KEY);
        load(new StateDict(golden, name).module("weight", "bias", ""), model);
        golden.assertClose(name, "out/y", output(model, golden.tensor(name, "in/x")));
    }

    /** Loads a convolution, in one or two dimensions, and compares its output. */
    private void requireSame(String name, Layer model) throws IOException {
        load(new StateDict(CONVOLUTIONS, name).module("weight", "bias", ""), model);
        Tensor x = channelsLast(CONVOLUTIONS.tensor(name, "in/x"));
        CONVOLUTIONS.assertClose(name, "out/y", channelsFirst(output(model, x)));
    }

    private static Convolution.Config convolution(int channels, int... kernel) {
        return Convolution.channels(channels).kernel(kernel).stride(2).padding(1);
    }

    @Test
    void convolutions() throws IOException {
        String line = "conv1d/N2_C4to6_10_k3_s2_p1_d1_g1";
        requireSame(line, convolution(6, 3).create(input(line), KEY));
        String plane = "conv2d/N2_C3to5_7x8_k3x3_s2x2_p1_d1x1_g1";
        requireSame(plane, convolution(5, 3, 3).create(input(plane), KEY));
    }

    @Test
    void transposedConvolutions() throws IOException {
        String line = "conv_transpose1d/N2_C3to4_5_k3_s2_p1_op1_d1_g1";
        requireSame(line, transposed(3).crop(new int[] {1}, new int[] {0}).create(input(line), KEY));
        String plane = "conv_transpose2d/N2_C3to4_4x3_k3x3_s2x2_p1_op1x1_d1x1_g1";
        requireSame(
                plane, transposed(3, 3).crop(new int[] {1, 1}, new int[] {0, 0}).create(input(plane), KEY));
    }

    private static TransposedConvolution.Config transposed(int... kernel) {
        return TransposedConvolution.channels(4).kernel(kernel).stride(2);
    }

    private static Shape input(String name) {
        return channelsLast(CONVOLUTIONS.tensor(name, "in/x")).shape();
    }

    @Test
    void normalizations() throws IOException {
        String group = "group_norm/N2_C6_4x3_G1";
        Tensor x = channelsLast(NORMS.tensor(group, "in/x"));
        Layer groupNorm = GroupNorm.groups(1).create(x.shape(), KEY);
        load(new StateDict(NORMS, group).module("weight", "bias", ""), groupNorm);
        NORMS.assertClose(group, "out/y", channelsFirst(output(groupNorm, x)));

        String batch = "batch_norm/N6_C5_flat_momentum0.1_eps1e-05";
        Layer batchNorm = BatchNorm.standard().create(Shape.of(6, 5), KEY);
        StateDict dict = new StateDict(NORMS, batch)
                .module("weight", "bias", "")
                .with("running_mean_0", "running_mean")
                .with("running_var_0", "running_var");
        load(dict, batchNorm);
        assertThat(batchNorm.parameter("variance").value().toArray())
                .containsExactly(NORMS.floats(batch, "in/running_var_0"));
        dict.tensors.put("num_batches_tracked", Tensor.full(100, new int[0]));
        assertThat(weights(dict).load(batchNorm).names(LoadPlan.Outcome.SKIPPED))
                .containsExactly("num_batches_tracked");

        Golden golden = Golden.load("norms.safetensors");
        String row = golden.cases("layer_norm/").getFirst();
        Tensor rows = golden.tensor(row, "in/x");
        Layer layerNorm = new LayerNorm.Config(golden.config(row).get("eps").asDouble()).create(rows.shape(), KEY);
        load(new StateDict(golden, row).module("weight", "bias", ""), layerNorm);
        golden.assertClose(row, "out/y", output(layerNorm, rows));
    }

    @Test
    void aMultiheadAttentionWithFusedProjections() throws IOException {
        String name = "attention/B2_T6_D8_H2";
        Layer model = Attention.heads(2).create(8, KEY);
        load(new StateDict(ATTENTION, name).attention("", ""), model);
        ATTENTION.assertClose(name, "out/y", output(model, ATTENTION.tensor(name, "in/x")));
    }

    private static StateDict recurrent(String name, String... ends) {
        StateDict dict = new StateDict(RECURRENT, name);
        for (String end : ends) {
            for (String tensor : List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")) {
                dict.with(tensor + end, tensor + end);
            }
        }
        return dict;
    }

    private void requireSame(String name, Recurrent model) throws IOException {
        load(recurrent(name, "_l0", "_l1"), model);
        List<Tensor> state = new ArrayList<>();
        for (int level = 0; level < 2; level++) {
            state.add(RECURRENT.tensor(name, "in/h0").row(level));
            if (RECURRENT.has(name, "in/c0")) {
                state.add(RECURRENT.tensor(name, "in/c0").row(level));
            }
        }
        RECURRENT.assertClose(
                name,
                "out/output",
                model.run(RECURRENT.tensor(name, "in/x"), new Recurrent.State(state), Context.inference())
                        .output());
    }

    @Test
    void anLstmOfTwoLayers() throws IOException {
        requireSame(
                "lstm/T6_B2_I3_H4_L2", Stacked.of(Lstm.units(4), Lstm.units(4)).create(Shape.of(6, 2, 3), KEY));
    }

    /** The candidate of a GRU has a bias inside the reset gate, the last third of bias_hh. */
    @Test
    void aGruOfTwoLayers() throws IOException {
        requireSame("gru/T6_B2_I3_H4_L2", Stacked.of(Gru.units(4), Gru.units(4)).create(Shape.of(6, 2, 3), KEY));
    }

    @Test
    void aBidirectionalRnn() throws IOException {
        String name = "rnn/T4_B2_I3_H4_L1_bidirectional_noh0";
        Tensor x = RECURRENT.tensor(name, "in/x");
        Layer model = Bidirectional.of(Rnn.units(4)).create(x.shape(), KEY);
        load(recurrent(name, "_l0", "_l0_reverse"), model);
        RECURRENT.assertClose(name, "out/output", output(model, x));
    }

    /** Two bidirectional layers, one module of PyTorch, are two layers here. */
    @Test
    void aBidirectionalLstmOfTwoLayers() throws IOException {
        String name = "lstm/T5_B3_I3_H4_L2_bidirectional_lengths3-5-1";
        StateDict dict = recurrent(name, "_l0", "_l0_reverse", "_l1", "_l1_reverse");
        Network model = Network.builder(KEY)
                .sequence(3)
                .layer("first", Bidirectional.of(Lstm.units(4)))
                .layer("second", Bidirectional.of(Lstm.units(4)))
                .build();
        weights(dict)
                .rename("*_l0*", "first.*_l0*")
                .rename("*_l1*", "second.*_l0*")
                .load(model);
        assertThat(model.parameter("second.backward.candidate_input")
                        .value()
                        .transpose()
                        .toArray())
                .containsExactly(RECURRENT
                        .tensor(name, "in/weight_ih_l1_reverse")
                        .rows(8, 12)
                        .toArray());
    }

    private static Network gpt(boolean tied) {
        Embedding words = Embedding.of(13, 8, KEY);
        Network.Builder builder =
                Network.builder(KEY).tokens().layer("embedding", words).layer("positions", LearnedPositions.of(8));
        for (int l = 0; l < 2; l++) {
            builder.layer(
                            "attend" + l,
                            Residual.of(body -> body.layerNorm("norm")
                                    .layer("attention", Attention.heads(2).causal())))
                    .layer(
                            "feed" + l,
                            Residual.of(body -> body.layerNorm("norm")
                                    .dense("up", 16)
                                    .activation(Nonlinearity.GELU_TANH)
                                    .dense("down", 8)));
        }
        builder.layerNorm("last");
        return (tied
                        ? builder.layer("head", words.tied())
                        : builder.layer("head", Dense.units(13).withoutBias()))
                .build();
    }

    private static Weights renamed(Weights weights) {
        return weights.rename("module.*", "*") // as DistributedDataParallel saves
                .rename("transformer.h.*.attn.*", "attend*.attention.*")
                .rename("transformer.h.*.ln_1.*", "attend*.norm.*")
                .rename("transformer.h.*.ln_2.*", "feed*.norm.*")
                .rename("transformer.h.*.mlp.*", "feed*.*")
                .rename("transformer.wpe.", "positions.")
                .rename("transformer.ln_f.", "last.");
    }

    /** A whole model, saved by a wrapper, with other names, and a tied output under two names, under one, or untied. */
    @Test
    void aGpt() throws IOException {
        String name = "gpt/B2_T6_V13_D8_H2_F16_L2_tanh_tied";
        StateDict dict = new StateDict(ATTENTION, name);
        dict.with("embedding", "module.transformer.wte.weight").with("positions", "module.transformer.wpe.weight");
        for (int l = 0; l < 2; l++) {
            String block = "module.transformer.h." + l + ".";
            dict.module("l" + l + ".ln1_weight", "l" + l + ".ln1_bias", block + "ln_1.");
            dict.attention("l" + l + ".", block + "attn.");
            dict.module("l" + l + ".ln2_weight", "l" + l + ".ln2_bias", block + "ln_2.");
            dict.module("l" + l + ".w1", "l" + l + ".b1", block + "mlp.up.");
            dict.module("l" + l + ".w2", "l" + l + ".b2", block + "mlp.down.");
        }
        dict.module("lnf_weight", "lnf_bias", "module.transformer.ln_f.");
        String words = "transformer.wte.";
        requireSameLogits(name, renamed(weights(dict)).rename(words, "embedding."), gpt(true));
        requireSameLogits(name, renamed(weights(dict)).repeat(words, "head.").rename(words, "embedding."), gpt(false));
        dict.with("embedding", "module.head.weight");
        requireSameLogits(name, renamed(weights(dict)).rename(words, "embedding."), gpt(true));
        dict.tensors.remove("module.transformer.wte.weight");
        requireSameLogits(name, renamed(weights(dict)), gpt(true));
    }

    private static void requireSameLogits(String name, Weights weights, Network model) {
        weights.load(model);
        long[] tokens = ATTENTION.longs(name, "in/tokens");
        Tensor x = Tensor.zeros(ATTENTION.shape(name, "in/tokens"));
        for (int i = 0; i < tokens.length; i++) {
            x.array()[i] = tokens[i];
        }
        ATTENTION.assertClose(name, "out/logits", output(model, x));
    }
}
