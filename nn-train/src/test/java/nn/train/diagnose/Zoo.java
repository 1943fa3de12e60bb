package nn.train.diagnose;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;

/** Sick and healthy networks, with their data, for {@link ZooTest}. */
final class Zoo {
    /** A network, its loss and its data. */
    record Patient(Layer model, Loss loss, Tensor x, Tensor y) {}

    /**
     * A kind of network.
     *
     * @param name what it is
     * @param causes the symptoms of which one must be the first finding; empty if it is healthy
     * @param trains whether the same architecture can be trained on the same data
     * @param draw makes it for a key
     * @param sound makes the network as it should be
     */
    record Kind(
            String name,
            Set<Symptom> causes,
            boolean trains,
            Function<Key, Patient> draw,
            Function<Key, Patient> sound) {
        boolean isHealthy() {
            return causes.isEmpty();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final int FEATURES = 64;
    private static final int CLASSES = 10;
    private static final int ROWS = 320;

    private Zoo() {}

    // ------------------------------------------------------------------------------------------------ data

    private static Tensor normal(Key key, double stddev, int... dims) {
        Tensor t = Tensor.zeros(dims);
        key.normal(t, 0f, (float) stddev);
        return t;
    }

    /** Ten clusters with mean square 1. */
    private static Tensor clusters(Key key) {
        Tensor centres = normal(key.child("centres"), 0.8, CLASSES, FEATURES);
        Tensor x = normal(key.child("noise"), 0.6, ROWS, FEATURES);
        for (int i = 0; i < ROWS; i++) {
            x.row(i).addInPlace(centres.row(i % CLASSES));
        }
        return x;
    }

    private static Tensor labels() {
        Tensor y = Tensor.zeros(ROWS);
        for (int i = 0; i < ROWS; i++) {
            y.set(i % CLASSES, i);
        }
        return y;
    }

    private static Tensor scaled(Tensor x, double factor) {
        return x.map(v -> (float) factor * v);
    }

    /** [time x rows x 8], a class for each row in the first steps. */
    private static Tensor sequences(Key key, int steps, double signal) {
        Tensor x = normal(key.child("sequences"), 1, steps, ROWS / 5, 8);
        for (int b = 0; b < ROWS / 5; b++) {
            for (int t = 0; t < Math.min(steps, 5); t++) {
                x.set((float) (x.get(t, b, b % 8) + signal), t, b, b % 8);
            }
        }
        return x;
    }

    private static Tensor sequenceLabels() {
        Tensor y = Tensor.zeros(ROWS / 5);
        for (int b = 0; b < ROWS / 5; b++) {
            y.set(b % 8, b);
        }
        return y;
    }

    private static Tensor words(Key key, int entries) {
        Tensor x = normal(key.child("words"), 1, ROWS, 6);
        return x.map(v -> (float) Math.min(entries - 1, Math.floor(Math.abs(v) / 3.5 * entries)));
    }

    // ------------------------------------------------------------------------------------------------ networks

    private static Network.Builder input(Key key) {
        return Network.builder(key.child("network")).input(FEATURES);
    }

    private static Network.Builder stack(
            Network.Builder builder, int layers, int width, Initializer weights, Initializer biases, Nonlinearity f) {
        for (int l = 1; l <= layers; l++) {
            builder.dense("hidden" + l, width, weights, biases).activation(f);
        }
        return builder;
    }

    private static Patient classifier(Key key, Network.Builder builder) {
        return new Patient(builder.dense("out", CLASSES).build(), new SoftmaxCrossEntropy(), clusters(key), labels());
    }

    private static Patient mlp(
            Key key, int layers, int width, Initializer weights, Initializer biases, Nonlinearity f) {
        return classifier(key, stack(input(key), layers, width, weights, biases, f));
    }

    private static Function<Key, Patient> mlp(int layers, Initializer weights, Nonlinearity f) {
        return key -> mlp(key, layers, 64, weights, Init.zeros(), f);
    }

    /** Weights that layers get by themselves. */
    private static Function<Key, Patient> usual(int layers, int width, Nonlinearity f) {
        return key -> {
            Network.Builder builder = input(key);
            for (int l = 1; l <= layers; l++) {
                builder.dense("hidden" + l, width).activation(f);
            }
            return classifier(key, builder);
        };
    }

    private static Function<Key, Patient> withInputs(int layers, Nonlinearity f, Function<Tensor, Tensor> change) {
        return key -> {
            Patient sound = usual(layers, 64, f).apply(key);
            return new Patient(sound.model(), sound.loss(), change.apply(sound.x()), sound.y());
        };
    }

    private static Function<Key, Patient> changed(Function<Key, Patient> sound, Consumer<Layer> change) {
        return key -> {
            Patient patient = sound.apply(key);
            change.accept(patient.model());
            return patient;
        };
    }

    private static Function<Key, Patient> sequence(int steps, Function<Network.Builder, Network.Builder> layers) {
        return key -> new Patient(
                layers.apply(Network.builder(key.child("network")).sequence(8))
                        .dense("out", 8)
                        .build(),
                new SoftmaxCrossEntropy(),
                sequences(key, steps, 3),
                sequenceLabels());
    }

    private static Function<Key, Patient> regression(
            Function<Network.Builder, Network.Builder> end, Function<Tensor, Tensor> targets) {
        return key -> {
            Tensor x = clusters(key);
            Tensor y = Tensor.zeros(ROWS, 1);
            for (int i = 0; i < ROWS; i++) {
                y.set((float) (x.row(i).sum() / 8), i, 0);
            }
            Network.Builder body =
                    input(key).dense("hidden1", 64).tanh().dense("hidden2", 64).tanh();
            return new Patient(end.apply(body).build(), new MeanSquaredError(), x, targets.apply(y));
        };
    }

    private static Function<Key, Patient> binary(Function<Network.Builder, Network.Builder> end) {
        return key -> {
            Tensor y = Tensor.zeros(ROWS, 1);
            for (int i = 0; i < ROWS; i++) {
                y.set(i % CLASSES < 5 ? 1 : 0, i, 0);
            }
            Network.Builder body =
                    input(key).dense("hidden1", 64).relu().dense("hidden2", 64).relu();
            return new Patient(end.apply(body).build(), new SigmoidCrossEntropy(), clusters(key), y);
        };
    }

    /** Two classes, one of which has three rows of 320. */
    private static Patient rare(Key key, double bias) {
        Tensor y = Tensor.zeros(ROWS, 1);
        for (int i = 0; i < ROWS; i += 120) {
            y.set(1, i, 0);
        }
        Network.Builder b = input(key).dense("hidden1", 64).relu();
        Network model =
                b.dense("out", 1, Init.lecunNormal(), Init.constant(bias)).build();
        return new Patient(model, new SigmoidCrossEntropy(), clusters(key), y);
    }

    private static Function<Key, Patient> texts(Initializer table, Function<Network.Builder, Network.Builder> layers) {
        return key -> new Patient(
                layers.apply(Network.builder(key.child("network"))
                                .input(Shape.of(Shape.ANY, 6))
                                .layer("words", Embedding.of(50, 16).weight(table)))
                        .dense("out", CLASSES)
                        .build(),
                new SoftmaxCrossEntropy(),
                words(key, 50),
                labels());
    }

    /** Images of 8 x 8 with 3 channels, in ten clusters. */
    private static Function<Key, Patient> images(
            Function<Network.Builder, Network.Builder> layers, Function<Tensor, Tensor> change) {
        return key -> {
            Tensor centres = normal(key.child("centres"), 0.8, CLASSES, 8 * 8 * 3);
            Tensor x = normal(key.child("noise"), 0.6, ROWS, 8 * 8 * 3);
            for (int i = 0; i < ROWS; i++) {
                x.row(i).addInPlace(centres.row(i % CLASSES));
            }
            Network.Builder b = Network.builder(key.child("network")).input(Shape.of(Shape.ANY, 8, 8, 3));
            Network model = layers.apply(b).dense("out", CLASSES).build();
            return new Patient(model, new SoftmaxCrossEntropy(), change.apply(x.reshape(ROWS, 8, 8, 3)), labels());
        };
    }

    private static Function<Key, Patient> convolutions(int layers, Initializer weights, Initializer biases) {
        return images(
                b -> {
                    for (int l = 1; l <= layers; l++) {
                        b.layer("conv" + l, convolution().weight(weights).bias(biases))
                                .relu();
                    }
                    return b.layer("flat", new Flatten());
                },
                x -> x);
    }

    private static Convolution.Config convolution() {
        return Convolution.channels(8).kernel(3, 3).same();
    }

    private static Tensor asPixels(Tensor x) {
        return x.map(v -> 128 + 50 * Math.clamp(v, -2.5f, 2.5f));
    }

    private static Function<Key, Patient> withOutput(Function<Network.Builder, Network.Builder> end) {
        return key -> new Patient(
                end.apply(input(key).dense("hidden1", 64).relu().dense("out", CLASSES))
                        .build(),
                new SoftmaxCrossEntropy(),
                clusters(key),
                labels());
    }

    private static LayerFactory transformer(Initializer weights, Initializer last) {
        return Network.chain(b -> b.layer(
                        "attention",
                        Residual.of(c -> c.layerNorm("norm")
                                .layer(
                                        "heads",
                                        Attention.heads(2).weights(weights).output(last))))
                .layer(
                        "mlp",
                        Residual.of(c -> c.layerNorm("norm")
                                .dense("fc1", 32, weights)
                                .gelu()
                                .dense("fc2", 16, last))));
    }

    private static Function<Key, Patient> dropouts(Initializer weights) {
        return key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 20; l++) {
                b.dense("hidden" + l, 64, l == 1 ? Init.heNormal() : weights)
                        .relu()
                        .dropout("drop" + l, 0.5);
            }
            return classifier(key, b);
        };
    }

