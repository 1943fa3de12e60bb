package nn.layers.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.golden.Golden;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares recurrent layers of one and two directions and one and two levels, with first states and lengths, with
 * another framework. A level of two directions is two runs, whose outputs are joined.
 */
class GoldenRecurrentTest {
    private static final Golden GOLDEN = Golden.load("recurrent.safetensors");

    static List<String> cases() {
        return Stream.of("lstm/", "gru/", "rnn/")
                .flatMap(kind -> GOLDEN.cases(kind).stream())
                .toList();
    }

    /** One direction of one level. */
    private static final class Direction {
        final String name;
        final String end; // of the golden names
        final int place; // in the golden states
        final boolean reverse;
        final Recurrent layer;
        RecurrentPass run;

        Direction(String name, int level, int direction, int inputs) {
            this.name = name;
            this.end = "_l" + level + (direction == 1 ? "_reverse" : "");
            this.place = level * GOLDEN.config(name).get("directions").asInt() + direction;
            this.reverse = direction == 1;
            int units = GOLDEN.config(name).get("H").asInt();
            this.layer = name.startsWith("lstm")
                    ? Lstm.units(units).create(inputs, Key.of(0))
                    : name.startsWith("gru")
                            ? Gru.units(units).create(inputs, Key.of(0))
                            : Rnn.units(units).create(inputs, Key.of(0));
            for (Block block : blocks()) {
                block.input()
                        .value()
                        .copyFrom(rows("in/weight_ih" + end, block.index()).transpose());
                block.recurrent()
                        .value()
                        .copyFrom(rows("in/weight_hh" + end, block.index()).transpose());
                block.bias().value().fill(0f);
                if (hasBias()) {
                    block.bias().value().copyFrom(rows("in/bias_ih" + end, block.index()));
                    Tensor second = rows("in/bias_hh" + end, block.index());
                    if (block.recurrentBias().isPresent()) {
                        block.recurrentBias().get().value().copyFrom(second);
                    } else {
                        block.bias().value().addInPlace(second);
                    }
                }
            }
        }

        private record Block(
                int index, Parameter input, Parameter recurrent, Parameter bias, Optional<Parameter> recurrentBias) {}

        /** The parameters in the order in which the other framework stacks them. */
        private List<Block> blocks() {
            List<Parameter> p = layer.parameters();
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; 3 * i + 2 < p.size(); i++) {
                boolean last = layer instanceof Gru && i == 2;
                blocks.add(new Block(
                        i,
                        p.get(3 * i),
                        p.get(3 * i + 1),
                        p.get(3 * i + 2),
                        last ? Optional.of(p.get(9)) : Optional.empty()));
            }
            return blocks;
        }

        private boolean hasBias() {
            return GOLDEN.config(name).get("bias").asBoolean();
        }

        private Tensor rows(String key, int block) {
            return GOLDEN.tensor(name, key).rows(block * layer.units(), (block + 1) * layer.units());
        }

        private Recurrent.State state(String h, String c) {
            List<Tensor> parts = new ArrayList<>();
            for (int part = 0; part < layer.stateSizes().size(); part++) {
                String key = part == 0 ? h : c;
                parts.add(
                        GOLDEN.has(name, key)
                                ? GOLDEN.tensor(name, key).row(place).copy()
                                : Tensor.zeros(GOLDEN.config(name).get("B").asInt(), layer.units()));
            }
            return new Recurrent.State(parts);
        }

        Tensor forward(Tensor x, Lengths lengths) {
            Tensor input = x;
            if (reverse) {
                input = Tensor.zeros(x.shape());
                lengths.reverse(x, input);
            }
            run = layer.run(input, state("in/h0", "in/c0"), lengths.over(Context.inference()));
            return inOrder(run.output(), lengths);
        }

        private Tensor inOrder(Tensor all, Lengths lengths) {
            if (!reverse) {
                return all;
            }
            Tensor result = Tensor.zeros(all.shape());
            lengths.reverse(all, result);
            return result;
        }

        /** Compares a bias gradient: a float sum over all steps of all sequences, where each addition may round. */
        private void assertSum(String key, Tensor sum) {
            double largest = Arrays.stream(GOLDEN.doubles(name, key))
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            int terms = GOLDEN.config(name).get("T").asInt()
                    * GOLDEN.config(name).get("B").asInt();
            double rounding = terms * 0x1p-25 * largest;
            float[] values = sum.toArray();
            double[] actual = IntStream.range(0, values.length)
                    .mapToDouble(i -> values[i])
                    .toArray();
            GOLDEN.assertClose(name, key, actual, Math.max(GOLDEN.tolerance(name, key), rounding));
        }

