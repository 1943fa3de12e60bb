package nn.train;

import java.util.List;
import java.util.function.DoubleSupplier;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.preset.Preset;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/**
 * A network, an optimizer and one batch, the same in every library: {@code mlp-sgd-32} is 784-256-128-10 with ReLU,
 * {@code deep} 50 layers of 256 with tanh, {@code tiny} 2-8-1 with tanh, {@code rnn-28} 28 time steps of 28 numbers
 * through 128 tanh units to 10 classes, {@code wide} 4096-4096-4096 with ReLU and a batch of 256. The last number of an
 * MLP's name is its batch.
 *
 * <p>{@code lenet-32} is LeNet on images of 28 x 28 pixels: 5 x 5 convolutions to 6 and 16 channels, each with ReLU and
 * the largest of 2 x 2, and dense layers of 120, 84 and 10. {@code resnet8-32} is a residual network on the same
 * images: a 3 x 3 convolution to 16 channels and three stages of 16, 32 and 64, each two 3 x 3 convolutions with batch
 * normalization around a shortcut, which is a 1 x 1 convolution where a stage halves the image; then the mean over all
 * places, and 10 classes.
 *
 * <p>{@code gpt} is a transformer of 4 blocks on 16 texts of 128 of 96 characters: 128 features, 4 heads, learned
 * positions, normalizations first, 512 units of GELU.
 *
 * <p>Rates are small: thousands of steps on one batch must not end in subnormal numbers.
 */
final class Workload {
    static final List<String> NAMES = List.of(
            "mlp-sgd-32",
            "mlp-sgd-128",
            "mlp-sgd-512",
            "mlp-adam-32",
            "mlp-adam-128",
            "mlp-adam-512",
            "deep",
            "tiny",
            "rnn-28",
            "rnn-200",
            "mlp-sgd-1",
            "mlp-sgd-4",
            "mlp-sgd-4096",
            "wide",
            "lenet-32",
            "lenet-128",
            "resnet8-32",
            "resnet8-128",
            "gpt");

    /** Workloads that DJL's own loop and XLA do not do, as a regular expression. */
    static final String ONLY_TORCH = "(lenet|resnet8)-.*|gpt";

    private static final int CLASSES = 10;
    private static final int BATCH = 64;
    private static final int WIDE = 4096;
    private static final int SIDE = 28;
    private static final int TEXTS = 16;
    private static final int TOKENS = 128;
    private static final int CHARACTERS = 96;
    private static final int FEATURES = 128;
    private static final int HEADS = 4;
    private static final int BLOCKS = 4;
    private static final Key KEY = Key.of(42);

    final String name;
    final Layer network;
    final Optimizer optimizer;
    final Loss loss;
    final Tensor x;
    final Tensor y;

    private Workload(String name, Layer network, Optimizer optimizer, Loss loss, Tensor x, Tensor y) {
        this.name = name;
        this.network = network;
        this.optimizer = optimizer;
        this.loss = loss;
        this.x = x;
        this.y = y;
    }

    static Workload of(String name) {
        String[] words = name.split("-");
        return switch (words[0]) {
            // At a larger rate units die within the thousands of steps that are timed. What Adam remembers of their
            // gradients fades into subnormal numbers, over which some processors take a hundred times as long.
            case "mlp" ->
                mlp(name, words[1].equals("adam") ? Adam.of(1e-10) : Sgd.of(1e-3), Integer.parseInt(words[2]));
            case "deep" -> classes(name, deep(), Sgd.of(1e-3), random(BATCH, 256), BATCH);
            case "tiny" -> tiny(name);
            case "wide" -> classes(name, wide(), Sgd.of(1e-3), random(256, WIDE), 256);
            case "gpt" -> gpt(name);
            case "rnn" -> classes(name, rnn(), Sgd.of(1e-3), random(Integer.parseInt(words[1]), BATCH, 28), BATCH);
            case "lenet" -> images(name, lenet(), Integer.parseInt(words[1]));
            case "resnet8" -> images(name, resnet(SIDE), Integer.parseInt(words[1]));
            default -> throw new IllegalArgumentException("no workload is called '" + name + "'");
        };
    }

