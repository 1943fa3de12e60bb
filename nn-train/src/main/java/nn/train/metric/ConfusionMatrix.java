package nn.train.metric;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Counts of predicted classes for each true class.
 *
 * <p>Of a class c: precision is the share of what was taken for c that is c, recall the share of what is c that was
 * taken for it, F1 their harmonic mean. A share of nothing is NaN.
 */
public final class ConfusionMatrix {
    private final long[][] counts; // true class, then the one it was taken for

    ConfusionMatrix(long[][] counts) {
        this.counts = counts;
    }

    /**
     * The number of classes.
     *
     * @return at least 1
     */
    public int classes() {
        return counts.length;
    }

    /**
     * Returns the number of examples of one class that were predicted as another, or correctly as itself.
     *
     * @param actual the class they are of, from 0
     * @param predicted the class they were taken for, from 0
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

    private long taken(int predicted) {
        return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    }

    /**
     * The share of examples that were taken for their own class.
     *
     * @return from 0 to 1
     */
    public double accuracy() {
        long right = 0;
        long all = 0;
        for (int c = 0; c < counts.length; c++) {
            right += counts[c][c];
            all += support(c);
        }
        return (double) right / all;
    }

    /**
     * The share of what was taken for a class that is of it.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if nothing was taken for it
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double precision(int c) {
        return (double) count(c, c) / taken(c);
    }

    /**
     * The share of what is of a class that was taken for it.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if there is no example of it
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double recall(int c) {
        return (double) count(c, c) / support(c);
    }

    /**
     * The harmonic mean of precision and recall.
     *
     * @param c the class, from 0
     * @return from 0 to 1; NaN if there is no example of it and nothing was taken for it
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double f1(int c) {
        return 2.0 * count(c, c) / (support(c) + taken(c));
    }

    /** A table: a row for each class, a column for what it was taken for, then recall; precision below. */
    @Override
    public String toString() {
        int width = 7;
        for (long[] row : counts) {
            width = Math.max(
                    width,
                    1 + String.valueOf(Arrays.stream(row).max().orElse(0)).length());
        }
        StringBuilder table = new StringBuilder("    taken for");
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
