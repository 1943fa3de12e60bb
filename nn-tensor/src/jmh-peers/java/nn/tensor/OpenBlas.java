package nn.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;

/** OpenBLAS, loaded once. */
final class OpenBlas {
    static {
        Loader.load(openblas.class);
    }

    private OpenBlas() {}

    static void setThreads() {
        openblas_nolapack.blas_set_num_threads(PeerThreads.COUNT);
        int threads = openblas_nolapack.blas_get_num_threads();
        if (threads != PeerThreads.COUNT) {
            throw new IllegalStateException("OpenBLAS would use " + threads + " threads, we " + PeerThreads.COUNT);
        }
    }
}
