package nn.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/** PyTorch by way of DJL. */
final class Torch {
    static {
        System.setProperty("ai.djl.offline", "true"); // the natives come from Maven
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private Torch() {}

    /** A manager of arrays, with as many threads as ours. */
    static NDManager manager() {
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
        JniUtils.setNumThreads(PeerThreads.COUNT);
        return manager;
    }
}
