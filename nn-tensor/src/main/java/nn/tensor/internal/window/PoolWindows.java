package nn.tensor.internal.window;

/**
 * Windows of a pooling in one row of an image: each begins a number of elements behind the last one.
 *
 * @param n channels
 * @param step elements from window to window
 * @param apart places from window to window
 * @param taps where the taps of a window are, in elements from its begin on
 * @param tapPlaces the same in places
 */
public record PoolWindows(int n, int step, int apart, int[] taps, int[] tapPlaces) {}