    private static Workload mlp(String name, Optimizer optimizer, int batch) {
        Network network = Network.builder(KEY)
                .input(784)
                .dense("hidden1", 256)
                .relu()
                .dense("hidden2", 128)
                .relu()
                .dense("out", CLASSES)
                .build();
        return classes(name, network, optimizer, random(batch, 784), batch);
    }

    private static Network deep() {
        Network.Builder builder = Network.builder(KEY).input(256);
        for (int i = 1; i <= 50; i++) {
            builder.dense("hidden" + i, 256).tanh();
        }
        return builder.dense("out", CLASSES).build();
    }

    private static Network wide() {
        return Network.builder(KEY)
                .input(WIDE)
                .dense("hidden", WIDE)
                .relu()
                .dense("out", WIDE)
                .build();
    }

    private static Network rnn() {
        return Network.builder(KEY)
                .sequence(28)
                .layer("rnn", Rnn.units(128).last())
                .dense("out", CLASSES)
                .build();
    }

    private static Network lenet() {
        return Network.builder(KEY)
                .input(Shape.of(Shape.ANY, SIDE, SIDE, 1))
                .layer("conv1", Convolution.channels(6).kernel(5, 5))
                .relu()
                .layer("pool1", Pool.max(2, 2))
                .layer("conv2", Convolution.channels(16).kernel(5, 5))
                .relu()
                .layer("pool2", Pool.max(2, 2))
                .layer("flat", new Flatten())
                .dense("fc1", 120)
                .relu()
                .dense("fc2", 84)
                .relu()
                .dense("out", CLASSES)
                .build();
    }

    private static Graph resnet(int side) {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.chain(
                "stem",
                graph.input("image", side, side, 1),
                b -> b.layer("conv", threes(16, 1)).batchNorm("norm").relu());
        for (int stage = 1; stage <= 3; stage++) {
            int channels = 8 << stage;
            int stride = stage == 1 ? 1 : 2;
            Node body = graph.chain(
                    "stage" + stage,
                    x,
                    b -> b.layer("conv1", threes(channels, stride))
                            .batchNorm("norm1")
                            .relu()
                            .layer("conv2", threes(channels, 1))
                            .batchNorm("norm2"));
            Convolution.Config ones =
                    Convolution.channels(channels).kernel(1, 1).stride(2);
            Node shortcut = stage == 1 ? x : graph.layer("shortcut" + stage, ones, x);
            x = body.plus(shortcut).relu();
        }
        Node classes =
                graph.chain("head", x, b -> b.layer("mean", GlobalPool.MEAN).dense("out", CLASSES));
        return graph.output("classes", classes).build();
    }

    private static LayerFactory threes(int channels, int stride) {
        return Convolution.channels(channels).kernel(3, 3).stride(stride).padding(1);
    }

    private static Workload images(String name, Layer network, int batch) {
        return classes(name, network, Sgd.of(1e-3), random(batch, SIDE, SIDE, 1), batch);
    }

