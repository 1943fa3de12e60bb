package nn.layers.internal;

import java.util.function.UnaryOperator;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import org.jspecify.annotations.Nullable;

/** Asks layers for shapes, and adds the layer's name to what they refuse. */
public final class LayerShapes {
    private LayerShapes() {}

    /**
     * Returns the shape that a layer gives; refuses null, and a shape of more elements than a tensor holds, and names
     * the layer.
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
     * Adds the layer's name, and more, to the layer's exception about a shape.
     *
     * @param name of the layer
     * @param layer the layer
     * @param refusal the exception that it threw
     * @param more text at the end
     * @return the exception to throw
     */
    public static ShapeException named(String name, Object layer, ShapeException refusal, String more) {
        return reworded(named(name, layer, refusal.getMessage()) + more, refusal);
    }

    /**
     * Adds the layer's name to what a layer refuses at run time, such as an index that its table does not have.
     *
     * @param name of the layer
     * @param layer the layer
     * @param refusal the exception that it threw
     * @return the exception to throw; the same one if it is of a class of its own
     */
    public static IllegalArgumentException named(String name, Object layer, IllegalArgumentException refusal) {
        if (refusal instanceof ShapeException shape) {
            return named(name, layer, shape, "");
        }
        return refusal.getClass() == IllegalArgumentException.class
                ? new IllegalArgumentException(named(name, layer, refusal.getMessage()), refusal)
                : refusal;
    }

    private static String named(String name, Object layer, @Nullable String refusal) {
        String own = String.valueOf(layer);
        String message = String.valueOf(refusal);
        boolean isNamed = message.startsWith(own + ": ") || message.startsWith(own + ", ");
        String what = isNamed ? message.substring(own.length()) : ": " + message; // not named twice
        return "layer '" + name + "' (" + Description.of(layer) + ")" + what;
    }

    /**
     * Gives an exception another text.
     *
     * @param text the new text
     * @param refusal the cause
     * @return the exception to throw
     */
    public static ShapeException reworded(String text, ShapeException refusal) {
        ShapeException reworded = new ShapeException(text, refusal.expected(), refusal.actual());
        reworded.initCause(refusal);
        return reworded;
    }
}
