package nn.layers.internal;

import java.util.function.UnaryOperator;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/** Asks layers for shapes, and adds the layer's name to what they refuse. */
public final class LayerShapes {
    private LayerShapes() {}

    /**
     * Returns the shape that a layer gives; refuses null and names the layer.
     *
     * @param layer for messages
     * @param outputShape of the layer
     * @param in the input's shape
     * @return the output's shape
     */
    public static Shape outputShape(Object layer, UnaryOperator<Shape> outputShape, Shape in) {
        Shape out = outputShape.apply(in);
        if (out == null) {
            throw new NullFromLayer(
                    Description.of(layer),
                    "its outputShape returned null for an input of shape " + in
                            + "; return the output's shape, or throw a ShapeException");
        }
        return out;
    }

    /**
     * Adds the layer's name, and more, to the layer's exception about a shape.
     *
     * @param name of the layer
     * @param layer the layer
     * @param complaint the exception that it threw
     * @param more text at the end
     * @return the exception to throw
     */
    public static ShapeException in(String name, Object layer, ShapeException complaint, String more) {
        String own = layer + ": ";
        String message = String.valueOf(complaint.getMessage());
        String what = message.startsWith(own) ? message.substring(own.length()) : message; // not named twice
        return reworded("layer '" + name + "' (" + Description.of(layer) + "): " + what + more, complaint);
    }

    /**
     * Gives an exception another text.
     *
     * @param text the new text
     * @param complaint the cause
     * @return the exception to throw
     */
    public static ShapeException reworded(String text, ShapeException complaint) {
        ShapeException reworded = new ShapeException(text, complaint.expected(), complaint.actual());
        reworded.initCause(complaint);
        return reworded;
    }
}
