package nn.train.onnx;

/** Why a node cannot be read; the importer collects these. */
final class UnreadableNode extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableNode(String reason) {
        super(reason, null, false, false);
    }
}
