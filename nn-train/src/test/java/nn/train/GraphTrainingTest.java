package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.graph.Parts;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.JointLoss;
import nn.train.loss.Masked;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;
import org.junit.jupiter.api.Test;

/** Models that are no chain of layers, as a user writes them. */
class GraphTrainingTest {
    private static final Key KEY = Key.of(21);

    private static Tensor normal(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        KEY.child(name).normal(t, 0, 1);
        return t;
    }

    @Test
    void aTwoTowerModelLearnsWhichItemsAUserLikes() {
        Graph.Builder graph = Graph.builder(KEY);
        Node user = graph.chain(
                "user", graph.input("user", 6), n -> n.dense("fc1", 16).tanh().dense("fc2", 8));
        Node item = graph.chain(
                "item", graph.input("item", 9), n -> n.dense("fc1", 16).tanh().dense("fc2", 8));
        Graph model = graph.output("score", user.times(item).sum(-1)).build();

        Tensor users = normal("users", 256, 6);
        Tensor items = normal("items", 256, 9);
        Tensor liked = Tensor.zeros(256, 1);
        for (int i = 0; i < 256; i++) {
            liked.set(users.get(i, 0) * items.get(i, 0) > 0 ? 1 : 0, i, 0);
        }
        Dataset data = new Dataset(model.pack(Map.of("user", users, "item", items)), liked);
        Trainer trainer = new Trainer(model, new SigmoidCrossEntropy(), Adam.of(0.01), KEY);
        History history = trainer.fit(
                Batches.shuffled(data, 32, KEY),
                FitOptions.epochs(40).validation(data).metric("accuracy", Metrics::binaryAccuracy));

        assertThat(history.epochs().getFirst().loss()).isBetween(0.5, 1.5); // about log 2
        assertThat(history.last().loss()).isLessThan(0.2);
        assertThat(history.last().metrics().get("accuracy")).isGreaterThan(0.95);
        assertThat(model.predict(Map.of("user", users, "item", items))
                        .get("score")
                        .shape())
                .isEqualTo(liked.shape());
    }

    private static Node twice(Graph.Builder graph, String name, int channels, Node x) {
        return graph.chain(
                name,
                x,
                n -> n.layer(
                                "conv1",
                                Convolution.channels(channels).kernel(3, 3).same())
                        .relu()
                        .layer(
                                "conv2",
                                Convolution.channels(channels).kernel(3, 3).same())
                        .relu());
    }

    private static Node up(Graph.Builder graph, String name, int channels, Node x, Node skip) {
        Node larger = graph.layer(
                name + "up",
                TransposedConvolution.channels(channels).kernel(2, 2).stride(2),
                x);
        return twice(graph, name, channels, Node.concat(-1, skip, larger));
    }

    private static Graph unet(int channels) {
        Graph.Builder graph = Graph.builder(KEY);
        Node level1 = twice(graph, "down1", channels, graph.input("image", 16, 16, 1));
        Node level2 = twice(graph, "down2", 2 * channels, level1.through(Pool.max(2, 2)));
        Node bottom = twice(graph, "bottom", 4 * channels, level2.through(Pool.max(2, 2)));
        Node right2 = up(graph, "right2", 2 * channels, bottom, level2);
        Node right1 = up(graph, "right1", channels, right2, level1);
        Node mask = graph.layer("mask", Convolution.channels(1).kernel(1, 1), right1);
        return graph.output("mask", mask).build();
    }

    /** Discs in noise; the mask says which pixels belong to one. */
    private static Dataset discs(int count) {
        Tensor images = normal("noise", count, 16, 16, 1);
        images.scaleInPlace(0.5f);
        Tensor masks = Tensor.zeros(count, 16, 16, 1);
        for (int i = 0; i < count; i++) {
            long word = KEY.child("discs").word(i);
            int row = 3 + (int) (word & 7);
            int column = 3 + (int) (word >>> 8 & 7);
            for (int r = 0; r < 16; r++) {
                for (int c = 0; c < 16; c++) {
                    if ((r - row) * (r - row) + (c - column) * (c - column) <= 9) {
                        masks.set(1, i, r, c, 0);
                        images.set(images.get(i, r, c, 0) + 1, i, r, c, 0);
                    }
                }
            }
        }
        return new Dataset(images, masks);
    }

    @Test
    void aUNetFindsDiscsInNoise() {
        Graph model = unet(4);
        Trainer trainer = new Trainer(model, new SigmoidCrossEntropy(), Adam.of(0.01), KEY);
        Dataset data = discs(32);
        History history = trainer.fit(Batches.shuffled(data, 8, KEY), 10);
        // 29 of 256 pixels belong to a disc: one probability for all of them has a loss of 0.35, and 0.887 are right
        assertThat(history.epochs().getFirst().loss()).isGreaterThan(0.35);
        assertThat(history.last().loss()).isLessThan(0.2);
        assertThat(Metrics.binaryAccuracy(model, data.x(), data.y())).isGreaterThan(0.92);
        assertThat(model.parametersByPath().keySet()).contains("right1up.weight", "right1.conv1.weight");
    }

