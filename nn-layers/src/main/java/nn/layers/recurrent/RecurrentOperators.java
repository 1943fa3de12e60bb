package nn.layers.recurrent;

import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The recurrent operators of the standard: LSTM and GRU of some gates, RNN of one. */
final class RecurrentOperators {
    private final List<Gate> gates;
    private final int[] order; // for each gate of the standard, its index here
    private final int inputs;
    private final int units;

    RecurrentOperators(List<Gate> gates, int... order) {
        this.gates = gates;
        this.order = order;
        inputs = gates.getFirst().input().value().dim(0);
        units = gates.getFirst().input().value().dim(1);
    }

    /**
     * The biases of the inputs, then those of the states, [1 x 2 gates * units].
     *
     * @param recurrent those of the last gates that have one; zeros for the others
     */
    Tensor biases(List<Parameter> recurrent) {
        Tensor biases = Tensor.zeros(2 * order.length, units);
        for (int g = 0; g < order.length; g++) {
            biases.row(g).copyFrom(gates.get(order[g]).bias().value());
            int second = order[g] - (gates.size() - recurrent.size());
            if (second >= 0) {
                biases.row(order.length + g).copyFrom(recurrent.get(second).value());
            }
        }
        return biases.reshape(1, biases.size());
    }

    /** Adds the operator; gives the outputs of all steps [time x batch x units]. */
    Value describe(OperatorGraph graph, String type, Value x, boolean backwards, Tensor biases) {
        Tensor in = Tensor.zeros(order.length * units, inputs);
        Tensor state = Tensor.zeros(order.length * units, units);
        for (int g = 0; g < order.length; g++) {
            Gate gate = gates.get(order[g]);
            gate.input().value().transposeInto(in.rows(g * units, (g + 1) * units));
            gate.recurrent().value().transposeInto(state.rows(g * units, (g + 1) * units));
        }
        OperatorGraph.Call call = call(graph, type, x, backwards, in, state, graph.constant("bias", biases));
        if (type.equals("GRU")) {
            call.with("linear_before_reset", 1); // the reset gate acts on the product, as here
        }
        int states = type.equals("LSTM") ? 2 : 1;
        return steps(graph, call, x, units, states);
    }

    /** Begins an operator of one direction, of weights [rows x inputs] and [rows x units], perhaps without biases. */
    static OperatorGraph.Call call(
            OperatorGraph graph, String type, Value x, boolean backwards, Tensor in, Tensor state, Value biases) {
        return graph.call(
                        type,
                        x,
                        graph.constant("input", in.reshape(1, in.dim(0), in.dim(1))),
                        graph.constant("recurrent", state.reshape(1, state.dim(0), state.dim(1))),
                        biases,
                        graph.lengths().orElse(Value.NONE))
                .with("hidden_size", state.dim(1))
                .with("direction", backwards ? "reverse" : "forward");
    }

    /** Adds the operator, and takes its outputs at all steps without the axis of directions. */
    static Value steps(OperatorGraph graph, OperatorGraph.Call call, Value x, int units, int states) {
        int time = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Shape state = Shape.of(1, batch, units);
        List<Shape> shapes = states == 1
                ? List.of(Shape.of(time, 1, batch, units), state)
                : List.of(Shape.of(time, 1, batch, units), state, state);
        Value all = call.givesAll(shapes).getFirst();
        return graph.call("Squeeze", all, graph.wholes("axes", 1)).gives(Shape.of(time, batch, units));
    }

    /** A state of zeros [batch x units] for an input [time x batch x ...]. */
    static Value zeros(OperatorGraph graph, Value x, int units) {
        Value shape = graph.call("Concat", graph.size(x, 1), graph.wholes("units", units))
                .with("axis", 0)
                .gives(ElementKind.INT64, Shape.of(2));
        return graph.call("ConstantOfShape", shape).gives(Shape.of(x.shape().dim(1), units)); // of zeros by default
    }
}
