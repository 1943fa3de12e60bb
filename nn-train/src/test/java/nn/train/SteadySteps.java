package nn.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import nn.fixtures.OwnLeakyRelu;
import nn.fixtures.OwnTanh;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
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
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Chain;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.NAdam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.RAdam;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.Transform;
import nn.train.schedule.Schedule;

/** Prints the number of bytes that a steady step of some trainings allocates. */
final class SteadySteps {
    private static final Key KEY = Key.of(3);
    private static final int BEFORE = 5;
    private static final int STEPS = 20;

    private SteadySteps() {}

    private record Task(Trainer trainer, Tensor x, Tensor y) {}

    /** One output, with targets 0 and 1. */
    private static Task binary(Loss loss) {
        Network model =
                Network.builder(KEY).input(4).dense("a", 5).relu().dense("b", 1).build();
        return new Task(
                new Trainer(model, loss, Sgd.of(0.1), KEY), normal(4, 4), Tensor.of(new float[] {0, 1, 1, 0}, 4, 1));
    }

    /** Three outputs for each of six rows. */
    private static Task classes(Loss loss, Tensor y) {
        Network model =
                Network.builder(KEY).input(4).dense("a", 5).relu().dense("b", 3).build();
        return new Task(new Trainer(model, loss, Sgd.of(0.001), KEY), normal(6, 4), y);
    }

    /** Rows with one more number in the target, a weight or a mask of 1. */
    private static Task rows(Loss loss, int features) {
        Network model = Network.builder(KEY).input(4).dense("a", features).build();
        return new Task(new Trainer(model, loss, Sgd.of(0.001), KEY), normal(6, 4), Tensor.full(1f, 6, features + 1));
    }

