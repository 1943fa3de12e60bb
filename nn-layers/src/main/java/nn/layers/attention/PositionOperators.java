package nn.layers.attention;

import nn.tensor.Shape;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Sines and cosines of {@code position * speed} by standard operators, for sequences of unknown length. A runtime has
 * them in float only, in which a far position times a speed is wrong by much. So the angle is computed in double, freed
 * of full turns, and split into a float and the rest, which corrects sine and cosine.
 *
 * @param sines [time x speeds]
 * @param cosines [time x speeds]
 */
record PositionOperators(Value sines, Value cosines) {
    /**
     * Describes them.
     *
     * @param graph takes the operators
     * @param x a value [batch x time x ...]
     * @param speeds of the angles
     */
    static PositionOperators of(OperatorGraph graph, Value x, double... speeds) {
        int time = x.shape().dim(1);
        Shape table = Shape.of(time, speeds.length);
        Value count = graph.call("Squeeze", graph.size(x, 1)).gives(ElementKind.INT64, Shape.of());
        Value range = graph.call("Range", graph.whole("first", 0), count, graph.whole("one", 1))
                .gives(ElementKind.INT64, Shape.of(time));
        Value column = graph.call("Unsqueeze", graph.cast(range, ElementKind.FLOAT64), graph.wholes("axes", 1))
                .gives(ElementKind.FLOAT64, Shape.of(time, 1));
        Value angles =
                graph.call("Mul", column, graph.numbers64("speeds", speeds)).gives(ElementKind.FLOAT64, table);
        Value turn = graph.call("Mod", angles, graph.number64("turn", 2 * Math.PI))
                .with("fmod", 1)
                .gives(ElementKind.FLOAT64, table);
        Value near = graph.cast(turn, ElementKind.FLOAT32);
        Value rest =
                graph.cast(graph.elementwise("Sub", turn, graph.cast(near, ElementKind.FLOAT64)), ElementKind.FLOAT32);
        Value sine = graph.elementwise("Sin", near);
        Value cosine = graph.elementwise("Cos", near);
        return new PositionOperators(
                graph.elementwise("Add", sine, graph.elementwise("Mul", rest, cosine)),
                graph.elementwise("Sub", cosine, graph.elementwise("Mul", rest, sine)));
    }
}
