package nn.train.data;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.StableText;
import org.jspecify.annotations.Nullable;

/**
 * A data set cut into batches, epoch after epoch, along the axis that counts its examples. Epoch e takes the examples
 * in the order {@code key.child(e).permutation(n)}, so the order is known without running the epochs before. Data that
 * do not fit into memory are {@linkplain #streamed(ExampleSource, int, int, Key) streamed}.
 *
 * <p>Batches reuse the same few tensors: a batch is valid until the next one of its epoch is taken or the epoch ends.
 * An epoch has separate tensors while it runs and hands them to a later one at its end. So any number of epochs may run
 * at once, in nested loops or on several threads. An iterator is for one thread.
 */
public final class Batches {
    private final Examples examples;
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
            Examples examples,
            int size,
            @Nullable Key key,
            boolean dropLast,
            @Nullable Augmenter augmenter,
            boolean prefetched) {
        this.examples = examples;
        this.size = size;
        this.key = key;
        this.dropLast = dropLast;
        this.augmenter = augmenter;
        if (examples.size() < 1) {
            throw new IllegalArgumentException(
                    "a data set of no examples (x is " + examples.likeness().x().shape() + ") has no batch");
        }
        if (size < 1) {
            throw new IllegalArgumentException("batch size is " + size + "; it must be 1 or more");
        }
        if (count() == 0) {
            throw new IllegalArgumentException("dropping the last batch of " + examples.size()
                    + " examples leaves none of " + size + "; take a smaller batch size, or keep it");
        }
        if (count() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an epoch of " + examples.size() + " examples has " + count()
                    + " batches of " + size + ", more than can be counted; take a larger batch size");
        }
        this.prefetched = prefetched;
        spare.set(buffers());
    }

    private Batches with(boolean dropping, @Nullable Augmenter augmenting, boolean prefetching) {
        return new Batches(examples, size, key, dropping, augmenting, prefetching);
    }

    /** Allocates the tensors of one epoch: two batches if they are prefetched, else one. */
    private Batch[] buffers() {
        int most = (int) Math.min(size, examples.size());
        Dataset like = examples.likeness();
        Batch[] buffers = new Batch[prefetched ? 2 : 1];
        for (int i = 0; i < buffers.length; i++) {
            Tensor x = BatchRows.allocate(like.x(), like.xAxis(), most);
            Tensor y = BatchRows.allocate(like.y(), like.yAxis(), most);
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
        return new Batches(inMemory(data), size, key, false, null, false);
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
        return new Batches(inMemory(data), size, null, false, null, false);
    }

    private static Examples inMemory(Dataset data) {
        return new Examples.InMemory(Objects.requireNonNull(data, "data"), data);
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
        Examples examples = new Examples.InMemory(data, new Dataset(data.x(), data.y()));
        return new Batches(examples, steps, null, false, null, false);
    }

    /**
     * Returns batches of examples that are read while an epoch runs, in the order of their source; the last one may be
     * smaller. Memory holds a batch at a time.
     *
     * @param source the examples
     * @param size the number of examples in a batch, at least 1
     * @return the batches; an epoch throws an {@link java.io.UncheckedIOException} if an example cannot be read, and an
     *     {@link IllegalArgumentException} if a number of it is not finite
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches streamed(ExampleSource source, int size) {
        return new Batches(streamed(source, size, size), size, null, false, null, false);
    }

    /**
     * Returns batches of examples that are read while an epoch runs, in a new random order at each epoch; the last one
     * may be smaller. Memory holds a window of them at a time: a window is read as a whole, and its examples are
     * shuffled among themselves. So examples of one batch are never further apart than a window is long: take a long
     * one, or a source that has been shuffled once. Window w of epoch e takes its n examples in the order {@code
     * key.child(e).child(w).permutation(n)}. A training is resumed, bit for bit, by opening the source at the window of
     * the next batch.
     *
     * @param source the examples
     * @param size the number of examples in a batch, at least 1
     * @param window the number of examples in memory, a multiple of {@code size}
     * @param key names the randomness
     * @return the batches; an epoch throws an {@link java.io.UncheckedIOException} if an example cannot be read, and an
     *     {@link IllegalArgumentException} if a number of it is not finite
     * @throws IllegalArgumentException if there are no examples, the size is below 1, or the window is not a multiple
     *     of it
     */
    public static Batches streamed(ExampleSource source, int size, int window, Key key) {
        Objects.requireNonNull(key, "key");
        return new Batches(streamed(source, size, window), size, key, false, null, false);
    }

    private static Examples streamed(ExampleSource source, int size, int window) {
        Objects.requireNonNull(source, "source");
        if (size >= 1 && (window < size || window % size != 0)) {
            throw new IllegalArgumentException(
                    "a window of " + window + " examples is not a multiple of the batch size, " + size + "; take "
                            + Math.max(1, window / size) * size);
        }
        return new Examples.Streamed(source, window, BatchRows.oneOf(source));
    }

    /**
     * Returns batches without the last one of an epoch if it is smaller than the others.
     *
     * @return the same batches, all of one size
     * @throws IllegalArgumentException if there are fewer examples than one batch holds
     */
    public Batches dropLast() {
        return with(true, augmenter, prefetched);
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
        return with(dropLast, new Augmenter(augmentation, key), prefetched);
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
        return with(dropLast, augmenter, true);
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
        return examples instanceof Examples.InMemory memory && memory.isAlongTime();
    }

    /**
     * Returns the source that the batches are read from.
     *
     * @return the source; empty if they are cut from a {@link #dataset}
     */
    public Optional<ExampleSource> source() {
        return examples instanceof Examples.Streamed streamed ? Optional.of(streamed.source()) : Optional.empty();
    }

    /**
     * Returns the data set that the batches are cut from.
     *
     * @return the data set
     * @throws IllegalStateException if they are read from a {@link #source}
     */
    public Dataset dataset() {
        if (examples instanceof Examples.InMemory memory) {
            return memory.data();
        }
        throw new IllegalStateException("these batches are streamed, so their data are not in memory; use source()");
    }

    /**
     * Returns the number of batches in an epoch.
     *
     * @return at least 1
     */
    public int perEpoch() {
        return (int) count();
    }

    private long count() {
        long whole = examples.size() / size;
        return whole * size == examples.size() || dropLast ? whole : whole + 1;
    }

    /**
     * Returns the settings that decide the batches of an epoch, by name: the data (with a hash of
     * all values, or the text of their source), the
     * batch size, the order, and whether a smaller last batch is dropped. A trainer compares them to detect a training
     * that is resumed with other batches. An {@link Augmentation} is compared by its text, or by its class if it has
     * none. Whether batches are {@link #prefetched} makes no difference.
     *
     * @return texts by name, equal for batches that hold the same examples
     */
    public SequencedMap<String, String> fingerprint() {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        texts.put("data", examples.fingerprint());
        texts.put("batch size", "" + size);
        texts.put("cut", isAlongTime() ? "along time" : "along the examples");
        texts.put(
                "order", key == null ? "that of the data" : "shuffled" + examples.shuffling() + " by key " + key.hex());
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
        Key ofEpoch = key == null ? null : key.child(epoch);
        Augmenter augmenting = augmenter == null ? null : augmenter.ofEpoch(epoch);
        return () -> {
            Examples.Ordered ordered = examples.order(ofEpoch);
            return prefetched
                    ? new PrefetchIterator(ordered, augmenting, first)
                    : new BatchIterator(ordered, augmenting, first);
        };
    }

    private class BatchIterator implements Iterator<Batch> {
        private final Examples.Ordered ordered;
        private final @Nullable Augmenter augmenter;
        private final Batch[] buffers;
        private boolean ended; // and the buffers were handed back
        private int next;

        BatchIterator(Examples.Ordered ordered, @Nullable Augmenter augmenter, int first) {
            this.ordered = ordered;
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
                ordered.close();
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
            long from = (long) index * size;
            int count = (int) Math.min(size, examples.size() - from);
            Dataset like = examples.likeness();
            Batch batch = count == buffer.x().dim(like.xAxis())
                    ? buffer
                    : new Batch(
                            BatchRows.part(buffer.x(), like.xAxis(), count),
                            BatchRows.part(buffer.y(), like.yAxis(), count));
            ordered.copy(from, batch);
            return augmenter == null ? batch : augmenter.apply(batch, index);
        }
    }

    /** Starts to make each batch when the one before it is taken. */
    private final class PrefetchIterator extends BatchIterator {
        private @Nullable FutureTask<Batch> ahead; // the batch that is being prefetched; null after the last

        PrefetchIterator(Examples.Ordered ordered, @Nullable Augmenter augmenter, int first) {
            super(ordered, augmenter, first);
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
