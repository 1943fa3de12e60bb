package nn.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import nn.init.Init;
import nn.layers.attention.Attention;
import nn.layers.attention.Rotary;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.preset.Preset;
import nn.layers.recurrent.Lstm;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.train.TrainerOptions;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.schedule.Schedule;

/** A network that predicts the next character: takes [batch x time] codes, gives [batch x time x alphabet] logits. */
enum CharacterNet {
    /** A recurrent layer, which reads a text of any length. */
    LSTM(32, Integer.MAX_VALUE, 32, 0.8) {
        @Override
        Network create(int alphabet, Key key) {
            return Network.builder(key)
                    .tokens()
                    .layer("embedding", Embedding.of(alphabet, 24))
                    .layer("time", new TimeMajor())
                    .layer("lstm", Lstm.units(64))
                    .dropout("dropout", 0.3)
                    .layer("batch", new TimeMajor())
                    .dense("out", alphabet)
                    .build();
        }

        @Override
        Optimizer optimizer() {
            return AdamW.of(0.005).withWeightDecay(0.1);
        }

        @Override
        TrainerOptions options(long steps) {
            return TrainerOptions.NONE;
        }
    },

    /**
     * A small GPT (Radford and others, <i>Language models are unsupervised multitask learners</i>, 2019): blocks of
     * causal attention and two dense layers, each after a normalization. Positions are rotary, which a short text
     * teaches sooner than a table of them. Weights are drawn by the preset of GPT-2, apart from the head.
     */
    TRANSFORMER(32, 32, 16, 0.6) {
        @Override
        Network create(int alphabet, Key key) {
            Network.Builder layers = Network.builder(key)
                    .tokens()
                    .layer("characters", Embedding.of(alphabet, WIDTH))
                    .dropout("dropout", DROPOUT);
            for (int i = 1; i <= BLOCKS; i++) {
                layers.layer(
                                "attend" + i,
                                Residual.of(branch -> branch.layerNorm("norm")
                                        .layer(
                                                "attention",
                                                Attention.heads(HEADS).causal().rotary(Rotary.halves()))
                                        .dropout("dropout", DROPOUT)))
                        .layer(
                                "think" + i,
                                Residual.of(branch -> branch.layerNorm("norm")
                                        .dense("up", 4 * WIDTH)
                                        .gelu()
                                        .dense("down", WIDTH)
                                        .dropout("dropout", DROPOUT)));
            }
            Network network = layers.layerNorm("norm").dense("head", alphabet).build();
            Preset.gpt2(2 * BLOCKS).apply(network).throwIfUnmatched();
            network.parametersByPath().get("head.weight").draw(Init.normal(HEAD));
            return network;
        }

        @Override
        Optimizer optimizer() {
            return AdamW.of(0.015).withWeightDecay(0.1);
        }

        @Override
        TrainerOptions options(long steps) {
            return TrainerOptions.NONE.clipping(Clipping.norm(1)).schedule(Schedule.oneCycle(steps));
        }
    };

    private static final int WIDTH = 48;
    private static final int BLOCKS = 2;
    private static final int HEADS = 4;
    private static final double DROPOUT = 0.15;

    /**
     * The standard deviation of the head's weights, so small that the first loss is the logarithm of the alphabet's
     * size. The head reads features of mean square 1, so logits have the variance {@code WIDTH s^2}, and raise the
     * expected loss by half of that: by 0.01 with GPT-2's 0.02, and by 2e-7 with this. Beside that, the mean of a batch
     * scatters by less than one logit, {@code sqrt(WIDTH) s}, which is 0.0007.
     */
    private static final double HEAD = 1e-4;

    private final int window;
    private final int reach;
    private final int batch;
    private final double seconds;

    /**
     * Describes a network.
     *
     * @param window characters of an example for training
     * @param reach the longest text that it reads at once
     * @param batch examples in a step of training
     * @param seconds per epoch, on two cores
     */
    CharacterNet(int window, int reach, int batch, double seconds) {
        this.window = window;
        this.reach = reach;
        this.batch = batch;
        this.seconds = seconds;
    }

    /** Creates the network for an alphabet of some size. */
    abstract Network create(int alphabet, Key key);

    /** The optimizer, with the highest rate of its schedule. */
    abstract Optimizer optimizer();

    /** The options of a training of some steps. */
    abstract TrainerOptions options(long steps);

    /** The number of characters of an example for training. */
    int window() {
        return window;
    }

    /** The longest text that it reads at once. */
    int reach() {
        return reach;
    }

    /** The number of examples in a step of training. */
    int batch() {
        return batch;
    }

    /** The duration of an epoch, on two cores. */
    double secondsPerEpoch() {
        return seconds;
    }

    /** Returns the network of a name on the command line. */
    static CharacterNet named(String text) {
        return Arrays.stream(values())
                .filter(net -> net.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new UsageException("option --net is '" + text + "'; there are " + names()));
    }

    /** The names, for a help text. */
    static String names() {
        return Arrays.stream(values()).map(CharacterNet::text).collect(Collectors.joining(", "));
    }

    /** The name on the command line. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