        /** Checks all gradients, and returns that at the input. */
        Tensor backward(Tensor dy, Lengths lengths, Tensor[] dStates) {
            Gradients gradients = new Gradients(layer.parameters());
            Tensor dx = run.pullback(inOrder(dy, lengths), state("in/cotangent_h_n", "in/cotangent_c_n"), gradients);
            for (int part = 0; part < dStates.length; part++) {
                dStates[part].row(place).copyFrom(run.firstStateGradient().part(part));
            }
            Tensor input = GOLDEN.tensor(name, "in/weight_ih" + end);
            Tensor recurrent = GOLDEN.tensor(name, "in/weight_hh" + end);
            Tensor bias = Tensor.zeros(input.dim(0));
            Tensor second = Tensor.zeros(input.dim(0));
            int units = layer.units();
            for (Block block : blocks()) {
                int from = block.index() * units;
                input.rows(from, from + units)
                        .copyFrom(gradients.of(block.input()).transpose());
                recurrent
                        .rows(from, from + units)
                        .copyFrom(gradients.of(block.recurrent()).transpose());
                bias.rows(from, from + units).copyFrom(gradients.of(block.bias()));
                second.rows(from, from + units)
                        .copyFrom(gradients.of(block.recurrentBias().orElse(block.bias())));
            }
            GOLDEN.assertClose(name, "grad/weight_ih" + end, input);
            GOLDEN.assertClose(name, "grad/weight_hh" + end, recurrent);
            if (hasBias()) {
                assertSum("grad/bias_ih" + end, bias);
                assertSum("grad/bias_hh" + end, second);
            }
            return inOrder(dx, lengths);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void runsAndGradientsAgreeWithTheOtherFramework(String name) {
        int directions = GOLDEN.config(name).get("directions").asInt();
        int units = GOLDEN.config(name).get("H").asInt();
        Tensor x = GOLDEN.tensor(name, "in/x");
        int batch = x.dim(1);
        Lengths lengths = lengths(name);
        List<List<Direction>> levels = new ArrayList<>();
        Tensor value = x;
        for (int level = 0; level < GOLDEN.config(name).get("layers").asInt(); level++) {
            List<Direction> both = new ArrayList<>();
            Tensor joined = Tensor.zeros(x.dim(0), batch, directions * units);
            for (int d = 0; d < directions; d++) {
                Direction direction = new Direction(name, level, d, value.dim(2));
                columns(joined, d * units, direction.forward(value, lengths), true);
                both.add(direction);
            }
            levels.add(both);
            value = joined;
        }
        GOLDEN.assertClose(name, "out/output", value);
        int parts = levels.getFirst().getFirst().layer.stateSizes().size();
        Tensor[] last = states(parts, levels.size() * directions, batch, units);
        levels.forEach(both -> both.forEach(one -> {
            for (int part = 0; part < parts; part++) {
                last[part].row(one.place).copyFrom(one.run.lastState().part(part));
            }
        }));
        GOLDEN.assertClose(name, "out/h_n", last[0]);
        if (parts == 2) {
            GOLDEN.assertClose(name, "out/c_n", last[1]);
        }

        Tensor[] dStates = states(parts, levels.size() * directions, batch, units);
        Tensor d = GOLDEN.tensor(name, "in/cotangent_output");
        for (List<Direction> both : levels.reversed()) {
            Tensor dx = null;
            for (int i = 0; i < directions; i++) {
                Tensor own = Tensor.zeros(x.dim(0), batch, units);
                columns(d, i * units, own, false);
                Tensor back = both.get(i).backward(own, lengths, dStates);
                dx = dx == null ? back.copy() : dx.add(back);
            }
            d = dx;
        }
        GOLDEN.assertClose(name, "grad/x", d);
        if (GOLDEN.has(name, "grad/h0")) {
            GOLDEN.assertClose(name, "grad/h0", dStates[0]);
        }
        if (GOLDEN.has(name, "grad/c0")) {
            GOLDEN.assertClose(name, "grad/c0", dStates[1]);
        }
    }

    /** Returns the given lengths; all steps if there are none. */
    private static Lengths lengths(String name) {
        int time = GOLDEN.config(name).get("T").asInt();
        int[] steps = new int[GOLDEN.config(name).get("B").asInt()];
        for (int b = 0; b < steps.length; b++) {
            steps[b] = GOLDEN.config(name).path("lengths").path(b).asInt(time);
        }
        return Lengths.of(time, steps);
    }

    private static Tensor[] states(int parts, int places, int batch, int units) {
        return Stream.generate(() -> Tensor.zeros(places, batch, units))
                .limit(parts)
                .toArray(Tensor[]::new);
    }

    /** Copies a narrow tensor into columns of a wide one, or these columns into it. */
    private static void columns(Tensor wide, int from, Tensor narrow, boolean into) {
        for (int t = 0; t < wide.dim(0); t++) {
            for (int b = 0; b < wide.dim(1); b++) {
                for (int i = 0; i < narrow.dim(2); i++) {
                    if (into) {
                        wide.set(narrow.get(t, b, i), t, b, from + i);
                    } else {
                        narrow.set(wide.get(t, b, from + i), t, b, i);
                    }
                }
            }
        }
    }

    static List<String> bidirectional() {
        return cases().stream()
                .filter(name -> GOLDEN.config(name).get("directions").asInt() == 2
                        && GOLDEN.config(name).get("layers").asInt() == 1)
                .toList();
    }

    /** Runs the layer itself with the same weights. The context has its first states and lengths. */
    @ParameterizedTest
    @MethodSource("bidirectional")
    void aBidirectionalLayerAgreesWithTheOtherFramework(String name) {
        Direction forward =
                new Direction(name, 0, 0, GOLDEN.config(name).get("I").asInt());
        Direction backward =
                new Direction(name, 0, 1, GOLDEN.config(name).get("I").asInt());
        Tensor x = GOLDEN.tensor(name, "in/x");
        List<Recurrent> made = new ArrayList<>(List.of(forward.layer, backward.layer));
        Recurrent.Factory given = (in, key) -> made.removeFirst();
        Layer both = Bidirectional.of(given).create(Shape.of(Shape.ANY, Shape.ANY, x.dim(2)), Key.of(0));
        Context context = new ForwardingContext(Context.inference()) {
            @Override
            public void firstState(Recurrent layer, Recurrent.State state) {
                Recurrent.State given = (layer == forward.layer ? forward : backward).state("in/h0", "in/c0");
                for (int part = 0; part < state.parts().size(); part++) {
                    state.part(part).copyFrom(given.part(part));
                }
            }

            @Override
            public Optional<Lengths> lengths() {
                return Optional.of(GoldenRecurrentTest.lengths(name));
            }
        };
        GOLDEN.assertClose(name, "out/output", both.forward(x, context).output());
        assertThat(made).isEmpty();
    }
}
