package nn.init;

import java.util.Locale;
import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Biases with which the units of a gated recurrent layer begin by remembering for times from 1 to a longest one: {@code
 * ln u} with u uniform in (1, longest - 1) for the gate that keeps the state, and its negative for the gate that lets
 * the input in. A gate with the bias {@code ln(t - 1)} keeps the share {@code 1 - 1 / t} of the state at every step,
 * and so forgets it within about t steps. From Tallec and Ollivier, <i>Can recurrent neural networks warp time?</i>
 * (ICLR 2018).
 *
 * <p>For an LSTM, {@link Part#KEEP} is the forget gate's bias and {@link Part#ADMIT} the input gate's; for a GRU, whose
 * update gate keeps the state ({@code h' = (1 - z) n + z h}), {@link Part#KEEP} alone. Both biases of a unit must have
 * the same u, although each is filled with its own key, so they share {@code choices}: for unit j, u is {@code 1 +
 * (longest - 2) v} with {@code v = ((word >>> 8) + 0.5) * 2^-24} of element j of {@code choices.child("chrono")}.
 *
 * @param part the gate that this fills
 * @param longest the longest time, in steps; above 2
 * @param choices the key of the times, the same for both gates of a layer
 */
public record Chrono(Part part, double longest, Key choices) implements Initializer {
    /** A gate, by what it does to the state. */
    public enum Part {
        /** Keeps the state: an LSTM's forget gate, a GRU's update gate. */
        KEEP,
        /** Lets the input in: an LSTM's input gate. */
        ADMIT
    }

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the longest time is not a finite number above 2
     * @throws NullPointerException if an argument is null
     */
    public Chrono {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(choices, "choices");
        Arguments.finite(name(part), "longest", longest);
        if (!(longest > 2)) {
            throw new IllegalArgumentException(name(part) + ": longest " + Arguments.brief(longest)
                    + " must be above 2: the times of the units lie between 1 and it");
        }
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        Key all = choices.child("chrono");
        for (int j = 0; j < out.size(); j++) {
            double v = ((all.word(j) >>> 8) + 0.5) * 0x1p-24;
            double bias = StrictMath.log(1 + (longest - 2) * v);
            out.array()[out.offset() + j] = (float) (part == Part.KEEP ? bias : -bias);
        }
    }

    private static String name(Part part) {
        return "chrono " + part.name().toLowerCase(Locale.ROOT);
    }

    /** Such as {@code chrono keep(longest 784, choices 0123456789abcdef0123456789abcdef)}. */
    @Override
    public String toString() {
        return name(part) + "(longest " + Arguments.brief(longest) + ", choices " + choices.hex() + ")";
    }
}
