package nn.train.data;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxis;
import nn.train.internal.StableText;
import org.jspecify.annotations.Nullable;

/**
 * A data set cut into batches, epoch after epoch, along the axis that counts its examples. Epoch e takes the examples
 * in the order {@code key.child(e).permutation(n)}, so the order is known without running the epochs before.
 *
 * <p>Batches reuse the same few tensors: a batch is valid until the next one of its epoch is taken or the epoch ends.
 * An epoch has separate tensors while it runs and hands them to a later one at its end. So any number of epochs may run
 * at once, in nested loops or on several threads. An iterator is for one thread.
 */
public final class Batches {
    private final Dataset data;
    private final Dataset cut; // the same data, with the axis that batches are cut along
    private final int size;
    private final @Nullable Key key; // null: no shuffling
    private final boolean dropLast;
    private final @Nullable Augmenter augmenter; // null: none
    private final boolean prefetched;
    private final AtomicReference<Batch @Nullable []> spare = new AtomicReference<>(); // buffers of an ended epoch

    /** A random change of a batch, such as added noise or shifted images. */
    @FunctionalInterface
    public interface Augmentation {
        /**
         * Returns the batch to use instead.
         *
         * @param batch copies of the data, which may be changed in place
         * @param key names the randomness of this batch
         * @return the batch to use
         */
        Batch apply(Batch batch, Key key);
    }

    /** An augmentation, and the key of its randomness. */
    private record Augmenter(Augmentation augmentation, Key key) {
        Augmenter ofEpoch(long epoch) {
            return new Augmenter(augmentation, key.child(epoch));
        }

        Batch apply(Batch batch, int index) {
            return Objects.requireNonNull(
                    augmentation.apply(batch, key.child(index)),
                    () -> "the augmentation " + Description.of(augmentation) + " returned null for batch " + index);
        }
    }

    private Batches(
            Dataset data,
            boolean alongTime,
            int size,
            @Nullable Key key,
            boolean dropLast,
            @Nullable Augmenter augmenter,
            boolean prefetched) {
        this.data = data;
        this.cut = alongTime ? new Dataset(data.x(), data.y()) : data;
        this.size = size;
        this.key = key;
        this.dropLast = dropLast;
        this.augmenter = augmenter;
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
        this.prefetched = prefetched;
        spare.set(buffers());
    }

    /** Allocates the tensors of one epoch: two batches if they are prefetched, else one. */
    private Batch[] buffers() {
        int examples = Math.min(size, cut.size());
        Batch[] buffers = new Batch[prefetched ? 2 : 1];
        for (int i = 0; i < buffers.length; i++) {
            Tensor x = BatchRows.allocate(cut.x(), cut.xAxis(), examples);
            Tensor y = BatchRows.allocate(cut.y(), cut.yAxis(), examples);
            buffers[i] = new Batch(x, y);
        }
        return buffers;
    }

    /**
     * Returns batches in a new random order at each epoch; the last one may be smaller.
     *
     * @param data at least one example
     * @param size the number of examples in a batch, at least 1
     * @param key names the randomness
     * @return the batches
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches shuffled(Dataset data, int size, Key key) {
        Objects.requireNonNull(key, "key");
        return new Batches(Objects.requireNonNull(data, "data"), false, size, key, false, null, false);
    }

    /**
     * Returns batches in the order of the data; the last one may be smaller.
     *
     * @param data at least one example
     * @param size the number of examples in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches inOrder(Dataset data, int size) {
        return new Batches(Objects.requireNonNull(data, "data"), false, size, null, false, null, false);
    }

    /**
     * Returns batches of consecutive time steps of all sequences, in order, for a trainer that {@linkplain
     * nn.train.TrainerOptions#carryingStates carries states} through long sequences. The last one may have fewer steps.
     *
     * @param data sequences with a target at every step, {@linkplain Dataset#timeMajor time-major}
     * @param steps the number of steps in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if the data are not declared as time-major, there are no steps, or {@code steps}
     *     is below 1
     */
    public static Batches alongTime(Dataset data, int steps) {
        if (Objects.requireNonNull(data, "data").xAxis() != 1 || data.yAxis() != 1) {
            throw new IllegalArgumentException("batches along time need steps along the first axis of x "
                    + data.x().shape() + " and y " + data.y().shape() + "; declare them by Dataset.timeMajor(x, y)");
        }
        return new Batches(data, true, steps, null, false, null, false);
    }

    /**
     * Returns batches without the last one of an epoch if it is smaller than the others.
     *
     * @return the same batches, all of one size
     * @throws IllegalArgumentException if there are fewer examples than one batch holds
     */
    public Batches dropLast() {
        return new Batches(data, isAlongTime(), size, key, true, augmenter, prefetched);
    }

    /**
     * Returns batches that are augmented when they are taken, for example by noise. Replaces an earlier augmentation.
     *
     * @param augmentation applied to each batch; batch i of epoch e gets {@code key.child(e).child(i)}, whatever ran
     *     before
     * @param key names the randomness of the augmentation
     * @return augmented batches
     */
    public Batches augmented(Augmentation augmentation, Key key) {
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(key, "key");
        Augmenter augmenter = new Augmenter(augmentation, key);
        return new Batches(data, isAlongTime(), size, this.key, dropLast, augmenter, prefetched);
    }

    /**
     * Returns the same batches, prefetched: another thread makes each one while the one before it is used. This helps
     * if an {@linkplain #augmented augmentation} takes long. An exception from an augmentation is thrown by {@code
     * next()}, as without prefetching. Each thread makes one batch and ends, so an epoch may be left at any point, and
     * there is nothing to close.
     *
     * @return the same batches, prefetched, with memory for two
     */
    public Batches prefetched() {
        return new Batches(data, isAlongTime(), size, key, dropLast, augmenter, true);
    }

