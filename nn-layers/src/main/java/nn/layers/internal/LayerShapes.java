package nn.layers.internal;

import java.util.function.UnaryOperator;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/** Says which layer of a chain cannot take what reaches it, where that comes from, and what to change. */
public final class LayerShapes {
    private LayerShapes() {}

    /**
     * The shape that a layer gives; null, and a shape of more elements than a tensor holds, is refused by naming the
     * layer.
     *
     * @param layer for messages
     * @param outputShape of the layer
     * @param in the input's shape
     * @return the output's shape
     */
    public static Shape outputShape(Object layer, UnaryOperator<Shape> outputShape, Shape in) {
        Shape out;
        try {
            out = outputShape.apply(in);
        } catch (ShapeException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            String name = Description.of(layer);
            if (String.valueOf(e.getMessage()).startsWith(name)) {
                throw e;
            }
            throw new IllegalArgumentException(name + ", given " + in + ": " + e.getMessage(), e);
        }
        if (out == null) {
            throw new NullFromLayer(
                    Description.of(layer),
                    "its outputShape returned null for an input of shape " + in
                            + "; return the output's shape, or throw a ShapeException");
        }
        return out;
    }

    /**
     * A layer's complaint about a shape, with the layer's name and more.
     *
     * @param name of the layer
     * @param layer the layer
     * @param complaint what it threw
     * @param more text at the end
     * @return the exception to throw
     */
    public static ShapeException in(String name, Object layer, ShapeException complaint, String more) {
        String own = layer + ": ";
        String message = complaint.getMessage();
        String what = message.startsWith(own) ? message.substring(own.length()) : message; // named once is enough
        return reworded("layer '" + name + "' (" + Description.of(layer) + "): " + what + more, complaint);
    }

    /**
     * The same complaint in other words.
     *
     * @param text the words
     * @param complaint the cause
     * @return the exception to throw
     */
    public static ShapeException reworded(String text, ShapeException complaint) {
        ShapeException reworded = new ShapeException(text, complaint.expected(), complaint.actual());
        reworded.initCause(complaint);
        return reworded;
    }
}
