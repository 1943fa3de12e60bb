package nn.train.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.onnx.Meaning.Flow;
import org.jspecify.annotations.Nullable;

/** The recurrent operators: LSTM, GRU and RNN, in one direction or both. */
final class Cells {
    private static final Key KEY = Key.of(0); // nothing is drawn by it: all values are read

    private Cells() {}

    static void lstm(Importer i, NodeReader n) {
        n.require("input_forget", 0, 0);
        requireAbsent(n, 7, "peepholes");
        requireZero(n, 6, "a first cell");
        activations(n, List.of("Sigmoid", "Tanh", "Tanh"));
        List<String> gates = List.of("input", "output", "forget", "candidate");
        read(i, n, "LSTM", gates, null);
    }

    static void gru(Importer i, NodeReader n) {
        n.require("linear_before_reset", 0, 1);
        activations(n, List.of("Sigmoid", "Tanh"));
        read(i, n, "GRU", List.of("update", "reset", "candidate"), null);
    }

    static void rnn(Importer i, NodeReader n) {
        List<String> names = n.texts("activations", List.of("Tanh", "Tanh"));
        if (names.isEmpty() || names.stream().anyMatch(name -> !name.equals(names.getFirst()))) {
            throw new UnreadableNode("activations " + names + ", which differ");
        }
        Nonlinearity f = switch (names.getFirst()) {
            case "Tanh" -> Nonlinearity.TANH;
            case "Relu" -> Nonlinearity.RELU;
            case "Sigmoid" -> Nonlinearity.SIGMOID;
            default -> throw new UnreadableNode("activation " + names.getFirst());
        };
        read(i, n, "RNN " + f.name(), List.of(""), f);
    }

    /**
     * A loop over the steps of one sequence, with one state, that computes f(step + state R): an {@link Rnn} whose
     * nonlinearity the RNN of the standard does not have. The steps are x W + b.
     */
    static void scan(Importer i, NodeReader n) {
        n.require("num_scan_inputs", 0, 1);
        if (n.inputs() != 2) {
            throw new UnreadableNode(
                    "a loop of " + (n.inputs() - 1) + " states; only that of an Rnn, which has one, is read");
        }
        requireZero(n, 0, "a first state");
        Step z = i.plain(n.flow(1)).step();
        boolean backwards = n.ints("scan_input_directions", 1, 0, 0)[0] != 0;
        boolean fits = z.rank() == 3
                && n.ints("scan_input_axes", 1, 0, 0)[0] == 0
                && n.ints("scan_output_axes", 1, 0, 0)[0] == 0
                && n.ints("scan_output_directions", 1, 0, 0)[0] != 0 == backwards
                && n.node.outputs().size() == 2;
        if (!fits
                || !(z.kind instanceof Step.Kind.Affine input)
                || !(n.node.attributes().get("body") instanceof OnnxAttribute.Body body)) {
            throw new UnreadableNode("a loop other than that of an Rnn over the product of a sequence and a matrix");
        }
        Loop loop = Loop.of(i.body(body.graph()));
        int units = input.weight().dim(1);
        if (!loop.recurrent().shape().equals(Shape.of(units, units))) {
            throw new UnreadableNode("a recurrent weight " + loop.recurrent().shape() + " for " + units + " units");
        }
        i.spend(loop.recurrent().size());
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("input", input.weight());
        values.put("recurrent", loop.recurrent());
        Tensor bias = input.bias();
        if (bias != null) {
            values.put("bias", bias);
        }
        String type = "RNN " + loop.nonlinearity().name();
        Recurrent.Factory factory = factory(type, units, loop.nonlinearity(), bias != null);
        Step.Kind kind = new Step.Kind.Cell(type, factory, values, backwards);
        Step cell = i.step(n, z.hint, kind, z.dims, z.in.getFirst());
        i.give(n, 1, Flow.of(cell));
        if (i.isUsed(n, 0) && !backwards) {
            i.give(n, 0, Flow.of(i.step(n, "", new Step.Kind.LastStep(), new int[] {z.dims[1], units}, cell)));
        }
    }

