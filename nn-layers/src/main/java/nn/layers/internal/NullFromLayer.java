package nn.layers.internal;

import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Description;

/** A layer gave null. What runs the layer under a name says it once more, with the name. */
public final class NullFromLayer extends NullPointerException {
    private static final long serialVersionUID = 1L;

    private final String layer;
    private final String complaint;

    /**
     * Names the layer.
     *
     * @param layer its text
     * @param complaint what it gave, and what to return
     */
    public NullFromLayer(String layer, String complaint) {
        super(layer + ": " + complaint);
        this.layer = layer;
        this.complaint = complaint;
    }

    /**
     * A kernel of a layer's nonlinearity; null is refused by naming the layer.
     *
     * @param layer the layer
     * @param nonlinearity what it applies
     * @return a new kernel
     */
    public static ElementwiseKernel kernel(Object layer, Nonlinearity nonlinearity) {
        ElementwiseKernel kernel = nonlinearity.newKernel();
        if (kernel == null) {
            throw new NullFromLayer(
                    Description.of(layer), "the newKernel() of its nonlinearity returned null; return a new kernel");
        }
        return kernel;
    }

    /**
     * The same, with the name under which the layer stands in another one.
     *
     * @param name of the layer
     * @return the exception to throw
     */
    public NullFromLayer in(String name) {
        NullFromLayer named = new NullFromLayer("layer '" + name + "' (" + layer + ")", complaint);
        named.initCause(this);
        return named;
    }
}
