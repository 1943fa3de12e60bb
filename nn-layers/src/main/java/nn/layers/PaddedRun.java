package nn.layers;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A run of a recurrent layer over padded sequences, each ending at its own last step. The time is cut where a sequence
 * ends; each piece is a run of those that are still going on, from the state of the piece before. So the layer never
 * sees padding, nothing is computed for it, and each sequence gets the bits that it gets alone.
 */
final class PaddedRun {
    private record Piece(int from, int to, int[] rows, Recurrent.Run run) {}

    private final Lengths lengths;
    private final Context context;
    private final List<Piece> pieces = new ArrayList<>();

    private PaddedRun(Lengths lengths, Context context) {
        this.lengths = lengths;
        this.context = context;
    }

    static Recurrent.Run of(
            Recurrent layer, Tensor x, Recurrent.State initial, Lengths lengths, Context context) {
        Sequences.require(layer, x, initial);
        return new PaddedRun(lengths, context).forward(layer, x, initial);
    }

    private Recurrent.Run forward(Recurrent layer, Tensor x, Recurrent.State initial) {
        Tensor states = context.empty(x.shape().withLast(layer.units()));
        states.fill(0f);
        List<Tensor> state = new ArrayList<>();
        for (Tensor part : initial.parts()) {
            Tensor copy = context.empty(part.shape());
            copy.copyFrom(part);
            state.add(copy);
        }
        int from = 0;
        for (int to : lengths.distinct()) {
            int[] rows = lengths.atLeast(to);
            Recurrent.Run run = layer.run(take(x, from, to, rows), take(state, rows), context);
            put(run.states(), from, to, rows, states);
            put(run.last(), rows, state);
            pieces.add(new Piece(from, to, rows, run));
            from = to;
        }
        return new Recurrent.Run(states, new Recurrent.State(state), (dStates, dLast, gradients) -> {
            Tensor dx = context.empty(x.shape());
            dx.fill(0f);
            List<Tensor> dState = new ArrayList<>();
            for (int i = 0; i < state.size(); i++) {
                dState.add(Sequences.beginning(dLast, i, state.get(i).shape(), context));
            }
            for (Piece piece : pieces.reversed()) {
                int[] rows = piece.rows();
                Tensor dPiece = take(dStates, piece.from(), piece.to(), rows);
                Recurrent.StateGradient back = piece.run().pullback().apply(dPiece, take(dState, rows), gradients);
                put(back.dx(), piece.from(), piece.to(), rows, dx);
                put(back.dInitial(), rows, dState);
            }
            return new Recurrent.StateGradient(dx, new Recurrent.State(dState));
        });
    }

    /** Some rows at some steps. */
    private Tensor take(Tensor all, int from, int to, int[] rows) {
        Tensor some = context.empty(Shape.of(to - from, rows.length, all.dim(2)));
        for (int t = from; t < to; t++) {
            for (int i = 0; i < rows.length; i++) {
                some.row(t - from).row(i).copyFrom(all.row(t).row(rows[i]));
            }
        }
        return some;
    }

    private static void put(Tensor some, int from, int to, int[] rows, Tensor all) {
        for (int t = from; t < to; t++) {
            for (int i = 0; i < rows.length; i++) {
                all.row(t).row(rows[i]).copyFrom(some.row(t - from).row(i));
            }
        }
    }

    /** Some rows of a state. */
    private Recurrent.State take(List<Tensor> all, int[] rows) {
        List<Tensor> parts = new ArrayList<>();
        for (Tensor part : all) {
            Tensor some = context.empty(Shape.of(rows.length, part.dim(1)));
            for (int i = 0; i < rows.length; i++) {
                some.row(i).copyFrom(part.row(rows[i]));
            }
            parts.add(some);
        }
        return new Recurrent.State(parts);
    }

    private static void put(Recurrent.State some, int[] rows, List<Tensor> all) {
        for (int part = 0; part < all.size(); part++) {
            for (int i = 0; i < rows.length; i++) {
                all.get(part).row(rows[i]).copyFrom(some.part(part).row(i));
            }
        }
    }
}
