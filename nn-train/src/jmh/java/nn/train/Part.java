package nn.train;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.regularization.Dropout;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.loss.DirectLoss;
import nn.train.loss.Distillation;
import nn.train.loss.Huber;
import nn.train.loss.KullbackLeibler;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SigmoidFocalCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.loss.SoftmaxFocalCrossEntropy;
import nn.train.loss.Weighted;

/**
 * A layer or a loss on one batch, forward and backward. A name is that of the part and the shape of its input:
 * {@code gelu-256x512}.
 */
final class Part {
    /** In a second-level cache, in part. */
    static final String SMALL = "256x512";

    /** In no cache of a core. */
    static final String LARGE = "2048x4096";

    /** The logits of a classifier of ten thousand classes. */
    static final String CLASSES = "128x10000";

    static final List<String> LAYERS = List.of(
            "relu",
            "leaky_relu",
            "prelu",
            "elu",
            "selu",
            "gelu",
            "gelu_tanh",
            "silu",
            "softplus",
            "log_sigmoid",
            "mish",
            "celu",
            "hard_sigmoid",
            "hard_swish",
            "sigmoid",
            "tanh",
            "hard_tanh",
            "sin",
            "erf",
            "softmax",
            "layer_norm",
            "batch_norm",
            "dropout",
            "dense",
            "embedding",
            "residual",
            "max_over_time",
            "mean_over_time",
            "last_step",
            "time_major",
            "convolution",
            "upconvolution",
            "max_pool",
            "mean_pool",
            "global_mean",
            "attention",
            "group_norm",
            "rms_norm",
            "gated_dense",
            "linear_recurrence");

    static final List<String> LOSSES = List.of(
            "cross_entropy",
            "sigmoid_loss",
            "weighted_sigmoid",
            "sigmoid_focal",
            "softmax_focal",
            "divergence",
            "distillation",
            "squares",
            "huber",
            "absolute",
            "masked",
            "weighted");

    /** Parts for which no other library is called. */
    private static final List<String> WITHOUT_PEERS = List.of(
            "sigmoid_focal",
            "softmax_focal",
            "distillation",
            "masked",
            "weighted",
            "attention",
            "group_norm",
            "rms_norm",
            "gated_dense",
            "linear_recurrence");

    static final int STEPS = 16; // of a sequence
    static final int CHANNELS = 16; // of images, whose sides are 32 or 64
    static final int UNITS = 128; // of a dense layer
    static final int FEATURES = 64; // of a position of attention, in sequences of 128
    static final int ENTRIES = 1000; // of an embedding

    private static final Key KEY = Key.of(7);

    final String name;
    final int rows;
    final int columns;
    final Tensor x;
    final Tensor dy; // the target of a loss
    private final Layer layer; // null of a loss
    private final Runnable run;
    private Tensor output;
    private Tensor gradient;

    private Part(String name, int rows, int columns) {
        this.name = name;
        this.rows = rows;
        this.columns = columns;
        x = Tensor.aligned(input()); // as in a network, where it is a workspace's; PyTorch's begin at cache lines, too
        if (name.equals("embedding")) {
            numbers(x, ENTRIES);
        } else {
            KEY.child("x").normal(x, 0, 1);
        }
        if (LOSSES.contains(name)) {
            dy = target();
            layer = null;
            run = run(lossOf(name, columns));
        } else {
            layer = layerOf(name, x.shape(), columns);
            dy = Tensor.aligned(layer.outputShape(x.shape()));
            KEY.child("dy").normal(dy, 0, 1);
            run = run(layer);
        }
    }

    private Shape input() {
        int steps = rows % STEPS == 0 ? STEPS : rows;
        return switch (name) {
            case "embedding" -> Shape.of(rows);
            case "max_over_time", "mean_over_time", "last_step", "time_major", "linear_recurrence" ->
                Shape.of(steps, rows / steps, columns);
            case "convolution", "upconvolution", "max_pool", "mean_pool", "global_mean", "group_norm" -> images();
            case "attention" -> sequences();
            default -> Shape.of(rows, columns);
        };
    }

