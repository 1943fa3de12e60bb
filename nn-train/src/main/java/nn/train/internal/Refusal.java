package nn.train.internal;

import nn.tensor.ShapeException;

/** Says of refused data where they come from. */
public final class Refusal {
    private Refusal() {}

    /**
     * Puts a text before the message of an exception.
     *
     * @param text such as {@code batch 3: }
     * @param e the exception, which becomes the cause
     * @return an exception of the same kind; a kind of a user's is returned as it is
     */
    public static IllegalArgumentException about(String text, IllegalArgumentException e) {
        IllegalArgumentException named;
        if (e instanceof ShapeException shape) {
            named = new ShapeException(text + shape.getMessage(), shape.expected(), shape.actual());
        } else if (e.getClass() == IllegalArgumentException.class) {
            named = new IllegalArgumentException(text + e.getMessage());
        } else {
            return e;
        }
        named.initCause(e);
        return named;
    }
}
