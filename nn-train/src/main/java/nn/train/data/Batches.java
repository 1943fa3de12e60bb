package nn.train.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.train.internal.BatchAxis;

/**
 * A data set cut into batches, epoch after epoch, along the axis that counts its examples. Epoch e takes the examples
 * in the order {@code key.child(e).permutation(n)}, so the order is known without running the epochs before.
 *
 * <p>Batches are gathered into the same few tensors again and again: a batch is valid until the next one is taken, and
 * one epoch at a time may be under way. For one thread.
 */
public final class Batches {
    private final Dataset data;
    private final Dataset cut; // the same, by the axis that batches are cut along
    private final int size;
    private final Key key; // null: no shuffling
    private final boolean dropLast;
    private final Change change; // null: none
    private final Key changeKey;
    private final Batch[] rooms; // two, if one is filled while the other is used
    private FutureTask<Batch> ahead; // what is being made for later; null if nothing is

    /** Makes another batch of one, such as one with noise added or pictures shifted. */
    @FunctionalInterface
    public interface Change {
        /**
         * Changes a batch.
         *
         * @param batch copies of the data, which may be changed in place
         * @param key names the randomness of this batch
         * @return the batch to use
         */
        Batch apply(Batch batch, Key key);
    }

    private Batches(
            Dataset data,
            boolean alongTime,
            int size,
            Key key,
            boolean dropLast,
            Change change,
            Key changeKey,
            boolean prefetched) {
        this.data = data;
        this.cut = alongTime ? new Dataset(data.x(), data.y()) : data;
        this.size = size;
        this.key = key;
        this.dropLast = dropLast;
        this.change = change;
        this.changeKey = changeKey;
        if (cut.size() == 0) {
            throw new IllegalArgumentException(
                    "a data set of no examples (x is " + cut.x().shape() + ") has no batch");
        }
        if (size < 1) {
            throw new IllegalArgumentException("batch size is " + size + "; it must be 1 or more");
        }
        if (perEpoch() == 0) {
            throw new IllegalArgumentException("dropping the last batch of " + cut.size() + " examples leaves none of "
                    + size + "; take a smaller batch size, or keep it");
        }
        int room = Math.min(size, cut.size());
        this.rooms = new Batch[prefetched ? 2 : 1];
        for (int i = 0; i < rooms.length; i++) {
            rooms[i] = new Batch(Rows.room(cut.x(), cut.xAxis(), room), Rows.room(cut.y(), cut.yAxis(), room));
        }
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
        Objects.requireNonNull(key, "key");
        return new Batches(Objects.requireNonNull(data, "data"), false, size, key, false, null, null, false);
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
        return new Batches(Objects.requireNonNull(data, "data"), false, size, null, false, null, null, false);
    }

    /**
     * Batches of neighboring time steps of all sequences, in order: what a trainer that {@linkplain
     * nn.train.TrainerOptions#carryingStates carries states} goes through a long series by. The last one may have
     * fewer steps.
     *
     * @param data sequences with a target at every step, {@linkplain Dataset#timeMajor time-major}
     * @param steps the number of steps in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if the data are not declared as time-major, there are no steps, or the number is
     *     below 1
     */
    public static Batches alongTime(Dataset data, int steps) {
        if (Objects.requireNonNull(data, "data").xAxis() != 1 || data.yAxis() != 1) {
            throw new IllegalArgumentException("batches along time need steps along the first axis of x "
                    + data.x().shape() + " and y " + data.y().shape() + "; declare them by Dataset.timeMajor(x, y)");
        }
        return new Batches(data, true, steps, null, false, null, null, false);
    }

    /**
     * These, without the last batch of an epoch where it is smaller than the others.
     *
     * @return the same batches, all of one size
     * @throws IllegalArgumentException if there are fewer examples than one batch holds
     */
    public Batches dropLast() {
        return new Batches(data, isAlongTime(), size, key, true, change, changeKey, isPrefetched());
    }

