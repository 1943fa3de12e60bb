package nn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import nn.tensor.Tensor;

/**
 * Everything that is needed to resume a training as if it had never stopped: {@link Trainer#state} returns it, {@link
 * Trainer#restore} takes it, and a checkpoint file holds one.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><th>tensor</th><th>content</th></tr>
 * <tr><td>{@code model/<path>}</td><td>a parameter, running statistics included</td></tr>
 * <tr><td>{@code optimizer/<path>/<i>}</td><td>the optimizer state of a parameter, see {@link
 * nn.train.optimizer.UpdateRule#state}</td></tr>
 * <tr><td>{@code best/<path>}</td><td>a parameter at the best epoch, if a fit keeps it</td></tr>
 * <tr><td>{@code average/<path>}</td><td>the average of a parameter, once there is one, see {@link Averaging}</td></tr>
 * <tr><td>{@code carry/<path>/<place>/<i>}</td><td>a state that a recurrent layer carries to the next step</td></tr>
 * </table>
 *
 * <p>The texts hold the counters and the key ({@code trainer/...}), the parts of the trainer ({@code recipe/...}: the
 * layers, the loss, the optimizer, the options, the keys; see {@link Difference}), and, while a fit is unfinished, its
 * settings and a fingerprint of its data ({@code fit/...}). Restoring ignores any other text.
 *
 * @param tensors by name, in order
 * @param text by name, in order
 */
public record TrainingState(SequencedMap<String, Tensor> tensors, SequencedMap<String, String> text) {
    /**
     * Keeps copies of the maps, not of the tensors.
     *
     * @throws NullPointerException if an argument, a name, a tensor or a text is null; the message names it
     */
    public TrainingState {
        tensors = copy("tensors", tensors);
        text = copy("text", text);
    }

    /**
     * Reads a state, see {@link Trainer#readState}.
     *
     * @param <E> what it throws
     */
    @FunctionalInterface
    public interface Reader<E extends Exception> {
        /**
         * Reads a state.
         *
         * @param state valid until this method returns; its tensors are not to be changed
         * @throws E if it cannot be read, or not be written elsewhere
         */
        void read(TrainingState state) throws E;
    }

    private static <T> SequencedMap<String, T> copy(String what, SequencedMap<String, T> map) {
        SequencedMap<String, T> copy = new LinkedHashMap<>();
        for (Map.Entry<String, T> entry : Objects.requireNonNull(map, what).entrySet()) {
            String name = Objects.requireNonNull(entry.getKey(), what + ": a name");
            copy.put(name, Objects.requireNonNull(entry.getValue(), () -> what + ": '" + name + "'"));
        }
        return Collections.unmodifiableSequencedMap(copy);
    }
}