    private Shape sequences() {
        int time = rows * columns < 1 << 13 ? 4 : 128;
        return Shape.of(Math.max(1, rows * columns / time / FEATURES), time, FEATURES);
    }

    private Shape images() {
        int numbers = rows * columns;
        int side = numbers < 1 << 14 ? 4 : numbers < 1 << 20 ? 32 : 64;
        return Shape.of(numbers / CHANNELS / side / side, side, side, CHANNELS);
    }

    private Tensor target() {
        Tensor target = Tensor.aligned(
                switch (name) {
                    case "cross_entropy", "softmax_focal" -> Shape.of(rows);
                    case "masked", "weighted" -> Shape.of(rows, columns + 1); // the mask or the weight
                    default -> Shape.of(rows, columns);
                });
        switch (name) {
            case "cross_entropy", "softmax_focal" -> numbers(target, columns);
            case "sigmoid_focal" -> numbers(target, 2);
            case "divergence" -> {
                Tensor logits = Tensor.zeros(target.shape());
                KEY.child("dy").normal(logits, 0, 1);
                logits.softmaxInto(target);
            }
            case "sigmoid_loss", "weighted_sigmoid" -> KEY.child("dy").uniform(target, 0, 1);
            case "masked", "weighted" -> target.fill(1);
            default -> KEY.child("dy").normal(target, 0, 1);
        }
        return target;
    }

    /** Fills a tensor with whole numbers from 0 to below a limit. */
    private static void numbers(Tensor tensor, int limit) {
        for (int i = 0; i < tensor.size(); i++) {
            tensor.array()[i] = Integer.remainderUnsigned(KEY.word(i), limit);
        }
    }

    /** The weight of positive targets for each feature: 1, 2, 3 and so on. */
    static double[] weights(int columns) {
        return IntStream.rangeClosed(1, columns).asDoubleStream().toArray();
    }

    static Part of(String nameAndShape) {
        String[] words = nameAndShape.split("-");
        String[] dims = words[1].split("x");
        return new Part(words[0], Integer.parseInt(dims[0]), Integer.parseInt(dims[1]));
    }

    /** The parts that are measured in a shape. */
    static List<String> names(String shape) {
        Stream<String> parts = shape.equals(CLASSES)
                ? Stream.of("cross_entropy")
                : Stream.of(LAYERS, LOSSES).flatMap(List::stream);
        return parts.map(part -> part + "-" + shape).toList();
    }

    static boolean hasPeer(String nameAndShape) {
        return !WITHOUT_PEERS.contains(nameAndShape.split("-")[0]);
    }

    /** All parts with an odd shape, often enough that their vector kernels are compiled: after 4 million elements. */
    static void pollute() {
        for (List<String> names : List.of(LAYERS, LOSSES)) {
            for (String name : names) {
                Part part = of(name + "-67x137");
                for (int i = 0; i < 500; i++) {
                    part.run();
                }
            }
        }
    }

    static Loss lossOf(String name, int columns) {
        return switch (name) {
            case "cross_entropy" -> new SoftmaxCrossEntropy();
            case "sigmoid_loss" -> new SigmoidCrossEntropy();
            case "weighted_sigmoid" -> new SigmoidCrossEntropy().withPositiveWeights(weights(columns));
            case "sigmoid_focal" -> new SigmoidFocalCrossEntropy(2).withAlpha(0.25);
            case "softmax_focal" -> new SoftmaxFocalCrossEntropy(2);
            case "divergence" -> new KullbackLeibler();
            case "distillation" -> new Distillation(2);
            case "squares" -> new MeanSquaredError();
            case "huber" -> new Huber(1);
            case "absolute" -> new MeanAbsoluteError();
            case "masked" -> new Masked(new MeanSquaredError());
            case "weighted" -> new Weighted(new MeanSquaredError());
            default -> throw new IllegalArgumentException("no loss is called '" + name + "'");
        };
    }

