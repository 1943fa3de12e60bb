package nn.train.onnx;

/** Why a node cannot be read; the importer collects these. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String reason) {
        super(reason, null, false, false);
    }
}
