package nn.layers.attention;

import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.tensor.Tensor;

/** The number of positions before those of a pass, which a layer of positions carries. */
final class Position {
    private Position() {}

    /** Returns the first position of a pass, and hands on the one after its last. */
    static int begin(Layer layer, Tensor x, Context context) {
        if (!context.carries()) {
            return 0;
        }
        int batch = x.dim(0);
        int first = 0;
        Recurrent.State state = context.carried(layer).orElse(null);
        if (state != null) {
            if (state.parts().size() != 1
                    || state.part(0).shape().rank() != 2
                    || state.part(0).dim(1) != 1) {
                throw new IllegalArgumentException(layer + ": the state carried is not a number of positions [batch x"
                        + " 1]. Is it of another model? Begin with a new Carry");
            }
            Carry.requireRows(layer, state, batch);
            first = batch == 0 ? 0 : (int) state.part(0).get(0, 0);
        }
        Tensor next = Tensor.zeros(batch, 1);
        next.fill(first + x.dim(1));
        context.carry(layer, Recurrent.State.of(next));
        return first;
    }

    /** dTable[first + t] += dy[b][t], sequence by sequence. */
    static void addGradient(Tensor dy, int first, Tensor dTable) {
        int size = dy.dim(1) * dy.dim(2);
        int row = dTable.offset() + first * dy.dim(2);
        for (int b = 0; b < dy.dim(0); b++) {
            int from = dy.offset() + b * size;
            for (int i = 0; i < size; i++) {
                dTable.array()[row + i] += dy.array()[from + i];
            }
        }
    }

    /** y[b][t] = x[b][t] + table[first + t]. */
    static void add(Tensor x, Tensor table, int first, Tensor y) {
        int time = x.dim(1);
        int features = x.dim(2);
        int size = time * features;
        for (int b = 0; b < x.dim(0); b++) {
            int from = x.offset() + b * size;
            int to = y.offset() + b * size;
            int row = table.offset() + first * features;
            for (int i = 0; i < size; i++) {
                y.array()[to + i] = x.array()[from + i] + table.array()[row + i];
            }
        }
    }
}
