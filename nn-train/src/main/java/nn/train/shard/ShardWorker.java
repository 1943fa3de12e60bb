package nn.train.shard;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.pass.PartPass;
import nn.train.internal.shard.ShardMessage;
import nn.train.internal.shard.ShardRecipe;
import nn.train.internal.shard.ShardResult;
import nn.train.io.DataFormatException;
import nn.train.loss.Loss;

/**
 * Computes {@linkplain Shards shards} by messages, in another process than the trainer or in the same. It has a model
 * of its own, built like the trainer's; its weights are replaced by those of each step. What carries the messages is
 * the {@link ShardExecutor}'s business:
 *
 * <pre>{@code
 * ShardWorker worker = new ShardWorker(model, new SoftmaxCrossEntropy(), Key.of(2), 8);
 * ShardExecutor executor = step -> {
 *     try {
 *         worker.weights(step.weights());
 *         for (int shard = 0; shard < step.count(); shard++) {
 *             step.accept(worker.compute(step.task(shard)));
 *         }
 *     } catch (DataFormatException e) {
 *         throw new IllegalStateException(e); // or ask again
 *     }
 * };
 * }</pre>
 *
 * <p>Messages carry their length, a checksum, the step and a fingerprint of the recipe. A damaged or late one is
 * refused by a {@link DataFormatException}, and may be asked for again: a shard gives the same bits every time.
 *
 * <p>A worker is for one thread.
 */
public final class ShardWorker {
    private final List<Parameter> parameters;
    private final ShardRecipe recipe;
    private final long fingerprint;
    private final Loss loss;
    private final Key key;
    private final Gradients gradients;
    private final PartPass pass;
    private long step; // whose weights the model has; 0 before the first

    /**
     * Creates a worker.
     *
     * @param model built like the trainer's, by the same keys; its weights will change
     * @param loss like the trainer's
     * @param key of the trainer
     * @param shards their number, as in the trainer's options
     * @throws NullPointerException if an argument is null
     */
    public ShardWorker(Layer model, Loss loss, Key key, int shards) {
        this.parameters = List.copyOf(
                Objects.requireNonNull(model, "model").parametersByPath().values());
        this.loss = Objects.requireNonNull(loss, "loss");
        this.key = Objects.requireNonNull(key, "key");
        this.recipe = ShardRecipe.of(model, loss, key, shards);
        this.fingerprint = recipe.fingerprint();
        this.gradients = new Gradients(parameters);
        this.pass = new PartPass(model, loss, gradients);
    }

    /**
     * Takes the weights of a step.
     *
     * @param message of {@link ShardStep#weights}; unchanged
     * @throws DataFormatException if it is damaged, or no such message; the weights are unchanged then
     * @throws IllegalArgumentException if the trainer has another model, loss, key or number of shards; the message
     *     says which, and the weights are unchanged
     */
    public void weights(ByteBuffer message) throws DataFormatException {
        ShardMessage.Head head =
                ShardMessage.read(Objects.requireNonNull(message, "message"), ShardMessage.Kind.WEIGHTS);
        ByteBuffer in = head.contents();
        try {
            Map<String, String> texts = new HashMap<>();
            for (int lines = in.getInt(); lines > 0; lines--) {
                texts.put(ShardMessage.text(in), ShardMessage.text(in));
            }
            List<String> differences = recipe.differences(texts);
            if (!differences.isEmpty() || head.recipe() != fingerprint) {
                throw new IllegalArgumentException("this worker has another recipe than the trainer: "
                        + String.join("; ", differences) + ". Build both alike");
            }
            List<Parameter> frozen = new ArrayList<>();
            for (int left = in.getInt(); left > 0; left--) {
                frozen.add(parameters.get(in.getInt()));
            }
            gradients.freeze(frozen);
            for (Parameter parameter : parameters) {
                ShardMessage.getValues(in, parameter.value());
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw ShardMessage.bad("fewer contents than it states, although its checksum fits");
        }
        step = head.step();
    }

    /**
     * Computes a shard.
     *
     * @param task of {@link ShardStep#task}; unchanged
     * @return the result, for {@link ShardStep#accept}
     * @throws DataFormatException if the message is damaged, of another recipe, or of a step whose weights this worker
     *     does not have
     * @throws IllegalArgumentException if the model or the loss refuses the examples
     */
    public ByteBuffer compute(ByteBuffer task) throws DataFormatException {
        ShardMessage.Head head = ShardMessage.read(Objects.requireNonNull(task, "task"), ShardMessage.Kind.TASK);
        if (head.recipe() != fingerprint || head.step() != step) {
            throw ShardMessage.bad(
                    head.recipe() != fingerprint
                            ? "another recipe than this worker"
                            : "step " + head.step() + ", but this worker has the weights of step " + step
                                    + "; send those of its step first");
        }
        ByteBuffer in = head.contents();
        double total = 0;
        boolean hasTerms = false;
        if (in.get() != 0) { // else the shard is empty
            int from = in.getInt();
            double terms = in.getDouble();
            Tensor x = ShardMessage.tensor(in);
            Tensor y = ShardMessage.tensor(in);
            double share = loss.reduction().share(loss.terms(y), terms);
            hasTerms = share > 0;
            if (hasTerms) {
                gradients.clear();
                Key stepKey = key.child(step);
                total = share * pass.run("shard", from, x, y, share, stepKey, head.shard(), pass.context(), gradients);
            }
        }
        return ShardResult.message(fingerprint, step, head.shard(), 1, hasTerms ? gradients : null, total);
    }
}