    static Layer layerOf(String name, Shape shape, int columns) {
        return switch (name) {
            case "relu" -> new Activation(Nonlinearity.RELU);
            case "leaky_relu" -> new Activation(Nonlinearity.leakyRelu(0.01));
            case "elu" -> new Activation(Nonlinearity.elu(1));
            case "selu" -> new Activation(Nonlinearity.SELU);
            case "gelu" -> new Activation(Nonlinearity.GELU);
            case "gelu_tanh" -> new Activation(Nonlinearity.GELU_TANH);
            case "silu" -> new Activation(Nonlinearity.SILU);
            case "softplus" -> new Activation(Nonlinearity.SOFTPLUS);
            case "log_sigmoid" -> new Activation(Nonlinearity.LOG_SIGMOID);
            case "mish" -> new Activation(Nonlinearity.MISH);
            case "celu" -> new Activation(Nonlinearity.celu(2));
            case "hard_sigmoid" -> new Activation(Nonlinearity.HARD_SIGMOID);
            case "hard_swish" -> new Activation(Nonlinearity.HARD_SWISH);
            case "sigmoid" -> new Activation(Nonlinearity.SIGMOID);
            case "tanh" -> new Activation(Nonlinearity.TANH);
            case "hard_tanh" -> new Activation(Nonlinearity.HARD_TANH);
            case "sin" -> new Activation(Nonlinearity.SIN);
            case "erf" -> new Activation(Nonlinearity.ERF);
            case "softmax" -> new Softmax();
            case "prelu" -> PRelu.standard().create(shape, KEY);
            case "layer_norm" -> LayerNorm.standard().create(shape, KEY);
            case "batch_norm" -> BatchNorm.standard().create(shape, KEY);
            case "dropout" -> Dropout.of(0.5).create(shape, KEY);
            case "dense" -> Dense.units(UNITS).create(shape, KEY);
            case "embedding" -> Embedding.of(ENTRIES, columns, KEY);
            case "residual" -> Residual.of(body -> body.tanh()).create(shape, KEY);
            case "max_over_time" -> new MaxOverTime();
            case "mean_over_time" -> new MeanOverTime();
            case "last_step" -> new LastStep();
            case "time_major" -> new TimeMajor();
            case "convolution" ->
                Convolution.channels(CHANNELS).kernel(3, 3).same().create(shape, KEY);
            case "upconvolution" ->
                TransposedConvolution.channels(CHANNELS).kernel(2, 2).stride(2).create(shape, KEY);
            case "max_pool" -> Pool.max(2, 2);
            case "mean_pool" -> Pool.mean(2, 2);
            case "global_mean" -> GlobalPool.MEAN;
            case "attention" -> Attention.heads(4).causal().create(shape, KEY);
            case "group_norm" -> GroupNorm.groups(4).create(shape, KEY);
            case "rms_norm" -> RmsNorm.epsilon(1e-6).create(shape, KEY);
            case "gated_dense" -> GatedDense.hidden(UNITS).create(shape, KEY);
            case "linear_recurrence" -> LinearRecurrence.states(UNITS).create(shape, KEY);
            default -> throw new IllegalArgumentException("no layer is called '" + name + "'");
        };
    }

    private Runnable run(Layer layer) {
        Pass pass = Pass.of(layer);
        Workspace workspace = new Workspace();
        Gradients gradients = new Gradients(layer);
        return () -> {
            workspace.begin(KEY);
            gradients.clear();
            output = workspace.run(pass, x);
            gradient = pass.pullback(dy, gradients);
            if (layer instanceof Embedding embedding) {
                gradient = gradients.of(embedding.weight()); // there is none at the indices
            }
        };
    }

    private Runnable run(Loss loss) {
        output = Tensor.zeros();
        if (loss instanceof DirectLoss direct) {
            Tensor dOutput = Tensor.zeros(x.shape());
            gradient = dOutput;
            return () -> output.set((float) direct.of(x, dy, dOutput));
        }
        Workspace workspace = new Workspace();
        return () -> {
            workspace.begin(KEY);
            Loss.Value value = loss.of(x, dy, workspace);
            output.set((float) value.value());
            gradient = value.dOutput();
        };
    }

    void run() {
        run.run();
    }

    /** The layer; null if this is a loss. */
    Layer layer() {
        return layer;
    }

    /** The output of the last run, or the loss. */
    Tensor output() {
        return output;
    }

    /** The gradient with respect to x of the last run. */
    Tensor gradient() {
        return gradient;
    }
}
