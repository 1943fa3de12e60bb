package nn.tensor.internal.window;

/**
 * Where the windows of images lie in an array: window i begins at {@code at[i]}, each of its runs of {@code run}
 * neighbouring elements at {@code taps[q]} from there, and its result goes to {@code to[i]}. So windows are the rows of
 * a matrix that is never written down: a product reads its elements where they are, whatever the stride, the dilation
 * and the group, and neighbouring rows of a tile may be windows of two images.
 *
 * <p>The arrays may be longer than what is used of them. All places are relative to offsets that a call gives.
 *
 * @param at where windows begin
 * @param to where results go
 * @param taps where the runs of a window begin
 * @param run elements of a run
 */
public record WindowRows(int[] at, int[] to, int[] taps, int run) {
    /** Elements of a window. */
    int size() {
        return taps.length * run;
    }
}