    private static Graph twoHeads() {
        Graph.Builder graph = Graph.builder(KEY);
        Node hidden =
                graph.layer("hidden", Dense.units(16), graph.input("x", 4)).tanh();
        Node kind = graph.layer("kind", Dense.units(3), hidden);
        Node size = graph.layer("size", Dense.units(1), hidden);
        return graph.output("kind", kind).output("size", size).build();
    }

    @Test
    void severalTargetsAreGivenByName() {
        Graph model = twoHeads();
        JointLoss loss = JointLoss.of(model.outputs().orElseThrow())
                .with("kind", 1, new SoftmaxCrossEntropy())
                .with("size", 0.5, new MeanSquaredError());
        Tensor x = normal("x", 60, 4);
        Tensor kinds = Tensor.zeros(60);
        Tensor sizes = Tensor.zeros(60, 1);
        for (int i = 0; i < 60; i++) {
            kinds.set(x.get(i, 0) > 0 ? 1 : x.get(i, 1) > 0 ? 2 : 0, i);
            sizes.set(x.get(i, 2), i, 0);
        }
        Dataset data = new Dataset(x, loss.targets().pack(Map.of("kind", kinds, "size", sizes)));
        Trainer trainer = new Trainer(model, loss, Adam.of(0.02), KEY, TrainerOptions.NONE.debugging());
        FitOptions fit = FitOptions.epochs(60)
                .validation(data)
                .metric("accuracy", Metrics.ofOutput("kind", loss, Metrics::accuracy))
                .metric("explained", Metrics.ofOutput("size", loss, Metrics::rSquared));
        History history = trainer.fit(Batches.shuffled(data, 20, KEY), fit);
        assertThat(history.last().validationLoss())
                .isLessThan(0.2 * history.epochs().getFirst().validationLoss());
        Tensor predicted = model.predict(Map.of("x", x)).get("kind");
        int right = 0;
        for (int i = 0; i < 60; i++) {
            float own = predicted.get(i, (int) kinds.get(i));
            right += predicted.get(i, 0) <= own && predicted.get(i, 1) <= own && predicted.get(i, 2) <= own ? 1 : 0;
        }
        assertThat(history.last().metrics().get("accuracy"))
                .isEqualTo(right / 60.0)
                .isGreaterThan(0.95);
        assertThat(history.last().metrics().get("explained")).isBetween(0.9, 1.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.ofOutput("kinds", loss, Metrics::accuracy))
                .withMessage("there is no part 'kinds'; there are [kind, size]");
    }

    @Test
    void aModelOfSeveralOutputsIsNotTrainedByTheLossOfOne() {
        String all = "the model has the outputs [kind, size], and the loss ";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Trainer(twoHeads(), new SoftmaxCrossEntropy(), Adam.of(0.02), KEY))
                .withMessageStartingWith(all)
                .withMessageEndingWith(" is for one output: give each its loss, as in"
                        + " JointLoss.of(model.outputs().get()).with(\"kind\", 1, loss), with weight 0 for an output"
                        + " that is not to be trained");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Trainer(twoHeads(), new Masked(new MeanSquaredError()), Adam.of(0.02), KEY))
                .withMessageStartingWith(all + "MeanSquaredError");
        JointLoss others = JointLoss.of(Parts.of("size", 1).and("kind", 3))
                .with("size", 1, new MeanSquaredError())
                .with("kind", 1, new SoftmaxCrossEntropy());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Trainer(twoHeads(), others, Adam.of(0.02), KEY))
                .withMessage("joint loss: its outputs are [size, kind], those of the model are [kind, size];"
                        + " begin with JointLoss.of(model.outputs().get())");
    }

    @Test
    void lossesAndPartsThatDoNotFitTheOutputsAreRefusedByName() {
        Parts outputs = twoHeads().outputs().orElseThrow();
        JointLoss one = JointLoss.of(outputs).with("kind", 1, new SoftmaxCrossEntropy());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Trainer(twoHeads(), one, Adam.of(0.02), KEY))
                .withMessage("joint loss: outputs [size] have no loss; add one for each by with(...), with weight 0 if"
                        + " it is not to be trained");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> one.with("colour", 1, new MeanSquaredError()))
                .withMessage("joint loss: there is no output 'colour'; there are [kind, size]");
        JointLoss both = one.with("size", 1, new MeanSquaredError());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> both.targets().pack(Map.of("kind", Tensor.zeros(5), "sizes", Tensor.zeros(5, 1))))
                .withMessage("the parts are [kind, size], each to be given once; [size] is missing, [sizes] is none of"
                        + " them");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> both.targets().pack(Map.of("kind", Tensor.zeros(5, 1), "size", Tensor.zeros(5, 1))))
                .withMessage("part 'kind': expected [5], got [5 x 1]; all parts have the batch of 'kind'");
    }
}