    /** What each turn of a loop computes: f(step + state R). */
    private record Loop(Tensor recurrent, Nonlinearity nonlinearity) {
        static Loop of(Importer.Plan body) {
            List<Step> in = List.copyOf(body.inputs().values());
            List<Step> out = List.copyOf(body.outputs().values());
            boolean isOne = in.size() == 2 && out.size() == 2 && out.getFirst() == out.getLast();
            Step sum = isOne ? out.getFirst() : null;
            Nonlinearity f = Nonlinearity.LINEAR;
            if (sum != null && sum.kind instanceof Step.Kind.Elementwise elementwise) {
                f = elementwise.nonlinearity();
                sum = sum.in.getFirst();
            }
            if (sum != null && sum.kind instanceof Step.Kind.Binary(char sign) && sign == '+') {
                for (int k = 0; k < 2; k++) {
                    Step carried = sum.in.get(k);
                    if (sum.in.get(1 - k) == in.getLast()
                            && carried.kind instanceof Step.Kind.Affine(Tensor weight, Tensor bias)
                            && bias == null
                            && carried.in.getFirst() == in.getFirst()) {
                        return new Loop(weight, f);
                    }
                }
            }
            throw new UnreadableNode("a loop that computes something else than f(step + state R), as an Rnn does");
        }
    }

    /** The standard's own activations, once for each direction. */
    private static void activations(NodeReader n, List<String> usual) {
        List<String> given = n.texts("activations", usual);
        boolean fits = given.size() % usual.size() == 0;
        for (int k = 0; fits && k < given.size(); k++) {
            fits = given.get(k).equals(usual.get(k % usual.size()));
        }
        if (!fits) {
            throw new UnreadableNode("activations " + given + " instead of " + usual);
        }
    }

    private static void requireAbsent(NodeReader n, int input, String what) {
        if (n.has(input)) {
            throw new UnreadableNode(what + " (input " + input + ")");
        }
    }

    private static void requireZero(NodeReader n, int input, String what) {
        boolean isZero = !n.has(input)
                || n.meaning(input) instanceof Meaning.Zeros
                || n.isFloats(input) && n.floats(input).maxAbs() == 0;
        if (!isZero) {
            throw new UnreadableNode(what + " (input " + input + ") that is not zero");
        }
    }

    private static void read(Importer i, NodeReader n, String type, List<String> gates, @Nullable Nonlinearity f) {
        n.require("layout", 0, 0);
        requireAbsent(n, 4, "lengths of sequences");
        requireZero(n, 5, "a first state");
        Step x = i.plain(n.flow(0)).step();
        Importer.requireRank("its input", x.shape(), 3);
        Tensor in = n.weights(1);
        Tensor state = n.weights(2);
        Tensor biases = n.weightsOrNull(3);
        String direction = n.text("direction", "forward");
        int directions = direction.equals("bidirectional") ? 2 : 1;
        Importer.requireRank("its weight", in.shape(), 3);
        Importer.requireRank("its recurrent weight", state.shape(), 3);
        i.spend((long) in.size() + state.size() + (biases == null ? 0 : biases.size()));
        int units = state.dim(2);
        Shape rows = Shape.of(directions, gates.size() * units);
        boolean fits = in.shape().equals(Shape.of(rows.dim(0), rows.dim(1), x.dims[2]))
                && state.shape().equals(Shape.of(rows.dim(0), rows.dim(1), units))
                && (biases == null || biases.shape().equals(Shape.of(rows.dim(0), 2 * rows.dim(1))))
                && n.whole("hidden_size", units) == units;
        if (!fits) {
            throw new UnreadableNode("weights " + in.shape() + " and " + state.shape() + " do not fit " + gates.size()
                    + " gates of " + units + " units on " + x.shape());
        }
        Recurrent.Factory factory = factory(type, units, f, biases != null);
        Map<String, Tensor> first = values(gates, in.row(0), state.row(0), biases == null ? null : biases.row(0));
        String hint = n.hint(1);
        if (directions == 1) {
            boolean backwards = switch (direction) {
                case "forward" -> false;
                case "reverse" -> true;
                default -> throw new UnreadableNode("direction " + direction);
            };
            int[] dims = {x.dims[0], x.dims[1], units};
            Step cell = i.step(n, hint, new Step.Kind.Cell(type, factory, first, backwards), dims, x);
            i.give(n, Flow.of(i.reshaped(cell, dims[0], 1, dims[1], units)));
            if (i.isUsed(n, 1) && !backwards) {
                Step last = i.step(n, "", new Step.Kind.LastStep(), new int[] {dims[1], units}, cell);
                i.give(n, 1, Flow.of(i.reshaped(last, 1, dims[1], units)));
            }
            return;
        }
        Map<String, Tensor> second = values(gates, in.row(1), state.row(1), biases == null ? null : biases.row(1));
        if (i.isUsed(n, 0) && i.isUsed(n, 1)) {
            throw new UnreadableNode("both outputs Y and Y_h of a bidirectional layer are used");
        }
        Map<String, Tensor> both = both(first, second);
        if (i.isUsed(n, 1)) {
            Step last = bidirectional(i, n, hint, factory, both, x, true);
            i.give(n, 1, new Flow(i.reshaped(last, x.dims[1], 2, units), 1, 0, 2));
        } else {
            Step all = bidirectional(i, n, hint, factory, both, x, false);
            i.give(n, new Flow(i.reshaped(all, x.dims[0], x.dims[1], 2, units), 0, 2, 1, 3));
        }
    }

