package nn.train.internal.shard;

import java.nio.ByteBuffer;
import nn.layers.Gradients;
import org.jspecify.annotations.Nullable;

/** A message with the loss and the gradients of a shard, or with their sums over a subtree. */
public final class ShardResult {
    private ShardResult() {}

    /**
     * Returns the largest length of such a message.
     *
     * @param gradients their bytes
     * @return bytes
     */
    public static long mostBytes(long gradients) {
        return ShardMessage.HEAD + 1 + Double.BYTES + gradients + ShardMessage.TAIL;
    }

    /**
     * Returns the message.
     *
     * @param fingerprint of the recipe
     * @param step its number
     * @param shard the first one of the subtree
     * @param width of the subtree
     * @param gradients their sum; null if no shard has terms
     * @param total the sum of the losses
     * @return ready to be read
     */
    public static ByteBuffer message(
            long fingerprint, long step, int shard, int width, @Nullable Gradients gradients, double total) {
        long contents = gradients == null ? 1 : 1 + Double.BYTES + gradients.byteSize();
        ByteBuffer out = ShardMessage.begin(ShardMessage.Kind.RESULT, fingerprint, step, shard, width, contents);
        out.put((byte) (gradients == null ? 0 : 1));
        if (gradients != null) {
            gradients.write(out.putDouble(total));
        }
        return ShardMessage.end(out);
    }
}
