package nn.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.util.Objects;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxis;
import nn.train.internal.InputChecks;
import nn.train.internal.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * The examples of a source in the order of an epoch. Window w holds the examples from w times its length on; it is read
 * as a whole, and taken in the order {@code key.child(w).permutation(n)}. So any batch can be made again from its
 * window alone.
 */
final class WindowReader implements Examples.Ordered {
    /** Closes the readers of epochs that were left before their end. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final ExampleSource source;
    private final int length;
    private final @Nullable Key key;
    private final Tensor x;
    private final Tensor y;
    private final Tensor[] rowsOfX;
    private final Tensor[] rowsOfY;
    private final Open open = new Open();
    private int[] order = new int[0]; // of the window
    private long window = -1; // that is in memory
    private boolean registered;

    /** What must be closed; it does not refer to the reader, which could not be collected then. */
    private static final class Open implements Runnable {
        private ExampleSource.@Nullable Reader reader;

        @Override
        public synchronized void run() {
            ExampleSource.Reader open = reader;
            reader = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    WindowReader(Examples.Streamed examples, @Nullable Key key) {
        this.source = examples.source();
        this.length = (int) Math.min(examples.window(), source.size());
        this.key = key;
        this.x = BatchRows.allocate(examples.likeness().x(), 0, length);
        this.y = BatchRows.allocate(examples.likeness().y(), 0, length);
        this.rowsOfX = rows(x);
        this.rowsOfY = rows(y);
    }

    private static Tensor[] rows(Tensor all) {
        return IntStream.range(0, all.dim(0)).mapToObj(all::row).toArray(Tensor[]::new);
    }

    @Override
    public void copy(long from, Batch to) {
        if (from / length != window) {
            read(from / length);
        }
        int at = (int) (from - window * length);
        BatchAxis.gather(x, 0, order, at, to.x());
        BatchAxis.gather(y, 0, order, at, to.y());
    }

    private void read(long next) {
        long first = next * length;
        int count = (int) Math.min(length, source.size() - first);
        long example = first;
        try {
            ExampleSource.Reader reader = reader(first);
            for (int i = 0; i < count; i++, example++) {
                reader.next(rowsOfX[i], rowsOfY[i]);
            }
        } catch (IOException | RuntimeException e) {
            RuntimeException named = about(example, e);
            try {
                close();
            } catch (RuntimeException alsoFailed) {
                named.addSuppressed(alsoFailed);
            }
            throw named;
        }
        requireFinite("x", x.rows(0, count), first);
        requireFinite("y", y.rows(0, count), first);
        order = key == null
                ? IntStream.range(0, count).toArray()
                : key.child(next).permutation(count);
        window = next;
        if (first + count == source.size()) {
            close();
        }
    }

    /** Says which example could not be read; {@link ExampleSource.Reader#next} says which exception becomes which. */
    private RuntimeException about(long example, Exception e) {
        String where = "example " + example + " of " + source.fingerprint() + " cannot be read: ";
        return switch (e) {
            case IOException problem -> new UncheckedIOException(where + e, problem);
            case UncheckedIOException problem ->
                new UncheckedIOException(where + problem.getCause(), problem.getCause());
            case ShapeException problem -> Refusal.about(where, problem);
            case IllegalArgumentException problem -> new IllegalArgumentException(where + e, problem);
            default -> new IllegalStateException(where + e, e);
        };
    }

    private ExampleSource.Reader reader(long first) throws IOException {
        ExampleSource.Reader reader = open.reader;
        if (reader == null) {
            reader = Objects.requireNonNull(source.open(first), "the reader of a source");
            open.reader = reader;
            if (!registered) {
                CLEANER.register(this, open);
                registered = true;
            }
        }
        return reader;
    }

    private void requireFinite(String name, Tensor values, long first) {
        if (!values.isFinite()) {
            int each = values.size() / values.dim(0);
            long example = first + InputChecks.firstBadIndex(values) / each;
            Tensor bad = values.row((int) (example - first));
            throw new IllegalArgumentException(name + " of example " + example + " of " + source.fingerprint() + " has "
                    + (bad.shape().rank() == 1 ? firstBadFeature(bad) : InputChecks.firstBad(bad))
                    + "; replace or leave out such values in the source");
        }
    }

    /** Its axis is that of the columns of a batch. */
    private static String firstBadFeature(Tensor example) {
        int at = InputChecks.firstBadIndex(example);
        return example.get(at) + " in column " + at;
    }

    @Override
    public void close() {
        open.run();
    }
}
