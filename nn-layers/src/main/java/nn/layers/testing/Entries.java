package nn.layers.testing;

import java.util.Locale;
import java.util.Optional;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Texts for entries of tensors. */
final class Entries {
    private Entries() {}

    /** Such as {@code [2,1]}. */
    static String index(int flat, Shape shape) {
        String text = "";
        int rest = flat;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            text = rest % shape.dim(axis) + (text.isEmpty() ? "" : ",") + text;
            rest /= shape.dim(axis);
        }
        return "[" + text + "]";
    }

    /**
     * Describes the entry where two tensors differ most, such as {@code x[0,3] was 1.25000, is 2.50000, off by
     * 1.25000}; empty if they have the same bits.
     */
    static Optional<String> difference(String name, Tensor was, Tensor is) {
        if (!was.shape().equals(is.shape())) {
            return Optional.of(name + " was of shape " + was.shape() + ", is of shape " + is.shape());
        }
        int worst = -1;
        double largest = -1;
        for (int i = 0; i < was.size(); i++) {
            float a = was.array()[was.offset() + i];
            float b = is.array()[is.offset() + i];
            if (Float.floatToRawIntBits(a) != Float.floatToRawIntBits(b)) {
                double distance = Float.compare(a, b) == 0 ? 0 : Math.abs((double) a - b);
                if (Double.isNaN(distance) || distance > largest) {
                    worst = i;
                    largest = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
                }
            }
        }
        if (worst < 0) {
            return Optional.empty();
        }
        float a = was.array()[was.offset() + worst];
        float b = is.array()[is.offset() + worst];
        return Optional.of(String.format(
                Locale.ROOT, "%s%s was %.6g, is %.6g, off by %.3g", name, index(worst, was.shape()), a, b, (double)
                        Math.abs(a - b)));
    }
}
