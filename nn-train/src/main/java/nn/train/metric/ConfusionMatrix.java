package nn.train.metric;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Counts of predicted classes for each true class.
 *
 * <p>For a class c, precision is the share of examples predicted as c that are of class c, recall is the share of
 * examples of class c that are predicted as c, and F1 is their harmonic mean. A share of no examples is NaN.
 */
public final class ConfusionMatrix {
    private final long[][] counts; // [true class][predicted class]

    ConfusionMatrix(long[][] counts) {
        this.counts = counts;
    }

    /**
     * Returns the number of classes.
     *
     * @return at least 1
     */
    public int classes() {
        return counts.length;
    }

    /**
     * Returns the number of examples of one class that were predicted as another class, or as their own.
     *
     * @param actual the true class, from 0
     * @param predicted the predicted class, from 0
     * @return the number
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public long count(int actual, int predicted) {
        return counts[Objects.checkIndex(actual, counts.length)][Objects.checkIndex(predicted, counts.length)];
    }

    /**
     * Returns the number of examples of a class.
     *
     * @param actual the class, from 0
     * @return the sum of its row
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public long support(int actual) {
        return Arrays.stream(counts[Objects.checkIndex(actual, counts.length)]).sum();
    }

    /** Returns the number of examples that were predicted as a class. */
    private long predicted(int predicted) {
        return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    }

    /**
     * Returns the share of examples that were predicted correctly.
     *
     * @return from 0 to 1
     */
    public double accuracy() {
        long correct = 0;
        long all = 0;
        for (int c = 0; c < counts.length; c++) {
            correct += counts[c][c];
            all += support(c);
        }
        return (double) correct / all;
    }

    /**
     * Returns the precision of a class.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if no example was predicted as the class
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double precision(int c) {
        return (double) count(c, c) / predicted(c);
    }

    /**
     * Returns the recall of a class.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if there is no example of the class
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double recall(int c) {
        return (double) count(c, c) / support(c);
    }

    /**
     * Returns the F1 score of a class, the harmonic mean of precision and recall.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if no example is of the class or was predicted as it
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double f1(int c) {
        return 2.0 * count(c, c) / (support(c) + predicted(c));
    }

    /**
     * Returns a table with a row for each true class and a column for each predicted one, with recall and precision.
     */
    @Override
    public String toString() {
        int width = 7;
        for (long[] row : counts) {
            width = Math.max(
                    width,
                    1 + String.valueOf(Arrays.stream(row).max().orElse(0)).length());
        }
        StringBuilder table = new StringBuilder("    predicted");
        table.append("\nclass    ");
        for (int c = 0; c < counts.length; c++) {
            table.append(String.format(Locale.ROOT, "%" + width + "d", c));
        }
        table.append("  recall\n");
        for (int c = 0; c < counts.length; c++) {
            table.append(String.format(Locale.ROOT, "%9d", c));
            for (long count : counts[c]) {
                table.append(String.format(Locale.ROOT, "%" + width + "d", count));
            }
            table.append(String.format(Locale.ROOT, "%8.4f\n", recall(c)));
        }
        table.append("precision");
        for (int c = 0; c < counts.length; c++) {
            table.append(String.format(Locale.ROOT, "%" + width + ".4f", precision(c)));
        }
        return table.append('\n').toString();
    }
}
