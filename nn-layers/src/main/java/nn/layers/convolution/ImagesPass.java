package nn.layers.convolution;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Windows;
import org.jspecify.annotations.Nullable;

/**
 * A pass through windows of images. Its windows, and its tensors seen as images, are the same objects at every step
 * with the same shapes and tensors, so a steady step makes none.
 */
abstract class ImagesPass extends Pass {
    /** The input as images. */
    final View in;

    /** The output as images. */
    final View out;

    /** The gradient at the input as images. */
    final View dIn;

    /** The gradient at the output as images. */
    final View dOut;

    private final Function<Shape, Windows> slide;
    private @Nullable Shape shape; // of the windows
    private @Nullable Windows windows;

    /**
     * A pass.
     *
     * @param layer the layer
     * @param images sees a tensor as images [batch x height x width x channels]
     * @param slide gives the windows for an input's shape
     */
    ImagesPass(Layer layer, UnaryOperator<Tensor> images, Function<Shape, Windows> slide) {
        super(layer);
        this.in = new View(images);
        this.out = new View(images);
        this.dIn = new View(images);
        this.dOut = new View(images);
        this.slide = slide;
    }

    /** The windows for the input of this step. */
    final Windows windows() {
        Windows known = windows;
        Shape last = shape;
        if (known == null || last == null || !inputShape().equals(last)) {
            known = slide.apply(inputShape());
            windows = known;
            shape = inputShape();
        }
        return known;
    }
}