    private static Network.Builder residuals(
            Network.Builder builder, int blocks, Initializer first, Initializer second) {
        for (int l = 1; l <= blocks; l++) {
            builder.layer(
                    "block" + l,
                    Residual.of(b -> b.dense("fc1", FEATURES, first).relu().dense("fc2", FEATURES, second)));
        }
        return builder;
    }

    // ------------------------------------------------------------------------------------------------ the zoo

    static List<Kind> sick() {
        List<Kind> zoo = new ArrayList<>();
        Nonlinearity tanh = Nonlinearity.TANH;
        Nonlinearity relu = Nonlinearity.RELU;
        Nonlinearity sigmoid = Nonlinearity.SIGMOID;
        Nonlinearity gelu = Nonlinearity.GELU;

        Set<Symptom> equal = Set.of(Symptom.SYMMETRY);
        Set<Symptom> none = Set.of(Symptom.SYMMETRY, Symptom.NO_GRADIENT);
        sick(zoo, "zeros, tanh x 3", none, changed(mlp(3, Init.zeros(), tanh), m -> zero(m, "out.weight")));
        sick(zoo, "zeros, relu x 3", none, changed(mlp(3, Init.zeros(), relu), m -> zero(m, "out.weight")));
        sick(zoo, "zeros, sigmoid x 2", none, mlp(2, Init.zeros(), sigmoid));
        sick(zoo, "constant 0.1, tanh x 3", equal, mlp(3, Init.constant(0.1), tanh));
        sick(zoo, "constant 0.02, relu x 5", equal, mlp(5, Init.constant(0.02), relu));
        sick(zoo, "ones, sigmoid x 2", equal, mlp(2, Init.ones(), sigmoid));
        sick(zoo, "constant -0.05, gelu x 3", equal, mlp(3, Init.constant(-0.05), gelu));

        Set<Symptom> size = Set.of(Symptom.WEIGHTS);
        sick(zoo, "normal 0.01, tanh x 10", size, mlp(10, Init.normal(0.01), tanh));
        sick(zoo, "normal 0.001, relu x 6", size, mlp(6, Init.normal(0.001), relu));
        sick(zoo, "normal 0.05, relu x 20", size, mlp(20, Init.normal(0.05), relu));
        sick(zoo, "xavier, relu x 30", size, mlp(30, Init.xavierNormal(), relu));
        sick(zoo, "torch's default, relu x 12", size, mlp(12, Init.torchDefault(), relu));
        sick(zoo, "xavier, leaky relu x 30", size, mlp(30, Init.xavierUniform(), Nonlinearity.leakyRelu(0.01)));
        sick(zoo, "normal 1, tanh x 6", size, mlp(6, Init.normal(1), tanh));
        sick(zoo, "normal 1, relu x 10", size, mlp(10, Init.normal(1), relu));
        sick(zoo, "normal 100, relu x 14", size, mlp(14, Init.normal(100), relu));
        sick(zoo, "normal 2, sigmoid x 4", size, mlp(4, Init.normal(2), sigmoid));
        sick(zoo, "xavier, sigmoid x 10", size, mlp(10, Init.xavierNormal(), sigmoid));
        sick(zoo, "normal 3, hard sigmoid x 4", size, mlp(4, Init.normal(3), Nonlinearity.HARD_SIGMOID));
        sick(zoo, "xavier, hard sigmoid x 10", size, mlp(10, Init.xavierNormal(), Nonlinearity.HARD_SIGMOID));
        sick(zoo, "uniform 0.05, sigmoid x 8", size, mlp(8, Init.uniform(0.05), sigmoid));
        stuck(zoo, "he, gelu x 60", size, mlp(60, Init.heNormal(), gelu));
        sick(zoo, "xavier, gelu x 30", size, mlp(30, Init.xavierNormal(), gelu));
        sick(zoo, "he twice, selu x 30", size, mlp(30, Init.parse("scaled(he normal, 2)"), Nonlinearity.SELU));
        sick(zoo, "half, tanh x 30", size, mlp(30, Init.parse("scaled(xavier normal, 0.5)"), tanh));
        sick(zoo, "twice, tanh x 40", size, mlp(40, Init.parse("scaled(xavier normal, 3)"), tanh));
        sick(zoo, "half, linear x 20", size, mlp(20, Init.parse("scaled(lecun normal, 0.5)"), Nonlinearity.LINEAR));

        sick(
                zoo,
                "normal 0.3 and biases normal 0.3, tanh x 20",
                size,
                key -> mlp(key, 20, 64, Init.normal(0.3), Init.normal(0.3), tanh));

        Set<Symptom> biases = Set.of(Symptom.BIASES);
        sick(
                zoo,
                "biases normal 1, tanh x 20",
                biases,
                key -> mlp(key, 20, 64, Init.xavierNormal(), Init.normal(1), tanh));
        sick(zoo, "biases -10, relu x 2", biases, key -> mlp(key, 2, 64, Init.heNormal(), Init.constant(-10), relu));
        sick(
                zoo,
                "biases 6, relu, small head",
                biases,
                changed(
                        key -> mlp(key, 1, 64, Init.heNormal(), Init.constant(6), relu),
                        m -> m.parameter("out.weight").value().scaleInPlace(0.1f)));
        sick(zoo, "biases 5, tanh x 5", biases, key -> mlp(key, 5, 64, Init.xavierNormal(), Init.constant(5), tanh));
        sick(
                zoo,
                "biases 8, sigmoid x 3",
                biases,
                key -> mlp(
                        key, 3, 64, Init.parse("variance scaling(gain 4, fan in, normal)"), Init.constant(8), sigmoid));

        Set<Symptom> scale = Set.of(Symptom.INPUT_SCALE);
        sick(zoo, "inputs x 60, sigmoid", scale, withInputs(2, sigmoid, x -> scaled(x, 60)), usual(2, 64, sigmoid));
        sick(zoo, "inputs x 100, tanh", scale, withInputs(3, tanh, x -> scaled(x, 100)), usual(3, 64, tanh));
        Nonlinearity hard = Nonlinearity.HARD_TANH;
        sick(zoo, "inputs x 100, hard tanh", scale, withInputs(3, hard, x -> scaled(x, 100)), usual(3, 64, hard));
        sick(zoo, "inputs x 1000, relu", scale, withInputs(3, relu, x -> scaled(x, 1000)), usual(3, 64, relu));
        sick(zoo, "inputs / 1000, tanh", scale, withInputs(3, tanh, x -> scaled(x, 1e-3)), usual(3, 64, tanh));
        sick(zoo, "inputs / 10000, relu", scale, withInputs(3, relu, x -> scaled(x, 1e-4)), usual(3, 64, relu));
        sick(
                zoo,
                "one feature x 30",
                scale,
                withInputs(3, relu, x -> {
                    Tensor y = x.copy();
                    for (int i = 0; i < ROWS; i++) {
                        y.set(30 * y.get(i, 7), i, 7);
                    }
                    return y;
                }),
                usual(3, 64, relu));
        sick(
                zoo,
                "inputs + 30, relu",
                Set.of(Symptom.INPUT_OFFSET, Symptom.INPUT_SCALE),
                withInputs(3, relu, x -> x.map(v -> v + 30)),
                usual(3, 64, relu));
        sick(
                zoo,
                "inputs + 3, relu x 6",
                Set.of(Symptom.INPUT_OFFSET),
                withInputs(6, relu, x -> x.map(v -> v / 4 + 3)),
                usual(6, 64, relu));

        sick(
                zoo,
                "targets around 100",
                Set.of(Symptom.TARGETS),
                regression(b -> b.dense("out", 1), y -> y.map(v -> v + 100)),
                regression(b -> b.dense("out", 1), y -> y));
        sick(
                zoo,
                "targets x 1000",
                Set.of(Symptom.TARGETS),
                regression(b -> b.dense("out", 1), y -> scaled(y, 1000)),
                regression(b -> b.dense("out", 1), y -> y));
        Set<Symptom> output = Set.of(Symptom.OUTPUT);
        stuck(zoo, "softmax before its loss", output, key -> {
            Network.Builder b = stack(input(key), 2, 64, Init.heNormal(), Init.zeros(), relu);
            return new Patient(
                    b.dense("out", CLASSES).layer("softmax", new Softmax()).build(),
                    new SoftmaxCrossEntropy(),
                    clusters(key),
                    labels());
        });
        stuck(
                zoo,
                "sigmoid before its loss",
                output,
                binary(b -> b.dense("out", 1).sigmoid()));
        stuck(
                zoo,
                "tanh for targets beyond 1",
                output,
                regression(b -> b.dense("out", 1).tanh(), y -> scaled(y, 3)));
        stuck(
                zoo,
                "sigmoid for negative targets",
                output,
                regression(b -> b.dense("out", 1).sigmoid(), y -> y));
        stuck(
                zoo,
                "softmax over one unit",
                Set.of(Symptom.NO_GRADIENT, Symptom.OUTPUT),
                binary(b -> b.dense("out", 1).layer("softmax", new Softmax())));
        stuck(
                zoo,
                "layer norm of scale 0",
                Set.of(Symptom.NO_GRADIENT),
                changed(
                        key -> classifier(
                                key,
                                input(key)
                                        .dense("hidden1", 64)
                                        .tanh()
                                        .layerNorm("norm")
                                        .dense("hidden2", 64)
                                        .tanh()),
                        m -> zero(m, "norm.scale")));
        sick(
                zoo,
                "head x 100",
                Set.of(Symptom.LOSS, Symptom.WEIGHTS),
                changed(
                        usual(3, 64, relu),
                        m -> m.parameter("out.weight").value().scaleInPlace(100)));

        sick(
                zoo,
                "small targets",
                Set.of(Symptom.TARGETS),
                regression(b -> b.dense("out", 1), y -> scaled(y, 0.03)),
                regression(b -> b.dense("out", 1), y -> y));
        stuck(
                zoo,
                "relu for negative targets",
                output,
                regression(b -> b.dense("out", 1).relu(), y -> y));
        stuck(zoo, "relu before softmax", output, withOutput(Network.Builder::relu));
        stuck(zoo, "tanh before softmax", output, withOutput(Network.Builder::tanh));
        sick(zoo, "a class of 1 in 100", Set.of(Symptom.LOSS), key -> rare(key, 0), key -> rare(key, -4));
        stuck(zoo, "equal rows", Set.of(Symptom.INPUT_OFFSET), withInputs(2, relu, x -> x.map(v -> 1)));

        sick(zoo, "convolution x 8, normal 0.01", size, convolutions(8, Init.normal(0.01), Init.zeros()));
        sick(zoo, "convolution x 8, normal 0.5", size, convolutions(8, Init.normal(0.5), Init.zeros()));
        sick(zoo, "convolution x 3, equal channels", equal, convolutions(3, Init.constant(0.1), Init.zeros()));
        sick(zoo, "convolution x 2, biases -10", biases, convolutions(2, Init.heNormal(), Init.constant(-10)));
        sick(
                zoo,
                "convolution, pixels of 0 to 255",
                Set.of(Symptom.INPUT_OFFSET, Symptom.INPUT_SCALE),
                images(b -> b.layer("conv", convolution()).relu().layer("flat", new Flatten()), Zoo::asPixels),
                images(b -> b.layer("conv", convolution()).relu().layer("flat", new Flatten()), x -> x));

        Set<Symptom> finite = Set.of(Symptom.NOT_FINITE);
        sick(
                zoo,
                "a NaN",
                finite,
                changed(
                        usual(3, 64, relu),
                        m -> m.parameter("hidden2.weight").value().set(Float.NaN, 3, 4)));
        sick(
                zoo,
                "a NaN in a row that is not used",
                finite,
                changed(
                        texts(Init.normal(1), b -> b.layer("flat", new Flatten())),
                        m -> m.parameter("words.weight").value().set(Float.NaN, 49, 1)));
        sick(
                zoo,
                "an infinite bias",
                finite,
                changed(
                        usual(2, 64, tanh),
                        m -> m.parameter("hidden1.bias").value().set(Float.POSITIVE_INFINITY, 0)));

        Set<Symptom> narrow = Set.of(Symptom.BORN_DEAD, Symptom.DEAD_UNITS, Symptom.NO_GRADIENT);
        stuck(zoo, "2 units, relu x 15", narrow, key -> mlp(key, 15, 2, Init.heNormal(), Init.zeros(), relu));
        stuck(zoo, "3 units, relu x 25", narrow, key -> mlp(key, 25, 3, Init.heNormal(), Init.zeros(), relu));

        // residual, normalized, dropout
        sick(
                zoo,
                "residual x 30, he",
                Set.of(Symptom.RESIDUAL),
                key -> classifier(key, residuals(input(key), 30, Init.heNormal(), Init.heNormal())),
                key -> classifier(key, residuals(input(key), 30, Init.heNormal(), Init.residual(Init.heNormal(), 30))));
        sick(
                zoo,
                "residual x 50, he",
                Set.of(Symptom.RESIDUAL),
                key -> classifier(key, residuals(input(key), 50, Init.heNormal(), Init.heNormal())),
                key -> classifier(key, residuals(input(key), 50, Init.heNormal(), Init.residual(Init.heNormal(), 50))));
        sick(
                zoo,
                "residual x 20, normal 0.5",
                Set.of(Symptom.RESIDUAL, Symptom.WEIGHTS),
                key -> classifier(key, residuals(input(key), 20, Init.normal(0.5), Init.normal(0.5))),
                key -> classifier(key, residuals(input(key), 20, Init.heNormal(), Init.residual(Init.heNormal(), 20))));
        sick(
                zoo,
                "residual x 10, equal units",
                equal,
                key -> classifier(key, residuals(input(key), 10, Init.constant(0.02), Init.constant(0.02))),
                key -> classifier(key, residuals(input(key), 10, Init.heNormal(), Init.residual(Init.heNormal(), 10))));
        sick(
                zoo,
                "residual x 4, biases -20",
                biases,
                changed(
                        key -> classifier(
                                key,
                                residuals(
                                        input(key).dense("first", 64).tanh(),
                                        4,
                                        Init.heNormal(),
                                        Init.residual(Init.heNormal(), 4))),
                        m -> {
                            for (int l = 1; l <= 4; l++) {
                                m.parameter("block" + l + ".fc1.bias").value().fill(-20f);
                            }
                        }));
        sick(
                zoo,
                "dropout x 20",
                Set.of(Symptom.DROPOUT),
                dropouts(Init.heNormal()),
                dropouts(Init.afterDropout(Init.heNormal(), 0.5)));
        stuck(zoo, "batch norm, relu x 60", Set.of(Symptom.GRADIENT), key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 60; l++) {
                b.dense("hidden" + l, 64).batchNorm("norm" + l).relu();
            }
            return classifier(key, b);
        });
        sick(
                zoo,
                "batch norm, equal units",
                equal,
                key -> classifier(
                        key,
                        input(key)
                                .dense("hidden1", 64, Init.constant(0.1))
                                .batchNorm("norm1")
                                .tanh()
                                .dense("hidden2", 64, Init.constant(0.1))
                                .batchNorm("norm2")
                                .tanh()));
        sick(
                zoo,
                "layer norm, zeros",
                none,
                changed(
                        key -> classifier(
                                key,
                                input(key)
                                        .dense("hidden1", 64, Init.zeros())
                                        .layerNorm("norm1")
                                        .relu()
                                        .dense("hidden2", 64, Init.zeros())
                                        .layerNorm("norm2")
                                        .relu()),
                        m -> zero(m, "out.weight")));
        sick(
                zoo,
                "layer norm, a NaN",
                finite,
                changed(
                        key -> classifier(
                                key,
                                input(key)
                                        .dense("hidden1", 64)
                                        .layerNorm("norm1")
                                        .relu()),
                        m -> m.parameter("norm1.scale").value().set(Float.NaN, 3)));

        // tables of words
        sick(
                zoo,
                "table of zeros and zero weights",
                none,
                changed(
                        texts(
                                Init.zeros(),
                                b -> b.layer("flat", new Flatten())
                                        .dense("hidden", 64, Init.zeros())
                                        .tanh()),
                        m -> zero(m, "out.weight")));
        sick(
                zoo,
                "table, weights 0.001",
                size,
                texts(
                        Init.normal(1),
                        b -> stack(b.layer("flat", new Flatten()), 6, 64, Init.normal(0.001), Init.zeros(), relu)));
        sick(
                zoo,
                "table, equal units",
                equal,
                texts(
                        Init.normal(1),
                        b -> stack(b.layer("flat", new Flatten()), 2, 64, Init.constant(0.1), Init.zeros(), tanh)));
        sick(
                zoo,
                "table, large weights",
                size,
                texts(
                        Init.normal(1),
                        b -> stack(b.layer("flat", new Flatten()), 5, 64, Init.normal(2), Init.zeros(), tanh)));
        sick(
                zoo,
                "table, biases -10",
                biases,
                texts(
                        Init.normal(1),
                        b -> stack(b.layer("flat", new Flatten()), 2, 64, Init.heNormal(), Init.constant(-10), relu)));

        sick(
                zoo,
                "table of 50, tanh",
                scale,
                texts(
                        Init.normal(50),
                        b -> b.layer("flat", new Flatten()).dense("h", 64).tanh()));

        // recurrent
        Set<Symptom> memory = Set.of(Symptom.MEMORY);
        sick(
                zoo,
                "relu rnn of gain 3",
                memory,
                sequence(
                        50,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32)
                                        .activation(relu)
                                        .recurrent(Init.parse("orthogonal(gain 3)"))
                                        .last())));
        sick(
                zoo,
                "linear rnn of gain 1.3",
                memory,
                sequence(
                        60,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32)
                                        .activation(Nonlinearity.LINEAR)
                                        .recurrent(Init.orthogonal(1.3))
                                        .last())));
        sick(
                zoo,
                "lstm, forget bias -3, 100 steps",
                memory,
                sequence(
                        100,
                        b -> b.layer(
                                "lstm",
                                Lstm.units(32).bias("forget", Init.constant(-3)).last())));
        sick(
                zoo,
                "lstm, forget bias 0, 100 steps",
                memory,
                sequence(
                        100,
                        b -> b.layer(
                                "lstm",
                                Lstm.units(32).bias("forget", Init.zeros()).last())));
        sick(
                zoo,
                "lstm, gates of -10",
                Set.of(Symptom.GATES),
                sequence(
                        30,
                        b -> b.layer(
                                "lstm", Lstm.units(32).bias(Init.constant(-10)).last())));
        sick(
                zoo,
                "gru that admits nothing",
                Set.of(Symptom.GATES),
                sequence(
                        30,
                        b -> b.layer(
                                "gru",
                                Gru.units(32).bias("update", Init.constant(8)).last())));
        sick(
                zoo,
                "saturated rnn",
                Set.of(Symptom.SATURATION),
                sequence(
                        30,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32)
                                        .input(Init.normal(10))
                                        .recurrent(Init.normal(3))
                                        .last())));
        sick(
                zoo,
                "constant rnn",
                equal,
                sequence(
                        30,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32)
                                        .input(Init.constant(0.1))
                                        .recurrent(Init.constant(0.02))
                                        .last())));
        sick(
                zoo,
                "constant gru",
                equal,
                sequence(
                        30,
                        b -> b.layer(
                                "gru",
                                Gru.units(32)
                                        .input(Init.constant(0.1))
                                        .recurrent(Init.constant(0.02))
                                        .last())));
        sick(
                zoo,
                "half gain rnn",
                memory,
                sequence(
                        60,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32).recurrent(Init.orthogonal(0.5)).last())));
        sick(
                zoo,
                "rnn without recurrence",
                memory,
                sequence(
                        30,
                        b -> b.layer(
                                "rnn", Rnn.units(32).recurrent(Init.zeros()).last())));
        sick(
                zoo,
                "a NaN in a gate",
                finite,
                changed(
                        sequence(30, b -> b.layer("gru", Gru.units(32).last())),
                        m -> m.parameter("gru.reset_bias").value().set(Float.NaN, 1)));
        return zoo;
    }

    static List<Kind> healthy() {
        List<Kind> zoo = new ArrayList<>();
        Nonlinearity tanh = Nonlinearity.TANH;
        Nonlinearity relu = Nonlinearity.RELU;
        for (Nonlinearity f : List.of(
                relu,
                tanh,
                Nonlinearity.SIGMOID,
                Nonlinearity.HARD_SIGMOID,
                Nonlinearity.HARD_TANH,
                Nonlinearity.ERF,
                Nonlinearity.SIN,
                Nonlinearity.GELU,
                Nonlinearity.SILU,
                Nonlinearity.SELU,
                Nonlinearity.elu(1),
                Nonlinearity.SOFTPLUS,
                Nonlinearity.LOG_SIGMOID,
                Nonlinearity.MISH,
                Nonlinearity.HARD_SWISH,
                Nonlinearity.celu(2),
                Nonlinearity.leakyRelu(0.1))) {
            healthy(zoo, "usual, " + f.name() + " x 3", usual(3, 64, f));
        }
        healthy(zoo, "usual, relu x 10", usual(10, 64, relu));
        healthy(zoo, "usual, tanh x 10", usual(10, 64, tanh));
        healthy(zoo, "he, relu x 20", mlp(20, Init.heNormal(), relu));
        healthy(zoo, "orthogonal, tanh x 100", mlp(100, Init.orthogonal(), tanh));
        healthy(zoo, "orthogonal, linear x 50", mlp(50, Init.orthogonal(), Nonlinearity.LINEAR));
        healthy(zoo, "lecun, selu x 30", mlp(30, Init.lecunNormal(), Nonlinearity.SELU));
        healthy(zoo, "torch's default, relu x 2", mlp(2, Init.torchDefault(), relu));
        healthy(zoo, "keras' default, relu x 2", mlp(2, Init.kerasDense(), relu));
        healthy(
                zoo,
                "small head",
                changed(
                        usual(3, 64, relu),
                        m -> m.parameter("out.weight").value().scaleInPlace(0.01f)));
        healthy(
                zoo,
                "small head after one layer",
                changed(
                        usual(1, 64, relu),
                        m -> m.parameter("out.weight").value().scaleInPlace(0.05f)));
        healthy(zoo, "head of zeros", changed(usual(3, 64, relu), m -> zero(m, "out.weight")));
        healthy(zoo, "biases of 0.1", key -> mlp(key, 3, 64, Init.heNormal(), Init.constant(0.1), relu));
        healthy(
                zoo,
                "wide and narrow",
                key -> classifier(
                        key,
                        input(key)
                                .dense("a", 128)
                                .relu()
                                .dense("b", 16)
                                .relu()
                                .dense("c", 128)
                                .relu()));
        healthy(
                zoo,
                "dropout x 3",
                key -> classifier(
                        key,
                        input(key)
                                .dense("a", 64)
                                .relu()
                                .dropout("d1", 0.3)
                                .dense("b", 64)
                                .relu()
                                .dropout("d2", 0.3)));
        healthy(zoo, "a regression", regression(b -> b.dense("out", 1), y -> y));
        healthy(
                zoo,
                "tanh for targets within 1",
                regression(b -> b.dense("out", 1).tanh(), y -> y.map(v -> (float) Math.tanh(v))));
        healthy(zoo, "two classes", binary(b -> b.dense("out", 1)));
        healthy(zoo, "inputs x 2", withInputs(3, tanh, x -> scaled(x, 2)));
        healthy(zoo, "inputs / 3", withInputs(3, relu, x -> scaled(x, 0.3)));
        healthy(zoo, "inputs from 0 to 1", withInputs(3, tanh, x -> x.map(v -> (float) (1 / (1 + Math.exp(-3 * v))))));
        healthy(zoo, "one-hot inputs", key -> {
            Tensor x = Tensor.zeros(ROWS, 1000);
            for (int i = 0; i < ROWS; i++) {
                x.set(1, i, (i % CLASSES) * 100 + i / CLASSES);
            }
            Network network = Network.builder(key.child("network"))
                    .input(1000)
                    .dense("hidden1", 64)
                    .relu()
                    .dense("hidden2", 64)
                    .relu()
                    .dense("out", CLASSES)
                    .build();
            return new Patient(network, new SoftmaxCrossEntropy(), x, labels());
        });

        healthy(
                zoo,
                "residual x 6, scaled",
                key -> classifier(key, residuals(input(key), 6, Init.heNormal(), Init.residual(Init.heNormal(), 6))));
        healthy(
                zoo,
                "residual x 50, scaled",
                key -> classifier(key, residuals(input(key), 50, Init.heNormal(), Init.residual(Init.heNormal(), 50))));
        healthy(
                zoo,
                "residual x 20, zero-last",
                key -> classifier(key, residuals(input(key), 20, Init.heNormal(), Init.zeros())));
        healthy(
                zoo,
                "residual x 2, he",
                key -> classifier(key, residuals(input(key), 2, Init.heNormal(), Init.heNormal())));
        healthy(zoo, "residual with a bottleneck of 4", key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 6; l++) {
                b.layer(
                        "block" + l,
                        Residual.of(c ->
                                c.dense("fc1", 4).relu().dense("fc2", FEATURES, Init.residual(Init.heNormal(), 6))));
            }
            return classifier(key, b);
        });

        healthy(zoo, "batch norm x 6", key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 6; l++) {
                b.dense("dense" + l, 64).batchNorm("norm" + l).relu();
            }
            return classifier(key, b);
        });
        healthy(
                zoo,
                "batch norm, large weights",
                key -> classifier(
                        key,
                        input(key)
                                .dense("a", 64, Init.normal(1))
                                .batchNorm("n1")
                                .relu()
                                .dense("b", 64, Init.normal(1))
                                .batchNorm("n2")
                                .relu()));
        healthy(zoo, "layer norm x 6", key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 6; l++) {
                b.dense("dense" + l, 64).layerNorm("norm" + l).relu();
            }
            return classifier(key, b);
        });
        healthy(
                zoo,
                "layer norm first",
                key -> classifier(
                        key, input(key).layerNorm("norm").dense("a", 64).relu()));
        healthy(zoo, "pre-norm residual x 8", key -> {
            Network.Builder b = input(key);
            for (int l = 1; l <= 8; l++) {
                b.layer(
                        "block" + l,
                        Residual.of(
                                c -> c.layerNorm("norm").dense("fc1", 64).relu().dense("fc2", FEATURES)));
            }
            return classifier(key, b.layerNorm("last"));
        });

        healthy(
                zoo,
                "table, tanh",
                texts(
                        Init.normal(1),
                        b -> b.layer("flat", new Flatten()).dense("h", 64).tanh()));
        healthy(
                zoo,
                "table, relu x 3",
                texts(
                        Init.normal(1),
                        b -> b.layer("flat", new Flatten())
                                .dense("h1", 64)
                                .relu()
                                .dense("h2", 64)
                                .relu()
                                .dense("h3", 64)
                                .relu()));
        healthy(
                zoo,
                "table of 0.02, layer norm",
                texts(
                        Init.normal(0.02),
                        b -> b.layer("flat", new Flatten())
                                .layerNorm("norm")
                                .dense("h", 64)
                                .relu()));
        healthy(
                zoo,
                "table, lstm",
                texts(
                        Init.normal(1),
                        b -> b.timeMajor().layer("lstm", Lstm.units(32).last())));
        healthy(
                zoo,
                "table, mean",
                texts(
                        Init.normal(1),
                        b -> b.timeMajor()
                                .layer("mean", new MeanOverTime())
                                .dense("h", 64)
                                .relu()));

        healthy(
                zoo,
                "transformer",
                texts(
                        Init.normal(0.02),
                        b -> b.layer("b1", transformer(Init.normal(0.02), Init.zeros()))
                                .layer("b2", transformer(Init.xavierUniform(), Init.xavierUniform()))
                                .layerNorm("last")
                                .layer("flat", new Flatten())));

        healthy(zoo, "convolution x 3", convolutions(3, Init.heNormal(), Init.zeros()));
        healthy(zoo, "torch's default, convolution x 2", convolutions(2, Init.torchDefault(), Init.torchDefault()));
        healthy(
                zoo,
                "delta orthogonal, tanh x 12",
                images(
                        b -> {
                            b.layer("first", convolution()).tanh();
                            for (int l = 1; l <= 12; l++) {
                                b.layer("conv" + l, convolution().weight(Init.deltaOrthogonal()))
                                        .tanh();
                            }
                            return b.layer("flat", new Flatten());
                        },
                        x -> x));
        healthy(
                zoo,
                "convolution, batch norm, mean",
                images(
                        b -> {
                            for (int l = 1; l <= 3; l++) {
                                b.layer("conv" + l, convolution())
                                        .batchNorm("norm" + l)
                                        .relu();
                            }
                            return b.layer("mean", GlobalPool.MEAN);
                        },
                        x -> x));
        healthy(
                zoo,
                "residual convolution, zero scale last",
                changed(
                        images(
                                b -> {
                                    b.layer("stem", convolution());
                                    for (int l = 1; l <= 4; l++) {
                                        b.layer(
                                                "block" + l,
                                                Residual.of(c -> c.layer("conv1", convolution())
                                                        .batchNorm("norm1")
                                                        .relu()
                                                        .layer("conv2", convolution())
                                                        .batchNorm("norm2")));
                                    }
                                    return b.layer("mean", GlobalPool.MEAN);
                                },
                                x -> x),
                        m -> {
                            for (int l = 1; l <= 4; l++) {
                                zero(m, "block" + l + ".norm2.scale");
                            }
                        }));
        healthy(zoo, "pixels of 0 to 255, batch norm first", key -> {
            Patient patient =
                    classifier(key, input(key).batchNorm("norm").dense("h", 64).relu());
            return new Patient(patient.model(), patient.loss(), asPixels(patient.x()), patient.y());
        });
        healthy(
                zoo,
                "sigmoid for targets of 0 and 1",
                regression(b -> b.dense("out", 1).sigmoid(), y -> y.map(v -> v > 0 ? 1 : 0)));
        healthy(
                zoo,
                "targets from 0 to 1",
                regression(b -> b.dense("out", 1), y -> y.map(v -> (float) (1 / (1 + Math.exp(-v))))));

        healthy(zoo, "rnn, 20 steps", sequence(20, b -> b.rnn("rnn", 32).layer("last", new LastStep())));
        healthy(zoo, "lstm, 20 steps", sequence(20, b -> b.lstm("lstm", 32).layer("last", new LastStep())));
        healthy(zoo, "gru, 20 steps", sequence(20, b -> b.gru("gru", 32).layer("last", new LastStep())));
        healthy(
                zoo,
                "lstm, 50 steps",
                sequence(50, b -> b.layer("lstm", Lstm.units(64).last())));
        healthy(
                zoo,
                "gru, 50 steps",
                sequence(50, b -> b.layer("gru", Gru.units(64).last())));
        healthy(
                zoo,
                "identity relu rnn, 60 steps",
                sequence(
                        60,
                        b -> b.layer(
                                "rnn",
                                Rnn.units(32)
                                        .activation(relu)
                                        .input(Init.normal(0.01))
                                        .recurrent(Init.identity())
                                        .last())));
        healthy(
                zoo,
                "lstm with chrono biases, 100 steps",
                key -> sequence(
                                100,
                                b -> b.layer(
                                        "lstm",
                                        Lstm.units(32)
                                                .bias("forget", Init.chronoKeep(100, key))
                                                .bias("input", Init.chronoAdmit(100, key))
                                                .last()))
                        .apply(key));
        healthy(
                zoo,
                "lstm, mean over 100 steps",
                sequence(100, b -> b.lstm("lstm", 32).layer("mean", new MeanOverTime())));
        healthy(
                zoo,
                "two lstm layers",
                sequence(
                        20,
                        b -> b.lstm("lstm1", 32).layer("lstm2", Lstm.units(32).last())));
        healthy(
                zoo,
                "orthogonal rnn, 30 steps",
                sequence(30, b -> b.layer("rnn", Rnn.units(64).last())));
        return zoo;
    }

    private static void zero(Layer model, String path) {
        model.parameter(path).value().fill(0f);
    }

    /** A sick network that is sound with the usual weights. */
    private static void sick(List<Kind> zoo, String name, Set<Symptom> causes, Function<Key, Patient> draw) {
        sick(zoo, name, causes, draw, changed(draw, Zoo::drawAsUsual));
    }

    private static void sick(
            List<Kind> zoo,
            String name,
            Set<Symptom> causes,
            Function<Key, Patient> draw,
            Function<Key, Patient> sound) {
        zoo.add(new Kind(name, causes, true, draw, sound));
    }

    /** A sick network that no weights make sound. */
    private static void stuck(List<Kind> zoo, String name, Set<Symptom> causes, Function<Key, Patient> draw) {
        zoo.add(new Kind(name, causes, false, draw, draw));
    }

    private static void healthy(List<Kind> zoo, String name, Function<Key, Patient> draw) {
        zoo.add(new Kind(name, Set.of(), true, draw, draw));
    }

    private static double usualGain(Nonlinearity f) {
        if (f.name().equals("linear")) {
            return 1;
        }
        return f.negativeSlope().isPresent()
                ? Math.sqrt(2)
                : switch (f.name()) {
                    case "sigmoid" -> 4;
                    case "hard sigmoid" -> 6;
                    case "gelu" -> 1.5335;
                    default -> 1;
                };
    }

    /** The weights of the textbooks: by the function that follows in a stack, orthogonal over time, biases of 0. */
    private static void drawAsUsual(Layer model) {
        List<Layer> layers = model.layersByPath().values().stream().toList();
        for (int i = 0; i < layers.size(); i++) {
            double gain = i + 1 == layers.size()
                    ? 1
                    : layers.get(i + 1).activation().map(Zoo::usualGain).orElse(1.0);
            boolean isTable = layers.get(i).takesIndices();
            boolean isMap = layers.get(i).linearMap().isPresent();
            for (Parameter p : layers.get(i).parameters()) {
                Initializer usual = switch (p.kind()) {
                    case WEIGHT ->
                        isTable
                                ? Init.normal(1)
                                : isMap ? new VarianceScaling(gain, Fan.IN, Distribution.NORMAL) : Init.xavierUniform();
                    case RECURRENT -> Init.orthogonal();
                    case SCALE -> Init.ones();
                    case BIAS -> p.name().startsWith("forget") ? Init.ones() : Init.zeros();
                    default -> p.initializer();
                };
                usual.fill(p.value(), p.fans(), p.key());
            }
        }
    }
}
