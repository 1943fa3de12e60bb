package nn.train.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A data set cut into batches, epoch after epoch. Epoch e takes the examples in the order {@code
 * key.child(e).permutation(n)}, so the order is known without running the epochs before.
 *
 * <p>Batches are gathered into the same two tensors again and again: a batch is valid until the next one is taken, and
 * one epoch at a time may be under way. For one thread.
 */
public final class Batches {
    private final Dataset data;
    private final int size;
    private final Key key; // null: no shuffling
    private final boolean dropLast;
    private final Tensor x;
    private final Tensor y;

    private Batches(Dataset data, int size, Key key, boolean dropLast) {
        this.data = data;
        this.size = size;
        this.key = key;
        this.dropLast = dropLast;
        if (data.size() == 0) {
            throw new IllegalArgumentException("a data set of no examples (x is " + data.x().shape() + ") has no batch");
        }
        if (size < 1) {
            throw new IllegalArgumentException("batch size is " + size + "; it must be 1 or more");
        }
        if (perEpoch() == 0) {
            throw new IllegalArgumentException("dropping the last batch of " + data.size() + " examples leaves none of "
                    + size + "; take a smaller batch size, or keep it");
        }
        int room = Math.min(size, data.size());
        this.x = Rows.room(data.x(), room);
        this.y = Rows.room(data.y(), room);
    }

    /**
     * Batches in a new random order at each epoch; the last one may be smaller.
     *
     * @param data at least one example
     * @param size the number of examples in a batch, at least 1
     * @param key names the randomness
     * @return the batches
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches shuffled(Dataset data, int size, Key key) {
        return new Batches(Objects.requireNonNull(data, "data"), size, Objects.requireNonNull(key, "key"), false);
    }

    /**
     * Batches in the order of the data; the last one may be smaller.
     *
     * @param data at least one example
     * @param size the number of examples in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches inOrder(Dataset data, int size) {
        return new Batches(Objects.requireNonNull(data, "data"), size, null, false);
    }

    /**
     * These, without the last batch of an epoch where it is smaller than the others.
     *
     * @return the same batches, all of one size
     * @throws IllegalArgumentException if there are fewer examples than one batch holds
     */
    public Batches dropLast() {
        return new Batches(data, size, key, true);
    }

    /**
     * The examples.
     *
     * @return the data set given
     */
    public Dataset dataset() {
        return data;
    }

    /**
     * The number of batches in an epoch.
     *
     * @return at least 1
     */
    public int perEpoch() {
        int whole = data.size() / size;
        return whole * size == data.size() || dropLast ? whole : whole + 1;
    }

    /**
     * The batches of one epoch.
     *
     * @param epoch its number; each has an order of its own
     * @return to be iterated while no other epoch is
     */
    public Iterable<Batch> epoch(long epoch) {
        int[] order = key == null
                ? IntStream.range(0, data.size()).toArray()
                : key.child(epoch).permutation(data.size());
        return () -> new Cursor(order);
    }

    private final class Cursor implements Iterator<Batch> {
        private final int[] order;
        private int taken;

        Cursor(int[] order) {
            this.order = order;
        }

        @Override
        public boolean hasNext() {
            return taken < perEpoch();
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch has " + perEpoch() + " batches");
            }
            int from = taken++ * size;
            int count = Math.min(size, order.length - from);
            Batch batch = new Batch(x.rows(0, count), y.rows(0, count));
            Rows.gather(data.x(), order, from, batch.x());
            Rows.gather(data.y(), order, from, batch.y());
            return batch;
        }
    }
}
