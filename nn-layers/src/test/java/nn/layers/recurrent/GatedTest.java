package nn.layers.recurrent;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Compares LSTM and GRU with their equations, and tests their gates. */
class GatedTest {
    private static final Key KEY = Key.of(29);
    private static final int TIME = 5;
    private static final int BATCH = 3;
    private static final int INPUTS = 4;
    private static final int UNITS = 6;

    @Test
    void lstmAgreesWithThePlainEquations() {
        Lstm lstm = Lstm.units(UNITS).create(INPUTS, KEY);
        List<Gate> gates =
                List.of(lstm.gate("input"), lstm.gate("forget"), lstm.gate("candidate"), lstm.gate("output"));
        assertAgrees(lstm, gates, new GatedReference(TIME, BATCH, INPUTS, UNITS, GatedReference.lstm(UNITS)));
    }

    @Test
    void gruAgreesWithThePlainEquations() {
        Gru gru = Gru.units(UNITS).create(INPUTS, KEY);
        List<Gate> gates = List.of(gru.gate("reset"), gru.gate("update"), gru.gate("candidate"));
        assertAgrees(gru, gates, new GatedReference(TIME, BATCH, INPUTS, UNITS, GatedReference.gru(UNITS)));
    }

    /**
     * Compares values and all gradients, for random weights and a loss of all outputs and the last state.
     */
    private static void assertAgrees(Recurrent layer, List<Gate> gates, GatedReference reference) {
        int stacked = gates.size() * UNITS;
        int parts = layer.stateSizes().size();
        List<Tensor> given = new ArrayList<>(List.of(
                normal("x", TIME, BATCH, INPUTS),
                normal("ih", stacked, INPUTS),
                normal("hh", stacked, UNITS),
                normal("bi", stacked),
                normal("bh", stacked)));
        List<Tensor> initial = new ArrayList<>();
        List<Tensor> cotangents = new ArrayList<>(List.of(normal("dy", TIME, BATCH, UNITS)));
        for (int p = 0; p < parts; p++) {
            initial.add(normal("state" + p, BATCH, UNITS));
            cotangents.add(normal("dLast" + p, BATCH, UNITS));
        }
        given.addAll(initial);
        given.subList(1, 5).forEach(t -> t.scaleInPlace(0.5f));

        load(layer, gates, given);
        RecurrentPass run = layer.run(given.get(0), new Recurrent.State(initial), Context.inference());
        Gradients gradients = new Gradients(layer.parameters());
        Tensor dx =
                run.pullback(cotangents.getFirst(), new Recurrent.State(cotangents.subList(1, 1 + parts)), gradients);

        GatedReference.Given wide = new GatedReference.Given(wide(given));
        List<double[]> results = reference.run(wide);
        assertClose("states", run.output(), results.get(0));
        List<double[]> slopes = reference.gradients(wide, wide(cotangents));
        assertClose("dx", dx, slopes.get(0));
        for (int p = 0; p < parts; p++) {
            assertClose("last", run.lastState().part(p), results.get(1 + p));
            assertClose("dInitial", run.firstStateGradient().part(p), slopes.get(5 + p));
        }
        for (int g = 0; g < gates.size(); g++) {
            Gate gate = gates.get(g);
            assertClose("input", gradients.of(gate.input()).transpose(), block(slopes.get(1), g, UNITS * INPUTS));
            assertClose(
                    "recurrent", gradients.of(gate.recurrent()).transpose(), block(slopes.get(2), g, UNITS * UNITS));
            assertClose("bias", gradients.of(gate.bias()), block(slopes.get(3), g, UNITS));
        }
        if (layer instanceof Gru gru) {
            assertClose("recurrent bias", gradients.of(gru.recurrentBias()), block(slopes.get(4), 2, UNITS));
        }
    }

    /** Loads weights in PyTorch's layout. */
    private static void load(Recurrent layer, List<Gate> gates, List<Tensor> given) {
        for (int g = 0; g < gates.size(); g++) {
            Gate gate = gates.get(g);
            int from = g * UNITS;
            gate.input().value().copyFrom(given.get(1).rows(from, from + UNITS).transpose());
            gate.recurrent()
                    .value()
                    .copyFrom(given.get(2).rows(from, from + UNITS).transpose());
            Tensor fromInput = given.get(3).rows(from, from + UNITS);
            Tensor fromState = given.get(4).rows(from, from + UNITS);
            if (layer instanceof Gru gru && g == 2) {
                gate.bias().value().copyFrom(fromInput);
                gru.recurrentBias().value().copyFrom(fromState);
            } else {
                fromInput.addInto(fromState, gate.bias().value());
            }
        }
    }

    private static List<double[]> wide(List<Tensor> tensors) {
        List<double[]> result = new ArrayList<>();
        for (Tensor t : tensors) {
            double[] values = new double[t.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = t.array()[t.offset() + i];
            }
            result.add(values);
        }
        return result;
    }

    private static double[] block(double[] values, int index, int size) {
        return Arrays.copyOfRange(values, index * size, (index + 1) * size);
    }

    /**
     * Accepts 16 roundings of the largest value: an output depends on 5 steps of some 15 terms, whose 75 independent
     * roundings add up to about 9.
     */
    private static void assertClose(String what, Tensor actual, double[] truth) {
        double largest = Arrays.stream(truth).map(Math::abs).max().orElseThrow();
        assertThat(actual.size()).as(what).isEqualTo(truth.length);
        assertThat(largest).isPositive();
        float[] values = actual.toArray();
        for (int i = 0; i < truth.length; i++) {
            assertThat(Math.abs(values[i] - truth[i])).as("%s %d", what, i).isLessThan(16 * 0x1p-24 * largest);
        }
    }

