package nn.layers.pooling;

import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.tensor.Tensor;

/** The numbers of steps that count, as {@link nn.tensor.TimePooling} takes them. */
final class StepCounts {
    private StepCounts() {}

    /**
     * The number of steps of each sequence without its padding.
     *
     * @param layer for messages
     * @param x the steps [time x batch x ...]
     * @param context may know lengths
     * @param what the layer computes from the steps, for messages
     * @param held an array to write to if it is long enough, so that a steady step makes none
     * @return at least as many as the batch, each at least 1
     * @throws IllegalArgumentException if a sequence is all padding
     */
    static int[] of(Layer layer, Tensor x, Context context, String what, int[] held) {
        Lengths padded = Lengths.of(layer, x, context);
        if (padded != null) {
            padded.requireSteps(layer, what);
        }
        int batch = x.dim(1);
        int[] counts = held.length < batch ? new int[batch] : held;
        for (int b = 0; b < batch; b++) {
            counts[b] = padded == null ? x.dim(0) : padded.length(b);
        }
        return counts;
    }
}
