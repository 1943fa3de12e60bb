package nn.tensor;

/** Every library gets as many threads as ours. */
final class PeerThreads {
    static final int COUNT =
            Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());

    private PeerThreads() {}
}
