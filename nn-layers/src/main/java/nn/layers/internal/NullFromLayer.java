package nn.layers.internal;

import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Description;

/** Thrown when a layer returns null. A container that runs the layer under a name throws it again with that name. */
public final class NullFromLayer extends NullPointerException {
    private static final long serialVersionUID = 1L;

    private final String layer;
    private final String problem;

    /**
     * Names the layer.
     *
     * @param layer its text
     * @param problem which method returned null, and what to return
     */
    public NullFromLayer(String layer, String problem) {
        super(layer + ": " + problem);
        this.layer = layer;
        this.problem = problem;
    }

    /**
     * Returns a new kernel of a layer's nonlinearity; refuses null and names the layer.
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
     * Adds the name that the layer has in its container.
     *
     * @param name of the layer
     * @return the exception to throw
     */
    public NullFromLayer named(String name) {
        NullFromLayer named = new NullFromLayer("layer '" + name + "' (" + layer + ")", problem);
        named.initCause(this);
        return named;
    }
}