    /** The trainings by name, in the order in which they are printed. */
    static Map<String, Supplier<Runnable>> tasks() {
        Map<String, Supplier<Runnable>> tasks = new LinkedHashMap<>();
        Sgd sgd = Sgd.of(0.1);
        tasks.put(
                "2-8-1",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .input(2)
                                        .dense("a", 8)
                                        .tanh()
                                        .dense("b", 1)
                                        .build(),
                                new MeanSquaredError(),
                                sgd,
                                KEY),
                        normal(4, 2),
                        normal(4, 1))));
        tasks.put(
                "every activation",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .relu()
                                .leakyRelu(0.1)
                                .elu()
                                .selu()
                                .gelu()
                                .silu()
                                .softplus()
                                .activation(Nonlinearity.LOG_SIGMOID)
                                .activation(Nonlinearity.MISH)
                                .activation(Nonlinearity.celu(2))
                                .activation(Nonlinearity.HARD_SIGMOID)
                                .activation(Nonlinearity.HARD_SWISH)
                                .sigmoid()
                                .tanh()
                                .dense("b", 2)
                                .build(),
                        new Huber(1),
                        sgd.withMomentum(0.9),
                        TrainerOptions.NONE)));
        tasks.put(
                "activations of many elements",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 100)
                                .elu()
                                .gelu()
                                .softplus()
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        Sgd.of(0.001),
                        TrainerOptions.NONE)));
        tasks.put(
                "norms and residuals",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .batchNorm("bn")
                                .relu()
                                .layer(
                                        "block",
                                        Residual.of(body -> body.layerNorm("ln")
                                                .dense("b", 5)
                                                .gelu()))
                                .layer(
                                        "scaled",
                                        Residual.of(body -> body.dense("c", 5))
                                                .skip(2)
                                                .learnedGain(0.1))
                                .layer(
                                        "deep",
                                        Residual.of(body -> body.dense("d", 5))
                                                .learnedGains(0.1)
                                                .shortcut(body -> body.dense("e", 5)))
                                .layer("gated", GatedDense.hidden(4))
                                .layer("rms", RmsNorm.epsilon(1e-5))
                                .layer("groups", GroupNorm.instance())
                                .layer("softmax", (in, key) -> new Softmax())
                                .dense("c", 2)
                                .build(),
                        new MeanAbsoluteError(),
                        RmsProp.of(0.01),
                        TrainerOptions.NONE.clipping(Clipping.norm(0.01)))));
        tasks.put(
                "attention",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .input(Shape.of(Shape.ANY, Shape.ANY, 8))
                                        .layer("learned", LearnedPositions.of(6))
                                        .layer("sinusoidal", SinusoidalPositions.of())
                                        .layer("attention", Attention.heads(2))
                                        .layer(
                                                "block",
                                                Residual.of(body -> body.layerNorm("norm")
                                                        .layer(
                                                                "attention",
                                                                Attention.heads(4)
                                                                        .keyValueHeads(2)
                                                                        .causal()
                                                                        .mask(normal(7, 7))
                                                                        .rotary(Rotary.halves()))))
                                        .build(),
                                new MeanSquaredError(),
                                sgd,
                                KEY),
                        normal(2, 3, 8),
                        normal(2, 3, 8))));
        tasks.put(
                "texts",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .tokens()
                                        .layer("characters", Embedding.of(5, 4).padding(0))
                                        .layer("positions", LearnedPositions.of(3))
                                        .dense("a", 5)
                                        .build(),
                                new SoftmaxCrossEntropy(),
                                sgd,
                                KEY),
                        Tensor.of(new float[] {1, 4, 0, 2, 2, 0}, 2, 3),
                        Tensor.of(new float[] {4, 0, 2, 2, 0, 1}, 2, 3))));
        tasks.put(
                "labels",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .input(4)
                                        .dense("a", 5)
                                        .relu()
                                        .dense("b", 3)
                                        .build(),
                                new SoftmaxCrossEntropy(),
                                Adagrad.of(0.01),
                                KEY,
                                TrainerOptions.NONE
                                        .penalty(Penalty.of(0.01, 0.01))
                                        .clipping(Clipping.value(0.001))),
                        normal(6, 4),
                        Tensor.of(new float[] {0, 1, 2, 2, 1, 0}, 6))));
        tasks.put(
                "binary targets",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .input(4)
                                        .dense("a", 5)
                                        .relu()
                                        .dense("b", 1)
                                        .build(),
                                new SigmoidCrossEntropy(),
                                sgd.withMomentum(0.9).withNesterov(),
                                KEY,
                                TrainerOptions.NONE.schedule(Schedule.warmUp(10))),
                        normal(4, 4),
                        Tensor.of(new float[] {0, 1, 1, 0}, 4, 1))));
        tasks.put("weights of positive targets", () -> steps(binary(new SigmoidCrossEntropy().withPositiveWeights(3))));
        tasks.put("focal loss", () -> steps(binary(new SigmoidFocalCrossEntropy(2).withAlpha(0.25))));
        tasks.put(
                "focal loss of classes",
                () -> steps(classes(
                        new SoftmaxFocalCrossEntropy(2).withClassWeights(1, 2, 3),
                        Tensor.of(new float[] {0, 1, 2, 2, 1, 0}, 6))));
        tasks.put(
                "weights of classes",
                () -> steps(classes(
                        new SoftmaxCrossEntropy().withClassWeights(1, 2, 3),
                        Tensor.of(new float[] {0, 1, 2, 2, 1, 0}, 6))));
        for (int features : new int[] {3, 300}) {
            tasks.put(
                    "weights of rows of " + features,
                    () -> steps(rows(new Weighted(new MeanSquaredError()), features)));
            tasks.put("a mask of rows of " + features, () -> steps(rows(new Masked(new MeanSquaredError()), features)));
        }
        tasks.put("distillation", () -> steps(classes(new Distillation(2), normal(6, 3))));
        tasks.put(
                "Kullback-Leibler divergence", () -> steps(classes(new KullbackLeibler(), Tensor.full(1f / 3, 6, 3))));
        tasks.put(
                "pooling over time",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .sequence(3)
                                        .timeMajor()
                                        .dense("a", 5)
                                        .tanh()
                                        .layer("mean", new MeanOverTime())
                                        .dense("b", 2)
                                        .build(),
                                new MeanSquaredError(),
                                sgd,
                                KEY),
                        normal(4, 6, 3),
                        normal(4, 2))));
        tasks.put(
                "largest over time",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .sequence(3)
                                        .dense("a", 5)
                                        .tanh()
                                        .layer("max", new MaxOverTime())
                                        .dense("b", 2)
                                        .build(),
                                new MeanSquaredError(),
                                sgd,
                                KEY),
                        normal(6, 4, 3),
                        normal(4, 2))));
        tasks.put(
                "states of recurrent layers",
                () -> steps(sequences(network -> network.rnn("rnn", 4)
                        .lstm("lstm", 4)
                        .layer("linear", LinearRecurrence.states(5))
                        .layer("gru", Gru.units(4).last()))));
        tasks.put(
                "stacks and both directions",
                () -> steps(sequences(network -> network.layer("stack", Stacked.of(Lstm.units(4), Rnn.units(3)))
                        .layer("both", Bidirectional.of(Gru.units(4)))
                        .layer("last", Bidirectional.of(Lstm.units(2)).last()))));
        tasks.put(
                "a custom layer",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .layer("own", (in, key) -> Affine.of(4, 2, key))
                                .build(),
                        new MeanSquaredError(),
                        sgd,
                        TrainerOptions.NONE)));
        tasks.put(
                "custom nonlinearities",
                () -> steps(sequences(network -> network.dense("a", 5)
                        .activation(new OwnTanh())
                        .activation(new OwnLeakyRelu(0.1f))
                        .activation(Nonlinearity.of("sine", Math::sin, Math::cos))
                        .layer("rnn", Rnn.units(4).activation(new OwnTanh()))
                        .layer(
                                "last",
                                Rnn.units(4).activation(new OwnLeakyRelu(0.1f)).last()))));
        tasks.put(
                "a custom optimizer",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .relu()
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        new CustomMomentum(0.1, 0.9),
                        TrainerOptions.NONE)));
        tasks.put(
                "convolutions of images",
                () -> steps(images(n -> n.layer(
                                "strided",
                                Convolution.channels(4).kernel(3, 3).stride(2).same())
                        .layer("pool", Pool.max(2, 2).stride(1))
                        .layer(
                                "grouped",
                                Convolution.channels(6).kernel(3, 3).groups(2).same())
                        .relu()
                        .layer(
                                "depthwise",
                                Convolution.depthwise(2).kernel(3, 3).same())
                        .layer(
                                "transposed",
                                TransposedConvolution.channels(3)
                                        .kernel(4, 4)
                                        .stride(2)
                                        .same())
                        .layer("scattered", Convolution.channels(20).kernel(3, 3))
                        .layer("means", Pool.mean(2, 2))
                        .layer("global", GlobalPool.MEAN))));
        tasks.put(
                "convolutions of sequences",
                () -> steps(new Task(
                        new Trainer(
                                Network.builder(KEY)
                                        .input(Shape.of(Shape.ANY, 9, 3))
                                        .layer(
                                                "causal",
                                                Convolution.channels(4)
                                                        .kernel(3)
                                                        .causal()
                                                        .dilation(2))
                                        .layer(
                                                "transposed",
                                                TransposedConvolution.channels(3)
                                                        .kernel(4)
                                                        .stride(2))
                                        .layer("mean", Pool.mean(3).stride(2).padding(1))
                                        .layer("max", Pool.max(2))
                                        .layer("global", GlobalPool.MAX)
                                        .dense("out", 2)
                                        .build(),
                                new MeanSquaredError(),
                                Sgd.of(1e-3),
                                KEY),
                        normal(3, 9, 3),
                        normal(3, 2))));
        tasks.put("a graph", () -> steps(new Task(graph("none"), normal(6, 7), normal(6, 2))));
        tasks.put("a graph with frozen layers", () -> steps(new Task(graph("left."), normal(6, 7), normal(6, 2))));
        tasks.put("two shapes", SteadySteps::twoShapes);
        tasks.put(
                "a tiny epsilon",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .relu()
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        RmsProp.of(0.01).withEpsilon(1e-30).withCentering(),
                        TrainerOptions.NONE)));
        tasks.put(
                "shards",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .batchNorm("norm")
                                .relu()
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        sgd,
                        TrainerOptions.NONE.shards(3))));
        tasks.put(
                "shards of residual blocks",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 80)
                                .layer(
                                        "block",
                                        Residual.of(b -> b.layerNorm("norm")
                                                        .dense("b", 80)
                                                        .gelu())
                                                .learnedGains(0.1))
                                .dense("c", 2)
                                .build(),
                        new MeanSquaredError(),
                        sgd,
                        TrainerOptions.NONE.shards(2))));
        tasks.put(
                "averaging",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .relu()
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        sgd,
                        TrainerOptions.NONE.averaging(Averaging.exponential(0.99)))));
        tasks.put(
                "a chain of transforms",
                () -> optimizer(Chain.of(
                        0.01,
                        Transform.clipNorm(1),
                        Transform.momentum(0.9),
                        Transform.decay(0.1),
                        Transform.trustRatio())));
        tasks.put("adam", () -> optimizer(Adam.of(0.01)));
        tasks.put("nadam", () -> optimizer(NAdam.of(0.01)));
        tasks.put("radam", () -> optimizer(RAdam.of(0.01)));
        tasks.put("adafactor", () -> optimizer(Adafactor.of(0.01)));
        tasks.put(
                "lion, and muon for weights",
                () -> optimizer(ParameterGroups.others(Lion.of(0.01)).with("*.weight", Muon.of(0.01))));
        tasks.put(
                "a chain of transforms",
                () -> optimizer(Chain.of(0.01, Transform.clipNorm(1), Transform.momentum(0.9), Transform.decay(0.01))));
        tasks.put(
                "dropout",
                () -> steps(regression(
                        Network.builder(KEY)
                                .input(4)
                                .dense("a", 5)
                                .relu()
                                .dropout("drop", 0.5)
                                .dense("b", 2)
                                .build(),
                        new MeanSquaredError(),
                        sgd,
                        TrainerOptions.NONE)));
        return tasks;
    }

    /** Returns a trainer of a graph with branches, merges and a shared layer. */
    private static Trainer graph(String frozen) {
        Graph.Builder graph = Graph.builder(KEY);
        Node a = graph.input("a", 3);
        Node left =
                graph.chain("left", a, n -> n.dense("fc", 4).batchNorm("norm").tanh());
        Node right = graph.layer("right", Dense.units(4), graph.input("b", 4)).relu();
        Layer shared = graph.make("shared", Dense.units(3), left);
        Node both = Node.concat(-1, left.through(shared), right.through(shared));
        Node one = graph.layer("one", Dense.units(1), both.times(both.tanh()));
        Node two = graph.layer("two", Dense.units(1), both.minus(both.relu()));
        Graph model = graph.output("both", Node.concat(-1, one, two)).build();
        Trainer trainer =
                new Trainer(model, new MeanSquaredError(), Sgd.of(0.01).withMomentum(0.9), KEY);
        if (!frozen.equals("none")) {
            trainer.freeze(frozen);
        }
        return trainer;
    }

    private static Runnable optimizer(Optimizer optimizer) {
        return steps(regression(
                Network.builder(KEY).input(4).dense("a", 5).relu().dense("b", 2).build(),
                new MeanSquaredError(),
                optimizer,
                TrainerOptions.NONE));
    }

    private static Task regression(Network network, Loss loss, Optimizer optimizer, TrainerOptions options) {
        return new Task(new Trainer(network, loss, optimizer, KEY, options), normal(6, 4), normal(6, 2));
    }

    private static Task images(Consumer<Network.Builder> layers) {
        Network.Builder builder = Network.builder(KEY).input(Shape.of(Shape.ANY, 9, 10, 2));
        layers.accept(builder);
        return new Task(
                new Trainer(builder.dense("out", 2).build(), new MeanSquaredError(), Sgd.of(1e-3), KEY),
                normal(3, 9, 10, 2),
                normal(3, 2));
    }

    private static Task sequences(Consumer<Network.Builder> layers) {
        Network.Builder builder = Network.builder(KEY).sequence(3);
        layers.accept(builder);
        return new Task(
                new Trainer(builder.dense("out", 2).build(), new MeanSquaredError(), Sgd.of(0.1), KEY),
                normal(5, 4, 3),
                normal(4, 2));
    }

    private static Runnable steps(Task task) {
        return () -> task.trainer().step(task.x(), task.y());
    }

    /** Takes a step with a batch of 6 and one of 3, alternately. */
    private static Runnable twoShapes() {
        Task task = regression(
                Network.builder(KEY).input(4).dense("a", 5).relu().dense("b", 2).build(),
                new MeanSquaredError(),
                Sgd.of(0.1),
                TrainerOptions.NONE);
        Tensor x = normal(3, 4);
        Tensor y = normal(3, 2);
        return () -> {
            task.trainer().step(task.x(), task.y());
            task.trainer().step(x, y);
        };
    }

    private static Tensor normal(int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.normal(x, 0, 1);
        return x;
    }

    private static long bytes(Runnable step) {
        repeat(step, BEFORE);
        long first = Allocation.soFar();
        repeat(step, STEPS);
        long second = Allocation.soFar();
        repeat(step, 2 * STEPS);
        // The second span differs from the first only in having more steps.
        return (Allocation.soFar() - second - (second - first)) / STEPS;
    }

    private static void repeat(Runnable step, int times) {
        for (int i = 0; i < times; i++) {
            step.run();
        }
    }

    /** Prints the size of the report first. */
    public static void main(String[] arguments) {
        repeat(Allocation::soFar, 100); // reflection changes its ways once
        System.out.println(bytes(() -> new StepReport(1, 1, 1, 1, 1)));
        tasks().values().forEach(task -> System.out.println(bytes(task.get())));
    }
}
