package nn.train.data;

import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * Data made by rule, for which it is known what a model has to have learned, and what one gets that has not: the
 * baseline. The same key gives the same bits.
 */
public final class SyntheticDatasets {
    private static final double MOST_TURNS = 1e6; // of many more, an angle would have no digits
    private static final int MOST_SYMBOLS = (1 << 24) - 2; // as floats, two more classes are distinct

    private SyntheticDatasets() {}

    /**
     * Exclusive or, the smallest task that no linear model solves (Minsky and Papert, <i>Perceptrons</i>, 1969).
     *
     * <p>Baseline: the best linear model says 1/2 always, a mean squared error of 1/4, or log 2 = 0.693 in
     * cross-entropy.
     *
     * @return x [4 x 2] of 0 and 1, y [4 x 1]: 1 where one of the two is
     */
    public static Dataset xor() {
        return Dataset.of(new float[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, new float[][] {{0}, {1}, {1}, {0}});
    }

    /**
     * Two spirals, one turned half a circle from the other, to be classified by the place of a point: hard for networks
     * that see it through few units (Lang and Witbrock, <i>Learning to tell two spirals apart</i>, 1988, whose spirals
     * have three turns).
     *
     * <p>Point i is of class {@code i % 2}. On its spiral it is at the share {@code t = (i / 2 + 0.5) / (n / 2)} of the
     * way: at distance t from the middle, at the angle {@code 2 pi turns t}.
     *
     * <p>Baseline: both classes are equally many, so one class always is right in 1/2; a straight line does little
     * better.
     *
     * @param n the number of points, even, at least 2
     * @param turns of each spiral, above 0 and at most 1,000,000
     * @param noise the standard deviation of what is added to both coordinates, finite, 0 or more; neighbouring arms
     *     are {@code 0.5 / turns} apart
     * @param key names the noise
     * @return x [n x 2] from about -1 to 1, y [n] of classes 0 and 1
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Dataset twoSpirals(int n, double turns, double noise, Key key) {
        requireAtLeast("two spirals", "n", n, 2);
        if (n % 2 != 0 || !(turns > 0 && turns <= MOST_TURNS)) {
            throw new IllegalArgumentException("two spirals: n is " + n + ", turns is " + turns
                    + "; n must be even, turns above 0 and at most " + (int) MOST_TURNS);
        }
        Hyperparameters.requireNonNegative("two spirals", "noise", noise);
        Tensor x = Tensor.zeros(n, 2);
        key.normal(x, 0, (float) noise);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            int spiral = i % 2;
            double t = (i / 2 + 0.5) / (n / 2);
            double angle = 2 * StrictMath.PI * turns * t + StrictMath.PI * spiral;
            x.set((float) (x.get(i, 0) + t * StrictMath.cos(angle)), i, 0);
            x.set((float) (x.get(i, 1) + t * StrictMath.sin(angle)), i, 1);
            y.set(spiral, i);
        }
        return new Dataset(x, y);
    }

    /**
     * The adding problem (Hochreiter and Schmidhuber, <i>Long short-term memory</i>, 1997; in this form Le, Jaitly and
     * Hinton 2015): of a sequence of numbers, add the two that are marked, one in the first half and one in the second.
     *
     * <p>Baseline: always 1, the mean, has a mean squared error of 1/6 = 0.167.
     *
     * @param n the number of sequences, at least 1
     * @param time their length, at least 2
     * @param key names the randomness
     * @return x [n x time x 2]: a number, uniform over (0, 1), and 1 at a mark, else 0; y [n x 1]: the sum
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Dataset adding(int n, int time, Key key) {
        requireAtLeast("adding problem", "n", n, 1);
        requireAtLeast("adding problem", "time", time, 2);
        Tensor numbers = Tensor.zeros(n, time);
        key.child("numbers").uniform(numbers, 0, 1);
        Key marks = key.child("marks");
        Tensor x = Tensor.zeros(n, time, 2);
        Tensor y = Tensor.zeros(n, 1);
        int half = time / 2;
        for (int i = 0; i < n; i++) {
            for (int t = 0; t < time; t++) {
                x.set(numbers.get(i, t), i, t, 0);
            }
            int first = below(marks.word(2L * i), half);
            int second = half + below(marks.word(2L * i + 1), time - half);
            x.set(1, i, first, 1);
            x.set(1, i, second, 1);
            y.set(numbers.get(i, first) + numbers.get(i, second), i, 0);
        }
        return new Dataset(x, y);
    }

    /**
     * The copy task (Hochreiter and Schmidhuber 1997; in this form Arjovsky, Shah and Bengio, <i>Unitary evolution
     * recurrent neural networks</i>, 2016): remember some symbols over a delay, and say them when asked.
     *
     * <p>A sequence is {@code length} symbols, {@code delay - 1} blanks, the question, and {@code length} blanks; the
     * answer is blanks until the question is over, and then the symbols. A blank is class {@code symbols}, the question
     * class {@code symbols + 1}.
     *
     * <p>Baseline: blanks, and then every symbol with the same probability, has a cross-entropy of {@code length
     * log(symbols) / (delay + 2 length)} for each step.
     *
     * @param n the number of sequences, at least 1
     * @param symbols how many there are, at least 2 and at most 2^24 - 2; usually 8
     * @param length how many are to be remembered, at least 1; usually 10
     * @param delay at least 1
     * @param key names the symbols
     * @return x [n x (delay + 2 length) x (symbols + 2)], one-hot; y [n x (delay + 2 length)], classes from 0 to {@code
     *     symbols}
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Dataset copyMemory(int n, int symbols, int length, int delay, Key key) {
        requireAtLeast("copy memory", "n", n, 1);
        requireAtLeast("copy memory", "symbols", symbols, 2);
        requireAtLeast("copy memory", "length", length, 1);
        requireAtLeast("copy memory", "delay", delay, 1);
        if (symbols > MOST_SYMBOLS) {
            throw new IllegalArgumentException("copy memory: symbols is " + symbols + "; it must be at most "
                    + MOST_SYMBOLS + ", for floats tell neighbouring whole numbers apart only below 2^24");
        }
        int time = steps("copy memory", "delay + 2 length", delay + 2L * length);
        Tensor asked = Tensor.full(symbols, n, time);
        Tensor answer = Tensor.full(symbols, n, time);
        for (int i = 0; i < n; i++) {
            for (int t = 0; t < length; t++) {
                int symbol = below(key.word((long) i * length + t), symbols);
                asked.set(symbol, i, t);
                answer.set(symbol, i, delay + length + t);
            }
            asked.set(symbols + 1, i, length + delay - 1);
        }
        return new Dataset(OneHot.of(asked, symbols + 2), answer);
    }

    /**
     * Delayed parity: some bits, then silence, and at the end the question whether the number of ones was odd. Every
     * bit counts, and none tells anything alone.
     *
     * <p>Baseline: without all bits, either answer is right in 1/2: a cross-entropy of log 2 = 0.693.
     *
     * @param n the number of sequences, at least 1
     * @param bits how many come first, at least 1
     * @param delay the steps of silence after them, 0 or more
     * @param key names the bits
     * @return x [n x (bits + delay) x 1]: 1 and -1 for the bits 1 and 0, and 0 for silence; y [n]: 1 if the ones are
     *     odd, else 0
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Dataset delayedParity(int n, int bits, int delay, Key key) {
        requireAtLeast("delayed parity", "n", n, 1);
        requireAtLeast("delayed parity", "bits", bits, 1);
        requireAtLeast("delayed parity", "delay", delay, 0);
        Tensor x = Tensor.zeros(n, steps("delayed parity", "bits + delay", (long) bits + delay), 1);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            int parity = 0;
            for (int t = 0; t < bits; t++) {
                int bit = below(key.word((long) i * bits + t), 2);
                x.set(2 * bit - 1, i, t, 0);
                parity ^= bit;
            }
            y.set(parity, i);
        }
        return new Dataset(x, y);
    }

    /** Turns 32 random bits into one of 0 to n - 1; the bias is below n / 2^32. */
    private static int below(int word, int n) {
        return (int) ((word & 0xFFFFFFFFL) * n >>> 32);
    }

    /** The length of a sequence, which an int may not hold. */
    private static int steps(String task, String name, long steps) {
        if (steps > Shape.MAX_SIZE) {
            throw new IllegalArgumentException(
                    task + ": " + name + " is " + steps + "; a tensor holds at most " + Shape.MAX_SIZE + " elements");
        }
        return (int) steps;
    }

    private static void requireAtLeast(String task, String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    task + ": " + name + " is " + value + "; it must be " + least + " or more");
        }
    }
}
