package nn.layers;

/** A layer gave null. What runs the layer under a name says it once more, with the name. */
final class NullFromLayer extends NullPointerException {
    private static final long serialVersionUID = 1L;

    private final String layer;
    private final String complaint;

    NullFromLayer(String layer, String complaint) {
        super(layer + ": " + complaint);
        this.layer = layer;
        this.complaint = complaint;
    }

    /** The same, of a layer in another one. */
    NullFromLayer in(String name) {
        NullFromLayer named = new NullFromLayer("layer '" + name + "' (" + layer + ")", complaint);
        named.initCause(this);
        return named;
    }
}