    /**
     * Returns whether each epoch has its own order.
     *
     * @return false if the batches are in the order of the data
     */
    public boolean isShuffled() {
        return key != null;
    }

    /**
     * Returns whether a batch has some time steps of all sequences, instead of some examples.
     *
     * @return true for batches {@link #alongTime}
     */
    public boolean isAlongTime() {
        return cut != data;
    }

    /**
     * Returns the data set that the batches are cut from.
     *
     * @return the data set
     */
    public Dataset dataset() {
        return data;
    }

    /**
     * Returns the number of batches in an epoch.
     *
     * @return at least 1
     */
    public int perEpoch() {
        int whole = cut.size() / size;
        return whole * size == cut.size() || dropLast ? whole : whole + 1;
    }

    /**
     * Returns the settings that decide the batches of an epoch, by name: the data (with a hash of all values), the
     * batch size, the order, and whether a smaller last batch is dropped. A trainer compares them to detect a training
     * that is resumed with other batches. An {@link Augmentation} is compared by its text, or by its class if it has
     * none. Whether batches are {@link #prefetched} makes no difference.
     *
     * @return texts by name, equal for batches that hold the same examples
     */
    public SequencedMap<String, String> fingerprint() {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        texts.put("data", data.fingerprint());
        texts.put("batch size", "" + size);
        texts.put("cut", isAlongTime() ? "along time" : "along the examples");
        texts.put("order", key == null ? "that of the data" : "shuffled by key " + key.hex());
        texts.put("last batch", dropLast ? "dropped if smaller" : "kept");
        texts.put(
                "augmentation",
                augmenter == null
                        ? "none"
                        : StableText.of(augmenter.augmentation()) + " by key "
                                + augmenter.key().hex());
        return texts;
    }

    /**
     * Returns the batches of one epoch.
     *
     * @param epoch its number, which decides the order of shuffled batches
     * @return the batches, to be iterated any number of times
     */
    public Iterable<Batch> epoch(long epoch) {
        return epoch(epoch, 0);
    }

    /**
     * Returns the batches of one epoch from a given one on; the ones before are not made.
     *
     * @param epoch its number, which decides the order of shuffled batches
     * @param first the number of the first batch, from 0 to {@link #perEpoch}, which leaves none
     * @return the batches, to be iterated any number of times
     * @throws IllegalArgumentException if {@code first} is out of its range
     */
    public Iterable<Batch> epoch(long epoch, int first) {
        if (first < 0 || first > perEpoch()) {
            throw new IllegalArgumentException(
                    "the first batch is number " + first + "; it must be from 0 to " + perEpoch());
        }
        int[] order = key == null
                ? IntStream.range(0, cut.size()).toArray()
                : key.child(epoch).permutation(cut.size());
        Augmenter ofEpoch = augmenter == null ? null : augmenter.ofEpoch(epoch);
        return () ->
                prefetched ? new PrefetchIterator(order, ofEpoch, first) : new BatchIterator(order, ofEpoch, first);
    }

    private class BatchIterator implements Iterator<Batch> {
        private final int[] order;
        private final @Nullable Augmenter augmenter;
        private final Batch[] buffers;
        private boolean ended; // and the buffers were handed back
        private int next;

        BatchIterator(int[] order, @Nullable Augmenter augmenter, int first) {
            this.order = order;
            this.augmenter = augmenter;
            this.next = first;
            Batch[] free = spare.getAndSet(null);
            this.buffers = free == null ? buffers() : free;
        }

        @Override
        public final boolean hasNext() {
            if (next < perEpoch()) {
                return true;
            }
            if (!ended) {
                spare.set(buffers);
                ended = true;
            }
            return false;
        }

        @Override
        public final Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch has " + perEpoch() + " batches");
            }
            return take(next++);
        }

        Batch take(int index) {
            return make(index);
        }

        final Batch make(int index) {
            Batch buffer = buffers[index % buffers.length];
            int from = index * size;
            int count = Math.min(size, order.length - from);
            Batch batch = count == buffer.x().dim(cut.xAxis())
                    ? buffer
                    : new Batch(
                            BatchRows.part(buffer.x(), cut.xAxis(), count),
                            BatchRows.part(buffer.y(), cut.yAxis(), count));
            BatchAxis.gather(cut.x(), cut.xAxis(), order, from, batch.x());
            BatchAxis.gather(cut.y(), cut.yAxis(), order, from, batch.y());
            return augmenter == null ? batch : augmenter.apply(batch, index);
        }
    }

    /** Starts to make each batch when the one before it is taken. */
    private final class PrefetchIterator extends BatchIterator {
        private @Nullable FutureTask<Batch> ahead; // the batch that is being prefetched; null after the last

        PrefetchIterator(int[] order, @Nullable Augmenter augmenter, int first) {
            super(order, augmenter, first);
            begin(first);
        }

        private void begin(int index) {
            ahead = null;
            if (index < perEpoch()) {
                FutureTask<Batch> task = new FutureTask<>(() -> make(index));
                Thread.ofVirtual().name("nn-batch-" + index).start(task);
                ahead = task;
            }
        }

        @Override
        Batch take(int index) {
            try {
                return await(Objects.requireNonNull(ahead, "no batch is being prefetched"));
            } finally {
                begin(index + 1);
            }
        }
    }

    /** Waits even if interrupted, because a batch does not take long, and restores the interrupt status. */
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
                        case null, default -> throw new IllegalStateException(e);
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
