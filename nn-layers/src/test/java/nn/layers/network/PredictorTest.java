package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PredictorTest {
    private static final Key KEY = Key.of(11);
    private static final Tensor X = normal("x", 5, 6);
    private static final Tensor OTHER = normal("other", 5, 6);

    /** All tensors have one shape, so that any of them can take the place of another. */
    private static Network square() {
        return Network.builder(KEY)
                .input(6)
                .dense("first", 6)
                .relu()
                .layer(
                        "inner",
                        new Residual(Network.builder(KEY.child("inner"))
                                .input(6)
                                .dense("a", 6)
                                .tanh()
                                .dense("b", 6)
                                .build()))
                .dense("last", 6)
                .build();
    }

    private static Tensor now(Layer layer, Tensor x) {
        return layer.forward(x, Context.inference()).output();
    }

    @Test
    void itGivesTheBitsOfTheNetwork() {
        Network network = square();
        Predictor predictor = Predictor.of(network);
        assertThat(predictor.predict(X)).isBitEqualTo(now(network, X));
        assertThat(predictor.predict(OTHER)).isBitEqualTo(now(network, OTHER));
        assertThat(predictor.predict(X.rows(1, 3))).isBitEqualTo(now(network, X).rows(1, 3));
        assertThat(predictor.predict(X)).isBitEqualTo(now(network, X));
    }

    /** Wide enough for weights that are parts of one array, and for every tile. */
    @Test
    void itGivesTheSameBitsForAlignedWeights() {
        Network network = Network.builder(KEY)
                .input(70)
                .dense("a", 50)
                .relu()
                .dense("b", 33)
                .build();
        Predictor predictor = Predictor.of(network);
        for (int rows : new int[] {1, 2, 5, 8, 13, 40}) {
            Tensor x = normal("x" + rows, rows, 70);
            assertThat(predictor.predict(x)).isBitEqualTo(network.predict(x));
        }
    }

    /** Weights that are kept as panels of columns for few rows, and as tensors for many, whichever comes first. */
    @Test
    void itGivesTheSameBitsForFewAndManyRowsInTurn() {
        Network network = Network.builder(KEY)
                .input(70)
                .dense("a", 300)
                .relu()
                .layer("b", Dense.units(256).withoutBias())
                .relu()
                .dense("c", 129)
                .build();
        for (int[] order : new int[][] {{1, 1, 2, 40, 1, 3, 4, 1}, {40, 1, 1, 40, 2}}) {
            Predictor predictor = Predictor.of(network);
            Tensor[] x = new Tensor[order.length];
            Tensor[] expected = new Tensor[order.length];
            for (int i = 0; i < order.length; i++) {
                x[i] = normal("x" + i, order[i], 70);
                expected[i] = network.predict(x[i]);
            }
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < order.length; i++) {
                    assertThat(predictor.predict(x[i])).isBitEqualTo(expected[i]);
                    assertThat(predictor.another().predict(x[i])).isBitEqualTo(expected[i]);
                }
                network.parametersByPath().values().forEach(p -> p.value().fill(0.5f)); // reaches no copy
            }
        }
    }

    @Test
    void severalThreadsMayMakeTheFirstPredictions() throws InterruptedException {
        Network network = Network.builder(KEY)
                .input(70)
                .dense("a", 300)
                .relu()
                .dense("b", 200)
                .build();
        Tensor one = normal("one", 1, 70);
        Tensor many = normal("many", 20, 70);
        Tensor ofOne = network.predict(one);
        Tensor ofMany = network.predict(many);
        for (int round = 0; round < 20; round++) {
            Predictor predictor = Predictor.of(network);
            List<Tensor> outputs = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (Tensor x : List.of(one, many, one, many)) {
                threads.add(Thread.ofPlatform()
                        .start(() -> outputs.add(predictor.another().predict(x).copy())));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(outputs).hasSize(4);
            for (Tensor output : outputs) {
                assertThat(output).isBitEqualTo(output.dim(0) == 1 ? ofOne : ofMany);
            }
        }
    }

    @Test
    void aLayerAloneHasAPredictorToo() {
        Lstm lstm = Lstm.units(4).create(Shape.of(3, 2, 6), KEY);
        Predictor predictor = Predictor.of(lstm);
        for (int steps = 1; steps < 4; steps++) {
            Tensor x = normal("x" + steps, steps, 2, 6);
            assertThat(predictor.predict(x)).isBitEqualTo(now(lstm, x));
        }
    }

    @Test
    void itKeepsTheWeightsOfItsTime() {
        Network network = square();
        Predictor predictor = Predictor.of(network);
        Tensor before = now(network, X);
        network.parametersByPath().values().forEach(p -> p.value().fill(0.5f));
        assertThat(predictor.predict(X)).isBitEqualTo(before);
        assertThat(predictor.another().predict(X)).isBitEqualTo(before);
        assertThat(Predictor.of(network).predict(X)).isBitEqualTo(now(network, X));
    }

    /** States of a few rows meet recurrent weights in panels, which predictions of other times do not use. */
    @Test
    void wideRecurrentWeightsGiveTheSameBitsForFewAndManyRows() {
        Shape in = Shape.of(3, Shape.ANY, 6);
        for (Layer layer : List.of(
                Lstm.units(50).create(in, KEY),
                Gru.units(130).create(in, KEY),
                Rnn.units(200).create(in, KEY))) {
            Predictor early = Predictor.of(layer);
            Tensor one = normal("one", 3, 1, 6);
            Tensor many = normal("many", 3, 5, 6);
            Tensor beforeOfOne = now(layer, one);
            Tensor beforeOfMany = now(layer, many);
            layer.parameters().forEach(p -> KEY.child(p.name()).uniform(p.value(), -0.5f, 0.5f));
            Predictor late = Predictor.of(layer);
            for (int i = 0; i < 3; i++) {
                assertThat(early.predict(one)).isBitEqualTo(beforeOfOne);
                assertThat(early.predict(one)).isBitEqualTo(beforeOfOne); // the second time by panels
                assertThat(early.predict(many)).isBitEqualTo(beforeOfMany);
                assertThat(early.predict(one)).isBitEqualTo(beforeOfOne);
                Tensor afterOfOne = now(layer, one);
                assertThat(late.predict(one)).isBitEqualTo(afterOfOne);
                assertThat(late.predict(one)).isBitEqualTo(afterOfOne);
                assertThat(early.another().predict(many)).isBitEqualTo(beforeOfMany);
                assertThat(early.another().predict(one)).isBitEqualTo(beforeOfOne);
                assertThat(late.predict(many)).isBitEqualTo(now(layer, many));
            }
        }
    }

    /** All passes of a layer take turns with one copy of its gates, which those of a predictor make only once. */
    @Test
    void predictionsOfOtherTimesTakeTurns() {
        Tensor x = normal("x", 3, 2, 6);
        for (Layer layer : List.of(
                Lstm.units(4).create(Shape.of(3, 2, 6), KEY), Gru.units(4).create(Shape.of(3, 2, 6), KEY))) {
            Predictor early = Predictor.of(layer);
            Tensor before = now(layer, x);
            layer.parameters().forEach(parameter -> parameter.value().fill(0.25f));
            Predictor late = Predictor.of(layer);
            Tensor after = late.predict(x).copy();
            assertThat(after).isNotEqualTo(before);
            for (int i = 0; i < 2; i++) {
                assertThat(now(layer, x)).isBitEqualTo(after);
                assertThat(early.predict(x)).isBitEqualTo(before);
                assertThat(early.another().predict(x)).isBitEqualTo(before);
                assertThat(late.predict(x)).isBitEqualTo(after);
            }
            layer.parameters().forEach(parameter -> parameter.value().fill(0.5f));
            assertThat(now(layer, x)).isBitEqualTo(Predictor.of(layer).predict(x));
            layer.parameters().forEach(parameter -> parameter.value().fill(0.75f));
            assertThat(now(layer, x)).isBitEqualTo(Predictor.of(layer).predict(x));
        }
    }

    @Test
    void itsMemoryIsUsedAgain() {
        Predictor predictor = Predictor.of(square());
        Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 20; i++) {
            arrays.add(predictor.predict(i % 2 == 0 ? X : OTHER).array());
        }
        assertThat(arrays).hasSizeLessThan(5);
    }

    @Test
    void anOutputMayBeTheNextInput() {
        Network network = square();
        Predictor predictor = Predictor.of(network);
        Tensor expected = X;
        Tensor actual = X;
        for (int i = 0; i < 5; i++) {
            expected = now(network, expected);
            actual = predictor.predict(actual);
            assertThat(actual).isBitEqualTo(expected);
        }
    }

    @Test
    void anotherOneForAnotherThreadHasItsOwnMemory() {
        Predictor one = Predictor.of(square());
        Tensor output = one.predict(X);
        Tensor kept = output.copy();
        one.another().predict(OTHER);
        assertThat(output).isBitEqualTo(kept);
    }

    @Test
    void itPredictsAgainAfterAWrongInput() {
        Network network = square();
        Predictor predictor = Predictor.of(network);
        assertThatThrownBy(() -> predictor.predict(Tensor.zeros(5, 7))).isInstanceOf(ShapeException.class);
        assertThat(predictor.predict(X)).isBitEqualTo(now(network, X));
    }

    @Test
    void threadsPredictAtOnce() throws InterruptedException {
        Network network = square();
        Predictor shared = Predictor.of(network);
        List<Tensor> inputs = List.of(X, OTHER);
        List<Boolean> equal = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(t);
            Predictor own = shared.another();
            threads.add(Thread.ofPlatform().start(() -> {
                boolean same = true;
                for (int i = 0; i < 100; i++) {
                    Tensor x = inputs.get(random.nextInt(2));
                    same &= own.predict(x).bitEquals(now(network, x));
                }
                synchronized (equal) {
                    equal.add(same);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(equal).containsExactly(true, true, true, true);
    }
}
