package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Runs a recurrent layer over padded sequences, each ending at its own last step. Time is cut wherever a sequence ends.
 * Each piece is a pass over the sequences that have not ended, from the state of the piece before. So the layer never
 * sees padding, and each sequence gets the same bits as alone.
 */
final class PaddedRun {
    /** Some sequences (rows) over some steps. */
    private record Piece(int from, int to, int[] rows, RecurrentPass pass) {}

    private final Recurrent layer;
    private final List<RecurrentPass> passes = new ArrayList<>(); // of the pieces; reused
    private final List<Piece> pieces = new ArrayList<>();

    PaddedRun(Recurrent layer) {
        this.layer = layer;
    }

    /** Returns the output at all steps, and overwrites the state with the last one of each sequence. */
    Tensor forward(Tensor x, Recurrent.State state, Lengths lengths, Context context) {
        Context unpadded = new Unpadded(context);
        Tensor states = context.empty(x.shape().withLast(layer.units()));
        states.fill(0f);
        pieces.clear();
        int from = 0;
        for (int to : lengths.distinct()) {
            int[] rows = lengths.atLeast(to);
            if (passes.size() == pieces.size()) {
                passes.add((RecurrentPass) Pass.of(layer));
            }
            RecurrentPass pass = passes.get(pieces.size());
            pass.from(take(state, rows, context));
            put(pass.runIn(unpadded, take(x, from, to, rows, context)), from, to, rows, states);
            put(pass.lastState(), rows, state);
            pieces.add(new Piece(from, to, rows, pass));
            from = to;
        }
        return states;
    }

    /**
     * Returns the gradient at the input, of the given shape, and overwrites the gradient at the last state with that at
     * the first.
     */
    Tensor backward(Tensor dStates, Recurrent.State dState, Shape in, Gradients gradients, Context context) {
        Tensor dx = context.empty(in);
        dx.fill(0f);
        for (Piece piece : pieces.reversed()) {
            int[] rows = piece.rows();
            RecurrentPass pass = piece.pass();
            Tensor dPiece = take(dStates, piece.from(), piece.to(), rows, context);
            put(pass.pullback(dPiece, take(dState, rows, context), gradients), piece.from(), piece.to(), rows, dx);
            put(pass.firstStateGradient(), rows, dState);
        }
        return dx;
    }

    /** Some rows at some steps. */
    private static Tensor take(Tensor all, int from, int to, int[] rows, Context context) {
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
    private static Recurrent.State take(Recurrent.State all, int[] rows, Context context) {
        List<Tensor> parts = new ArrayList<>();
        for (Tensor part : all.parts()) {
            Tensor some = context.empty(Shape.of(rows.length, part.dim(1)));
            for (int i = 0; i < rows.length; i++) {
                some.row(i).copyFrom(part.row(rows[i]));
            }
            parts.add(some);
        }
        return new Recurrent.State(parts);
    }

    private static void put(Recurrent.State some, int[] rows, Recurrent.State all) {
        for (int part = 0; part < all.parts().size(); part++) {
            for (int i = 0; i < rows.length; i++) {
                all.part(part).row(rows[i]).copyFrom(some.part(part).row(i));
            }
        }
    }

    /** A context for sequences without padding. */
    private static final class Unpadded extends ForwardingContext {
        Unpadded(Context context) {
            super(context);
        }

        @Override
        public Optional<Lengths> lengths() {
            return Optional.empty();
        }
    }
}
