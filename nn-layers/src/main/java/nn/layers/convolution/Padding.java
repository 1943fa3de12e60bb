package nn.layers.convolution;

import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.Windows;

/** The zeros around an image or sequence: how many before and after each axis. */
public sealed interface Padding {
    /** No zeros: an output for each window that lies inside. */
    record None() implements Padding {
        @Override
        public Windows.Axis axis(int axis, int size, int taps, int stride, int dilation) {
            return new Windows.Axis(taps, stride, dilation, 0, 0);
        }

        @Override
        public String toString() {
            return "no padding";
        }
    }

    /**
     * As many zeros as give {@code size / stride} outputs, rounded up, of which the smaller half comes before, as in
     * TensorFlow and Keras. (With a stride this depends on the size, and may differ by one place from PyTorch's
     * fixed padding.)
     */
    record Same() implements Padding {
        @Override
        public Windows.Axis axis(int axis, int size, int taps, int stride, int dilation) {
            int span = dilation * (taps - 1) + 1;
            int total = span - 1;
            if (stride > 1 && size != Shape.ANY) {
                int outputs = (size + stride - 1) / stride;
                total = Math.max((outputs - 1) * stride + span - size, 0);
            }
            return new Windows.Axis(taps, stride, dilation, total / 2, total - total / 2);
        }

        @Override
        public String toString() {
            return "same padding";
        }
    }

    /** Zeros before only, so that no output depends on a later input. */
    record Causal() implements Padding {
        @Override
        public Windows.Axis axis(int axis, int size, int taps, int stride, int dilation) {
            return new Windows.Axis(taps, stride, dilation, dilation * (taps - 1), 0);
        }

        @Override
        public String toString() {
            return "causal padding";
        }
    }

    /**
     * A fixed number of zeros.
     *
     * @param before for each axis, 0 or more; one number for all axes
     * @param after for each axis, 0 or more; one number for all axes
     */
    record Fixed(int[] before, int[] after) implements Padding {
        /**
         * Copies the arrays.
         *
         * @throws IllegalArgumentException if they have other lengths than one for each axis, or a negative number
         */
        public Fixed {
            before = before.clone();
            after = after.clone();
            boolean fits = before.length == after.length && before.length >= 1 && before.length <= 2;
            if (!fits
                    || Arrays.stream(before).anyMatch(n -> n < 0)
                    || Arrays.stream(after).anyMatch(n -> n < 0)) {
                throw new IllegalArgumentException("padding of " + Arrays.toString(before) + " before and "
                        + Arrays.toString(after) + " after: give a number of 0 or more for all axes or for each");
            }
        }

        @Override
        public Windows.Axis axis(int axis, int size, int taps, int stride, int dilation) {
            int i = before.length == 1 ? 0 : axis;
            return new Windows.Axis(taps, stride, dilation, before[i], after[i]);
        }

        /**
         * The zeros before each axis.
         *
         * @return a copy
         */
        @Override
        public int[] before() {
            return before.clone();
        }

        /**
         * The zeros after each axis.
         *
         * @return a copy
         */
        @Override
        public int[] after() {
            return after.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Fixed f && Arrays.equals(before, f.before) && Arrays.equals(after, f.after);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(before) + 31 * Arrays.hashCode(after);
        }

        @Override
        public String toString() {
            return "padding " + Arrays.toString(before) + " " + Arrays.toString(after);
        }
    }

    /**
     * The windows along one axis.
     *
     * @param axis its number, 0 for the first after the batch
     * @param size its length, or {@link Shape#ANY}
     * @param taps the places of a window
     * @param stride from window to window
     * @param dilation from place to place
     * @return the windows; for an unknown size of a strided {@link Same}, those of some size
     */
    Windows.Axis axis(int axis, int size, int taps, int stride, int dilation);
}
