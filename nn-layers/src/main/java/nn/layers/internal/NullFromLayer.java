package nn.layers.internal;

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