    private static Workload gpt(String name) {
        Network.Builder layers = Network.builder(KEY)
                .tokens()
                .layer("characters", Embedding.of(CHARACTERS, FEATURES))
                .layer("positions", LearnedPositions.of(TOKENS));
        for (int i = 1; i <= BLOCKS; i++) {
            layers.layer(
                            "attend" + i,
                            Residual.of(branch -> branch.layerNorm("norm")
                                    .layer("attention", Attention.heads(HEADS).causal())))
                    .layer(
                            "think" + i,
                            Residual.of(branch -> branch.layerNorm("norm")
                                    .dense("up", 4 * FEATURES)
                                    .gelu()
                                    .dense("down", FEATURES)));
        }
        Network network = layers.layerNorm("norm").dense("head", CHARACTERS).build();
        Preset.gpt2(2 * BLOCKS).apply(network);
        Tensor x = Tensor.zeros(TEXTS, TOKENS);
        Tensor y = Tensor.zeros(TEXTS, TOKENS);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = Integer.remainderUnsigned(KEY.child("x").word(i), CHARACTERS);
            y.array()[i] = Integer.remainderUnsigned(KEY.child("y").word(i), CHARACTERS);
        }
        return new Workload(name, network, Adam.of(1e-6), new SoftmaxCrossEntropy(), x, y);
    }

    private static Workload tiny(String name) {
        Network network = Network.builder(KEY)
                .input(2)
                .dense("hidden", 8)
                .tanh()
                .dense("out", 1)
                .build();
        Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
        Tensor y = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
        return new Workload(name, network, Sgd.of(1e-3), new MeanSquaredError(), x, y);
    }

    private static Workload classes(String name, Layer network, Optimizer optimizer, Tensor x, int batch) {
        float[] labels = new float[batch];
        for (int i = 0; i < batch; i++) {
            labels[i] = Integer.remainderUnsigned(KEY.word(i), CLASSES);
        }
        return new Workload(name, network, optimizer, new SoftmaxCrossEntropy(), x, Tensor.of(labels, batch));
    }

    private static Tensor random(int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child("x").uniform(x, 0, 1);
        return x;
    }

    Trainer trainer() {
        return new Trainer(network, loss, optimizer, KEY.child("train"));
    }

    /** A step of which only the loss is looked at, so that compiled code makes no report. */
    static double step(Trainer trainer, Tensor x, Tensor y) {
        return trainer.step(x, y).loss();
    }

    /** The ratio to the fastest of the other libraries that a workload must have. */
    static double must(String name) {
        return switch (name) {
            case "wide" -> 0.95;
            case "mlp-sgd-4096", "lenet-32", "lenet-128", "resnet8-32", "resnet8-128", "gpt" -> 1;
            default -> 1.05;
        };
    }

    /** The microseconds that a step may take. */
    static double most(String name) {
        return name.equals("tiny") ? 1.2 : Double.POSITIVE_INFINITY;
    }

    /**
     * Refuses another library's way of training that does not have our losses in the first steps, up to rounding.
     *
     * @param step a step, which returns its loss
     */
    void check(DoubleSupplier step) {
        Trainer ours = trainer();
        // PyTorch's recurrent layer has a second bias, which it trains too
        double tolerance = name.startsWith("rnn") ? 1e-2 : 1e-4;
        for (int i = 0; i < 4; i++) {
            double expected = ours.step(x, y).loss();
            double loss = step.getAsDouble();
            if (!(Math.abs(loss - expected) <= tolerance * expected)) {
                throw new IllegalStateException(name + ", step " + i + ": loss " + loss + ", ours is " + expected);
            }
        }
    }

    /** Steps of odd sizes with every layer and optimizer, so that nothing is compiled for one workload alone. */
    static void pollute() {
        Network mlp = Network.builder(KEY)
                .input(37)
                .dense("a", 19)
                .relu()
                .dense("b", 5)
                .tanh()
                .dense("c", 3)
                .build();
        Network rnn = Network.builder(KEY)
                .sequence(5)
                .layer("a", Rnn.units(7).last())
                .dense("b", 3)
                .build();
        Graph images = resnet(9);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 0, 1, 2, 0}, 7);
        Tensor rows = random(7, 37);
        Tensor sequences = random(3, 7, 5);
        Tensor pixels = random(7, 9, 9, 1);
        for (Optimizer optimizer : List.of(Sgd.of(1e-3), Adam.of(1e-3))) {
            Trainer first = new Trainer(mlp, new SoftmaxCrossEntropy(), optimizer, KEY);
            Trainer second = new Trainer(rnn, new SoftmaxCrossEntropy(), optimizer, KEY);
            Trainer third = new Trainer(images, new SoftmaxCrossEntropy(), optimizer, KEY);
            for (int i = 0; i < 500; i++) {
                step(first, rows, labels);
                step(second, sequences, labels);
                if (i < 50) {
                    step(third, pixels, labels);
                }
            }
        }
    }
}