    private static Map<String, Tensor> both(Map<String, Tensor> forward, Map<String, Tensor> backward) {
        Map<String, Tensor> both = new LinkedHashMap<>();
        forward.forEach((name, value) -> both.put("forward." + name, value));
        backward.forEach((name, value) -> both.put("backward." + name, value));
        return both;
    }

    private static Step bidirectional(
            Importer i,
            NodeReader n,
            String hint,
            Recurrent.Factory factory,
            Map<String, Tensor> values,
            Step x,
            boolean lastOnly) {
        Bidirectional.Config config = Bidirectional.of(factory);
        Layer layer = (lastOnly ? config.last() : config).create(x.shape(), KEY);
        Importer.withValues(layer, values);
        int units = layer.outputShape(x.shape()).dim(-1);
        int[] dims = lastOnly ? new int[] {x.dims[1], units} : new int[] {x.dims[0], x.dims[1], units};
        return i.step(n, hint, new Step.Kind.Made(layer), dims, x);
    }

    /** A forward and a backward layer side by side, as this library writes a bidirectional one; null if it is none. */
    static @Nullable Step bothDirections(Importer i, NodeReader n, int axis, List<Flow> parts) {
        if (parts.size() != 2 || axis != parts.getFirst().step().rank() - 1) {
            return null;
        }
        Step first = parts.getFirst().step();
        Step second = parts.getLast().step();
        boolean lastOnly = first.kind instanceof Step.Kind.LastStep && second.kind instanceof Step.Kind.FirstStep;
        Step a = lastOnly ? first.in.getFirst() : first;
        Step b = lastOnly ? second.in.getFirst() : second; // which ends at the first step
        boolean isPair = a.kind instanceof Step.Kind.Cell forward
                && b.kind instanceof Step.Kind.Cell backward
                && !forward.backwards()
                && backward.backwards()
                && forward.type().equals(backward.type())
                && a.in.getFirst() == b.in.getFirst()
                && a.dims[2] == b.dims[2];
        if (!isPair) {
            return null;
        }
        Step.Kind.Cell forward = (Step.Kind.Cell) a.kind;
        Map<String, Tensor> values = both(forward.values(), ((Step.Kind.Cell) b.kind).values());
        int end = a.hint.lastIndexOf('.');
        return bidirectional(
                i, n, end < 0 ? "" : a.hint.substring(0, end), forward.factory(), values, a.in.getFirst(), lastOnly);
    }

    private static Recurrent.Factory factory(String type, int units, @Nullable Nonlinearity f, boolean isBiased) {
        if (f != null) {
            Rnn.Config rnn = Rnn.units(units).activation(f).input(Init.zeros()).recurrent(Init.zeros());
            return isBiased ? rnn : rnn.withoutBias();
        }
        return type.equals("LSTM")
                ? Lstm.units(units).input(Init.zeros()).recurrent(Init.zeros())
                : Gru.units(units).input(Init.zeros()).recurrent(Init.zeros());
    }

    /** The parameters of one direction by path. */
    private static Map<String, Tensor> values(List<String> gates, Tensor in, Tensor state, @Nullable Tensor biases) {
        int units = state.dim(1);
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (int g = 0; g < gates.size(); g++) {
            String gate = gates.get(g).isEmpty() ? "" : gates.get(g) + "_";
            int from = g * units;
            values.put(gate + "input", in.rows(from, from + units).transpose());
            values.put(gate + "recurrent", state.rows(from, from + units).transpose());
            if (biases == null) {
                if (!gate.isEmpty()) {
                    values.put(gate + "bias", Tensor.zeros(units));
                }
                continue;
            }
            Tensor first = biases.rows(from, from + units).copy();
            Tensor second = biases.rows(gates.size() * units + from, gates.size() * units + from + units);
            if (gate.equals("candidate_") && gates.size() == 3) { // of a GRU: the reset gate multiplies the second one
                values.put("candidate_recurrent_bias", second.copy());
            } else if (second.maxAbs() > 0) {
                first.addInPlace(second);
            }
            values.put(gate + "bias", first);
        }
        return values;
    }
}
