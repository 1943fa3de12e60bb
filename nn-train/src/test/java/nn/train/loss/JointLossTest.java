package nn.train.loss;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import nn.layers.Context;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.graph.Parts;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.optimizer.Adam;
import org.junit.jupiter.api.Test;

class JointLossTest {
    private static final Parts OUTPUTS = Parts.of("digit", 3).and("box", 2, 2);
    private static final JointLoss LOSS =
            JointLoss.of(OUTPUTS).with("digit", 1, new SoftmaxCrossEntropy()).with("box", 0.5, new MeanSquaredError());

    private static Tensor numbers(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(4).child(name).normal(t, 0, 1);
        return t;
    }

    @Test
    void theLossIsTheWeightedSumAndSoIsItsGradient() {
        Tensor digit = numbers("digit", 5, 3);
        Tensor box = numbers("box", 5, 2, 2);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 2, 1}, 5);
        Tensor boxes = numbers("boxes", 5, 2, 2);
        Tensor output = OUTPUTS.pack(Map.of("digit", digit, "box", box));
        assertThat(LOSS.targets().toString()).isEqualTo("digit [], box [2 x 2]");
        Tensor target = LOSS.targets().pack(Map.of("digit", labels, "box", boxes));
        assertThat(LOSS.targetShape(output.shape())).isEqualTo(target.shape());
        Loss.Value value = LOSS.of(output, target, Context.inference());
        Loss.Value ofDigit = new SoftmaxCrossEntropy().of(digit, labels, Context.inference());
        Loss.Value ofBox = new MeanSquaredError().of(box, boxes, Context.inference());
        assertThat(value.value()).isEqualTo(ofDigit.value() + 0.5 * ofBox.value());
        ofBox.dOutput().scaleInPlace(0.5f);
        assertThat(value.dOutput())
                .isBitEqualTo(OUTPUTS.pack(Map.of("digit", ofDigit.dOutput(), "box", ofBox.dOutput())));
    }

    @Test
    void twoOutputsLearnAtOnceInPartsOfABatchToo() {
        Tensor x = numbers("x", 60, 4);
        Tensor labels = Tensor.zeros(60);
        for (int i = 0; i < 60; i++) {
            labels.array()[i] = x.get(i, 0) > 0.5 ? 2 : x.get(i, 0) > -0.5 ? 1 : 0;
        }
        Graph.Builder graph = Graph.builder(Key.of(1));
        Node hidden =
                graph.layer("hidden", Dense.units(16), graph.input("x", 4)).tanh();
        Graph model = graph.output("digit", graph.layer("digit", Dense.units(3), hidden))
                .output("box", graph.layer("box", Dense.units(4), hidden).reshape(-1, 2, 2))
                .build();
        Tensor y = LOSS.targets().pack(Map.of("digit", labels, "box", x.reshape(60, 2, 2)));
        Trainer trainer = new Trainer(model, LOSS, Adam.of(0.02), Key.of(2));
        double first = trainer.step(x, y).loss();
        for (int i = 0; i < 150; i++) {
            trainer.step(x, y);
        }
        assertThat(trainer.step(x, y).loss()).isLessThan(0.2 * first);
        assertThat(first).isCloseTo(Math.log(3) + 0.5, within(1.0));
        trainer.fit(Batches.shuffled(new Dataset(x, y), 20, Key.of(3)), 2);
    }

    @Test
    void everyOutputNeedsOneLoss() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JointLoss.of(OUTPUTS)
                        .with("digit", 1, new SoftmaxCrossEntropy())
                        .targets())
                .withMessage(
                        "joint loss: outputs [box] have no loss; add one for each by with(...), with weight 0 if it"
                                + " is not to be trained");
        assertThatIllegalArgumentException().isThrownBy(() -> LOSS.with("box", 1, new MeanSquaredError()));
        assertThatIllegalArgumentException().isThrownBy(() -> LOSS.with("none", 1, new MeanSquaredError()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JointLoss.of(OUTPUTS).with("box", -1, new MeanSquaredError()));
    }

    @Test
    void outputsAndTargetsOfOtherShapesAreRefused() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> LOSS.of(numbers("o", 5, 8), numbers("t", 5, 5), Context.inference()))
                .withMessage("joint loss: expected an output [? x 7], got [5 x 8]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> LOSS.of(numbers("o", 5, 7), numbers("t", 5, 6), Context.inference()))
                .withMessage("joint loss: expected a target [5 x 5], got [5 x 6]");
    }

    @Test
    void meansInWhichExamplesCountDifferentlyAreRefused() {
        JointLoss ignoring = JointLoss.of(Parts.of("a", 3).and("b", 1))
                .with("a", 1, new SoftmaxCrossEntropy().ignoring(-1))
                .with("b", 1, new MeanSquaredError());
        Tensor target = Tensor.of(new float[] {0, 0, -1, 0}, 2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ignoring.of(numbers("o", 2, 4), target, Context.inference()))
                .withMessageContaining("in the mean of 'a'")
                .withMessageContaining("some examples count more than others");
    }

    /** Part of a batch may have ignored rows only, so the whole batch is looked at before it is cut. */
    @Test
    void aTrainerRefusesThemByTheSameMessageInShardsAndMicroBatches() {
        JointLoss ignoring = JointLoss.of(Parts.of("a", 3).and("b", 1))
                .with("a", 1, new SoftmaxCrossEntropy().ignoring(-1))
                .with("b", 1, new MeanSquaredError());
        Graph.Builder graph = Graph.builder(Key.of(1));
        Node x = graph.input("x", 4);
        Graph model = graph.output("a", graph.layer("a", Dense.units(3), x))
                .output("b", graph.layer("b", Dense.units(1), x))
                .build();
        Tensor target = Tensor.of(new float[] {-1, 0, -1, 0, 0, 0, 1, 0}, 4, 2);
        for (TrainerOptions options :
                List.of(TrainerOptions.NONE, TrainerOptions.NONE.shards(2), TrainerOptions.NONE.microBatch(2))) {
            Trainer trainer = new Trainer(model, ignoring, Adam.of(0.1), Key.of(2), options);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.step(numbers("x", 4, 4), target))
                    .withMessageContaining("joint loss: in the mean of 'a'")
                    .withMessageContaining("some examples count more than others");
        }
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> ignoring.terms(numbers("t", 4, 3)))
                .withMessage("joint loss: expected a target [batch x 2], got [4 x 3]");
    }
}