    @Test
    void eachGateIsInitializedWithItsOwnFansAndKey() {
        Lstm lstm = Lstm.units(UNITS).input("output", Init.heNormal()).create(INPUTS, KEY);
        Tensor expected = Tensor.zeros(INPUTS, UNITS);
        Init.xavierUniform().fill(expected, new Fans(INPUTS, UNITS), KEY.child("forget_input"));
        assertThat(lstm.gate("forget").input().value()).isBitEqualTo(expected);
        Init.heNormal().fill(expected, new Fans(INPUTS, UNITS), KEY.child("output_input"));
        assertThat(lstm.gate("output").input().value()).isBitEqualTo(expected);
        Tensor recurrent = lstm.gate("candidate").recurrent().value();
        Tensor product = recurrent.matmul(recurrent.transpose()); // of rounded entries, and 6 rounded additions
        for (int i = 0; i < UNITS; i++) {
            for (int j = 0; j < UNITS; j++) {
                assertThat((double) product.get(i, j)).isCloseTo(i == j ? 1 : 0, within(8 * 0x1p-24));
            }
        }
        assertThat(lstm.gate("forget").bias().value().toArray()).containsOnly(1);
        assertThat(lstm.gate("input").bias().value().toArray()).containsOnly(0);
        assertThat(lstm.gate("forget").input().fans()).isEqualTo(new Fans(INPUTS, UNITS));
        assertThat(lstm.gate("forget").recurrent().fans()).isEqualTo(new Fans(UNITS, UNITS));
    }

    @Test
    void parametersAreNamedAfterTheirGates() {
        Network network = Network.builder(KEY)
                .sequence(INPUTS)
                .lstm("lstm", 2)
                .gru("gru", 3)
                .build();
        assertThat(network.parametersByPath().keySet())
                .containsExactly(
                        "lstm.input_input",
                        "lstm.input_recurrent",
                        "lstm.input_bias",
                        "lstm.forget_input",
                        "lstm.forget_recurrent",
                        "lstm.forget_bias",
                        "lstm.candidate_input",
                        "lstm.candidate_recurrent",
                        "lstm.candidate_bias",
                        "lstm.output_input",
                        "lstm.output_recurrent",
                        "lstm.output_bias",
                        "gru.reset_input",
                        "gru.reset_recurrent",
                        "gru.reset_bias",
                        "gru.update_input",
                        "gru.update_recurrent",
                        "gru.update_bias",
                        "gru.candidate_input",
                        "gru.candidate_recurrent",
                        "gru.candidate_bias",
                        "gru.candidate_recurrent_bias");
        assertThat(network.parametersByPath().get("gru.update_recurrent").kind())
                .isEqualTo(Parameter.Kind.RECURRENT);
    }

    @Test
    void initializersAreSetForOneGateOrForAll() {
        Gru gru = Gru.units(2)
                .input(Init.constant(1))
                .recurrent(Init.constant(2))
                .bias(Init.constant(3))
                .recurrent("update", Init.constant(4))
                .bias("reset", Init.constant(5))
                .create(3, KEY);
        assertThat(gru.parameters().stream().map(p -> p.value().array()[0]).toList())
                .containsExactly(1f, 2f, 5f, 1f, 4f, 3f, 1f, 2f, 3f, 0f);
    }

    @Test
    void unknownGatesAndInvalidShapesAreRefused() {
        assertThatThrownBy(() -> Lstm.units(3).bias("remember", Init.ones()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Lstm has no gate 'remember'; it has input, forget, candidate, output");
        assertThatThrownBy(() -> Gru.units(3).create(2, KEY).gate("forget"))
                .hasMessage("Gru has no gate 'forget'; it has reset, update, candidate");
        assertThatThrownBy(() -> Lstm.units(0).create(2, KEY))
                .hasMessage("Lstm 2 -> 0: a layer has at least one input and one unit");
        assertThatThrownBy(() -> Lstm.units(3).create(Shape.of(Shape.ANY, 4), KEY))
                .hasMessage("Lstm: expected [time x batch x inputs] with a known number of inputs, got [? x 4]");
        assertThatThrownBy(() -> Gru.units(3).create(2, KEY).outputShape(Shape.of(4, 5, 3)))
                .hasMessage("Gru 2 -> 3: expected [time x batch x 2], got [4 x 5 x 3]");
        Recurrent lstm = Lstm.units(3).create(2, KEY);
        assertThatThrownBy(() ->
                        lstm.run(Tensor.zeros(4, 5, 2), Recurrent.State.of(Tensor.zeros(5, 3)), Context.inference()))
                .hasMessage("Lstm 2 -> 3: expected an initial state [5 x 3], [5 x 3], got [5 x 3]");
        assertThatThrownBy(() -> lstm.run(Tensor.zeros(4, 5, 2), Recurrent.State.of(), Context.inference()))
                .hasMessage("Lstm 2 -> 3: expected an initial state [5 x 3], [5 x 3], got without parts");
        assertThatThrownBy(() -> Lstm.units(3).input(null)).hasMessage("input initializer");
    }
}