    /**
     * These, each changed when it is taken, such as by noise for augmentation. In place of a change made before.
     *
     * @param change applied to each batch; batch i of epoch e gets {@code key.child(e).child(i)}, so the same is done
     *     to it whatever was run before
     * @param key names the randomness of the changes
     * @return changed batches
     */
    public Batches changed(Change change, Key key) {
        Objects.requireNonNull(change, "change");
        Objects.requireNonNull(key, "key");
        return new Batches(data, isAlongTime(), size, this.key, dropLast, change, key, isPrefetched());
    }

    /**
     * These, each made by a thread of its own while the one before is used: the same batches in the same order. Worth
     * it where a {@linkplain #changed change} takes long. An exception that a change throws is thrown by {@code
     * next()}, as without. A thread lives as long as it makes its one batch, so an epoch may be left at any place, and
     * there is nothing to close.
     *
     * @return the same batches, made ahead, with memory for two
     */
    public Batches prefetched() {
        return new Batches(data, isAlongTime(), size, key, dropLast, change, changeKey, true);
    }

    private boolean isPrefetched() {
        return rooms.length > 1;
    }

    /**
     * Whether each epoch has an order of its own.
     *
     * @return false if the batches are in the order of the data
     */
    public boolean isShuffled() {
        return key != null;
    }

    /**
     * Whether a batch is some time steps of all sequences, rather than some examples.
     *
     * @return true if they come from {@link #alongTime}
     */
    public boolean isAlongTime() {
        return cut != data;
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
        int whole = cut.size() / size;
        return whole * size == cut.size() || dropLast ? whole : whole + 1;
    }

    /**
     * The batches of one epoch.
     *
     * @param epoch its number; each has an order of its own
     * @return to be iterated while no other epoch is
     */
    public Iterable<Batch> epoch(long epoch) {
        int[] order = key == null
                ? IntStream.range(0, cut.size()).toArray()
                : key.child(epoch).permutation(cut.size());
        Key changes = change == null ? null : changeKey.child(epoch);
        return () -> isPrefetched() ? new AheadCursor(order, changes) : new Cursor(order, changes);
    }

    private Batch make(int index, int[] order, Key changes) {
        Batch room = rooms[index % rooms.length];
        int from = index * size;
        int count = Math.min(size, order.length - from);
        Batch batch = count == room.x().dim(cut.xAxis())
                ? room
                : new Batch(Rows.part(room.x(), cut.xAxis(), count), Rows.part(room.y(), cut.yAxis(), count));
        BatchAxis.gather(cut.x(), cut.xAxis(), order, from, batch.x());
        BatchAxis.gather(cut.y(), cut.yAxis(), order, from, batch.y());
        return change == null
                ? batch
                : Objects.requireNonNull(change.apply(batch, changes.child(index)), "changed batch");
    }

    private class Cursor implements Iterator<Batch> {
        private final int[] order;
        private final Key changes;
        private int taken;

        Cursor(int[] order, Key changes) {
            this.order = order;
            this.changes = changes;
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
            return take(taken++);
        }

        Batch take(int index) {
            return make(index);
        }

        final Batch make(int index) {
            return Batches.this.make(index, order, changes);
        }
    }

    /** Begins with each batch when the one before is taken. */
    private final class AheadCursor extends Cursor {
        AheadCursor(int[] order, Key changes) {
            super(order, changes);
            if (ahead != null) { // of an epoch that was left: it still writes into a room
                try {
                    await(ahead);
                } catch (RuntimeException | Error e) {
                    // of a batch that nobody wants
                }
            }
            begin(0);
        }

        private void begin(int index) {
            ahead = null;
            if (index < perEpoch()) {
                ahead = new FutureTask<>(() -> make(index));
                Thread.ofVirtual().name("nn-batch-" + index).start(ahead);
            }
        }

        @Override
        Batch take(int index) {
            try {
                return await(ahead);
            } finally {
                begin(index + 1);
            }
        }
    }

    /** Waits even if interrupted, for it does not take long, and tells of the interruption afterwards. */
    private static Batch await(FutureTask<Batch> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case RuntimeException problem -> throw problem;
                        case Error problem -> throw problem;
                        default -> throw new IllegalStateException(e.getCause());
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
