package nn.train.data;

import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Hyperparameters;

/**
 * Synthetic data sets. Each one states what a model must learn, and its baseline: the loss or accuracy of a model that
 * has not learned it. The same key gives the same bits.
 */
public final class SyntheticDatasets {
    private static final double MAX_TURNS = 1e6; // with many more, an angle would lose all digits
    private static final int MAX_SYMBOLS = (1 << 24) - 2; // with two more classes, all are distinct floats

    private SyntheticDatasets() {}

    /**
     * Returns exclusive or, the smallest task that no linear model solves (Minsky and Papert, <i>Perceptrons</i>,
     * 1969).
     *
     * <p>Baseline: the best linear model always outputs 1/2, with a mean squared error of 1/4, or a cross-entropy of
     * log 2 = 0.693.
     *
     * @return x [4 x 2] of 0 and 1, y [4 x 1]: 1 where exactly one of both inputs is 1
     */
    public static Dataset xor() {
        return Dataset.of(new float[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, new float[][] {{0}, {1}, {1}, {0}});
    }

    /**
     * Returns two spirals, one turned half a circle from the other; the class of a point is its spiral. Hard for
     * networks with few units in the first layer (Lang and Witbrock, <i>Learning to tell two spirals apart</i>, 1988,
     * whose spirals have three turns).
     *
     * <p>Point i is of class {@code i % 2}. With {@code t = (i / 2 + 0.5) / (n / 2)}, it is at distance t from the
     * center, at the angle {@code 2 pi turns t}, plus pi for class 1.
     *
     * <p>Baseline: both classes have the same size, so a constant class has an accuracy of 1/2; a straight line does
     * little better.
     *
     * @param n the number of points, even, at least 2
     * @param turns the number of turns of each spiral, above 0 and at most 1,000,000
     * @param noise the standard deviation of the noise on both coordinates, finite, 0 or more; neighbouring arms are
     *     {@code 0.5 / turns} apart
     * @param key names the noise
     * @return x [n x 2] from about -1 to 1, y [n] of classes 0 and 1
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static Dataset twoSpirals(int n, double turns, double noise, Key key) {
        requireAtLeast("two spirals", "n", n, 2);
        if (n % 2 != 0 || !(turns > 0 && turns <= MAX_TURNS)) {
            throw new IllegalArgumentException("two spirals: n is " + n + ", turns is " + turns
                    + "; n must be even, turns above 0 and at most " + (int) MAX_TURNS);
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
     * Returns the adding problem (Hochreiter and Schmidhuber, <i>Long short-term memory</i>, 1997; in this form Le,
     * Jaitly and Hinton 2015): add the two marked numbers of a sequence, one in the first half and one in the second.
     *
     * <p>Baseline: the constant output 1, the mean, has a mean squared error of 1/6 = 0.167.
     *
     * @param n the number of sequences, at least 1
     * @param time the length of a sequence, at least 2
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
     * Returns the copy task (Hochreiter and Schmidhuber 1997; in this form Arjovsky, Shah and Bengio, <i>Unitary
     * evolution recurrent neural networks</i>, 2016): remember some symbols over a delay, and output them when asked.
     *
     * <p>A sequence is {@code length} symbols, {@code delay - 1} blanks, the question, and {@code length} blanks. The
     * target is blank until after the question, and then the symbols. A blank is class {@code symbols}, the question
     * class {@code symbols + 1}.
     *
     * <p>Baseline: blanks, and then the same probability for every symbol, have a cross-entropy of {@code length
     * log(symbols) / (delay + 2 length)} for each step.
     *
     * @param n the number of sequences, at least 1
     * @param symbols the number of symbols, at least 2 and at most 2^24 - 2; usually 8
     * @param length the number of symbols to remember, at least 1; usually 10
     * @param delay the steps from the last symbol to the question, at least 1
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
        if (symbols > MAX_SYMBOLS) {
            throw new IllegalArgumentException("copy memory: symbols is " + symbols + "; it must be at most "
                    + MAX_SYMBOLS + ", because floats tell neighbouring whole numbers apart only below 2^24");
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
     * Returns delayed parity: some bits, then silence; the class is whether the number of ones is odd. It depends on
     * every bit, and no single bit says anything about it.
     *
     * <p>Baseline: without any one of the bits, both classes are equally likely, with a cross-entropy of log 2 = 0.693.
     *
     * @param n the number of sequences, at least 1
     * @param bits the number of bits, at least 1
     * @param delay the steps of silence after them, 0 or more
     * @param key names the bits
     * @return x [n x (bits + delay) x 1]: 1 and -1 for the bits 1 and 0, and 0 for silence; y [n]: 1 if the number of
     *     ones is odd, else 0
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

    /** Turns 32 random bits into a number from 0 to n - 1; the bias is below n / 2^32. */
    private static int below(int word, int n) {
        return (int) ((word & 0xFFFFFFFFL) * n >>> 32);
    }

    /** Returns the length of a sequence as an int, or refuses one that no tensor holds. */
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
