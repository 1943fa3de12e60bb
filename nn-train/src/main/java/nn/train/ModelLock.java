package nn.train;

import java.util.List;

/** The exclusive right to change the parameters of a model; one trainer has it at a time. */
final class ModelLock {
    private final List<TrainedParameter> parameters;

    ModelLock(List<TrainedParameter> parameters) {
        this.parameters = parameters;
    }

    /** Claims all parameters; refuses if another trainer, or this one on another thread, has one of them. */
    void claim() {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).parameter().claim()) {
                release(i);
                throw new IllegalStateException("'" + parameters.get(i).path()
                        + "' is being trained by another trainer, or by this one on another thread; only one may train"
                        + " a model at a time, so give each its own model");
            }
        }
    }

    /** Releases all parameters. */
    void release() {
        release(parameters.size());
    }

    private void release(int claimed) {
        for (int i = 0; i < claimed; i++) {
            parameters.get(i).parameter().release();
        }
    }
}
