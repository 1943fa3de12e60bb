package nn.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BatchesTest {
    /** Returns the targets of an epoch in order; requires each input to be next to its target. */
    private static int[] order(Batches batches, long epoch) {
        List<Integer> seen = new ArrayList<>();
        for (Batch batch : batches.epoch(epoch)) {
            DatasetTest.requirePairs(batch.x(), batch.y());
            Arrays.stream(DatasetTest.targets(batch.y())).forEach(seen::add);
        }
        return seen.stream().mapToInt(i -> i).toArray();
    }

    private static List<Integer> sizes(Batches batches) {
        List<Integer> sizes = new ArrayList<>();
        batches.epoch(0).forEach(b -> sizes.add(b.x().dim(0)));
        return sizes;
    }

    @Test
    void anEpochIsThePermutationOfItsKey() {
        Key key = Key.of(9);
        Batches batches = Batches.shuffled(DatasetTest.numbered(23), 5, key);
        int[] first = order(batches, 0);
        int[] second = order(batches, 1);
        assertThat(first).isEqualTo(key.child(0).permutation(23));
        assertThat(second).isEqualTo(key.child(1).permutation(23)).isNotEqualTo(first);
        assertThat(order(batches, 0)).isEqualTo(first);
        assertThat(Arrays.stream(first).sorted().toArray())
                .isEqualTo(IntStream.range(0, 23).toArray());
        assertThat(order(Batches.inOrder(DatasetTest.numbered(23), 5), 7))
                .isEqualTo(IntStream.range(0, 23).toArray());
    }

    @Test
    void theLastBatchIsSmallerOrDropped() {
        Batches batches = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9));
        assertThat(batches.perEpoch()).isEqualTo(5);
        assertThat(sizes(batches)).containsExactly(5, 5, 5, 5, 3);
        assertThat(batches.dropLast().perEpoch()).isEqualTo(4);
        assertThat(sizes(batches.dropLast())).containsExactly(5, 5, 5, 5);
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(10), 5))).containsExactly(5, 5);
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(10), 5).dropLast()))
                .containsExactly(5, 5);
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(3), Integer.MAX_VALUE)))
                .containsExactly(3);
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(3), 1))).containsExactly(1, 1, 1);
    }

    private static List<float[]> inputs(Batches batches) {
        List<float[]> inputs = new ArrayList<>();
        batches.epoch(0).forEach(b -> inputs.add(b.x().toArray()));
        return inputs;
    }

    @Test
    void timeMajorDataAreCutAlongTheExamplesOrAlongTime() {
        Dataset data = Dataset.timeMajor(DatasetTest.steps(4), DatasetTest.steps(4));
        Batches examples = Batches.inOrder(data, 3);
        assertThat(examples.isAlongTime()).isFalse();
        assertThat(examples.perEpoch()).isEqualTo(2);
        assertThat(inputs(examples))
                .containsExactly(new float[] {0, 1, 2, 10, 11, 12, 20, 21, 22}, new float[] {3, 13, 23});
        Batches time = Batches.alongTime(data, 2);
        assertThat(time.isAlongTime()).isTrue();
        assertThat(time.dataset()).isSameAs(data);
        assertThat(inputs(time))
                .containsExactly(new float[] {0, 1, 2, 3, 10, 11, 12, 13}, new float[] {20, 21, 22, 23});
        assertThat(inputs(time.prefetched())).containsExactlyElementsOf(inputs(time));
        assertThat(inputs(time.dropLast())).containsExactly(new float[] {0, 1, 2, 3, 10, 11, 12, 13});
        for (Dataset other : List.of(
                new Dataset(DatasetTest.steps(4), DatasetTest.steps(4)),
                Dataset.timeMajorInputs(DatasetTest.steps(4), Tensor.zeros(4)),
                new Dataset(Tensor.zeros(4), DatasetTest.steps(4), 0, 1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Batches.alongTime(other, 2))
                    .withMessageStartingWith("batches along time need steps along the first axis of x ")
                    .withMessageEndingWith("declare them by Dataset.timeMajor(x, y)");
        }
    }

    @Test
    void theFingerprintNamesEverythingThatDecidesTheBatches() {
        Dataset data = DatasetTest.numbered(4);
        Batches plain = Batches.inOrder(data, 2);
        assertThat(plain.isShuffled()).isFalse();
        assertThat(plain.fingerprint())
                .containsEntry("data", data.fingerprint())
                .containsEntry("batch size", "2")
                .containsEntry("cut", "along the examples")
                .containsEntry("order", "that of the data")
                .containsEntry("last batch", "kept")
                .containsEntry("augmentation", "none");
        Key key = Key.of(9);
        Batches shuffled = Batches.shuffled(data, 2, key);
        assertThat(shuffled.isShuffled()).isTrue();
        assertThat(shuffled.dropLast()
                        .augmented(BatchesTest::withNoise, Key.of(3))
                        .fingerprint())
                .containsEntry("order", "shuffled by key " + key.hex())
                .containsEntry("last batch", "dropped if smaller")
                .hasEntrySatisfying(
                        "augmentation",
                        text -> assertThat(text).endsWith(" by key " + Key.of(3).hex()));
        assertThat(Batches.alongTime(Dataset.timeMajor(DatasetTest.steps(4), DatasetTest.steps(4)), 2)
                        .fingerprint())
                .containsEntry("cut", "along time");
    }

    @Test
    @Timeout(60) // only against a batch that is never made
    void anInterruptWhileABatchIsMadeIsKeptForTheCaller() {
        Thread taker = Thread.currentThread();
        taker.interrupt();
        Iterator<Batch> iterator = Batches.inOrder(DatasetTest.numbered(20), 4)
                .augmented(
                        (batch, key) -> {
                            while (taker.isInterrupted()) { // until it waits
                                Thread.onSpinWait();
                            }
                            return batch;
                        },
                        Key.of(3))
                .prefetched()
                .epoch(0)
                .iterator();
        assertThat(iterator.next().y().get(0)).isZero();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static List<String> prints(Batches batches, long epoch) {
        List<String> prints = new ArrayList<>();
        batches.epoch(epoch).forEach(b -> prints.add(b.x().sha256() + b.y().sha256()));
        return prints;
    }

    private static Batch withNoise(Batch batch, Key key) {
        Tensor noise = Tensor.zeros(batch.x().shape());
        key.normal(noise, 0, 1);
        batch.x().addInPlace(noise);
        return batch;
    }

    @Test
    void prefetchedBatchesAreTheSameInTheSameOrder() {
        Batches plain = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9));
        Batches noisy = plain.augmented(BatchesTest::withNoise, Key.of(3));
        assertThat(prints(noisy, 0)).isNotEqualTo(prints(plain, 0));
        for (Batches batches : List.of(plain, plain.dropLast(), noisy, noisy.dropLast())) {
            for (long epoch = 0; epoch < 3; epoch++) {
                assertThat(prints(batches.prefetched(), epoch))
                        .isEqualTo(prints(batches, epoch))
                        .hasSize(batches.perEpoch());
            }
        }
        assertThat(prints(noisy.prefetched().dropLast(), 1)).isEqualTo(prints(noisy.dropLast(), 1));
    }

    @Test
    @Timeout(60) // only against a batch that is never made
    void aBatchKeepsItsValuesWhileTheNextIsPrefetched() throws InterruptedException {
        Batches plain = Batches.inOrder(DatasetTest.numbered(20), 4);
        List<String> expected = prints(plain, 0);
        Semaphore made = new Semaphore(0); // one permit for each batch that is filled
        Batches prefetched = plain.augmented(
                        (batch, key) -> {
                            made.release();
                            return batch;
                        },
                        Key.of(3))
                .prefetched();
        List<String> seen = new ArrayList<>();
        for (Batch batch : prefetched.epoch(0)) {
            if (seen.size() < 4) {
                made.acquire(seen.isEmpty() ? 2 : 1); // until the next one is filled
            }
            seen.add(batch.x().sha256() + batch.y().sha256());
        }
        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void anAbandonedEpochDisturbsNoOther() {
        Batches batches = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9))
                .augmented(
                        (batch, key) -> {
                            Thread.yield();
                            return withNoise(batch, key);
                        },
                        Key.of(3))
                .prefetched();
        List<String> expected = prints(batches, 1);
        for (int i = 0; i < 50; i++) {
            batches.epoch(0).iterator().next();
            assertThat(prints(batches, 1)).isEqualTo(expected);
        }
    }

    @Test
    void anErrorOfAnAugmentationIsThrownWhereTheBatchIsTaken() {
        IllegalStateException problem = new IllegalStateException("the third");
        Batches plain = Batches.inOrder(DatasetTest.numbered(20), 4)
                .augmented(
                        (batch, key) -> {
                            if (batch.y().get(0) == 8) {
                                throw problem;
                            }
                            return batch;
                        },
                        Key.of(3));
        for (Batches batches : List.of(plain, plain.prefetched())) {
            Iterator<Batch> iterator = batches.epoch(0).iterator();
            iterator.next();
            iterator.next();
            Assertions.assertThatThrownBy(iterator::next).isSameAs(problem);
            assertThat(iterator.next().y().get(0)).isEqualTo(12);
            assertThat(iterator.next().y().get(0)).isEqualTo(16);
            assertThat(iterator.hasNext()).isFalse();
        }
    }

    @Test
    void anInterruptedThreadStillGetsItsBatchAndStaysInterrupted() {
        Iterator<Batch> iterator = Batches.inOrder(DatasetTest.numbered(20), 4)
                .prefetched()
                .epoch(0)
                .iterator();
        Thread.currentThread().interrupt();
        assertThat(iterator.next().y().get(0)).isZero();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void allBatchesShareTheirMemory() {
        Set<float[]> arrays = new HashSet<>();
        Batches batches = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9));
        for (long epoch = 0; epoch < 3; epoch++) {
            batches.epoch(epoch).forEach(b -> arrays.add(b.x().array()));
        }
        assertThat(arrays).hasSize(1);
    }

    @Test
    void epochsInNestedLoopsDoNotDisturbEachOther() {
        Batches plain = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9));
        for (Batches batches : List.of(plain, plain.prefetched())) {
            List<String> inner = prints(plain, 1);
            List<String> outer = prints(plain, 0);
            List<String> seen = new ArrayList<>();
            for (Batch batch : batches.epoch(0)) {
                assertThat(prints(batches, 1)).isEqualTo(inner);
                seen.add(batch.x().sha256() + batch.y().sha256());
            }
            assertThat(seen).isEqualTo(outer);
        }
    }

    @Test
    void epochsOnSeveralThreadsDoNotDisturbEachOther() {
        Batches plain = Batches.shuffled(DatasetTest.numbered(23), 2, Key.of(9));
        List<List<String>> expected =
                IntStream.range(0, 8).mapToObj(epoch -> prints(plain, epoch)).toList();
        for (Batches batches : List.of(plain, plain.prefetched())) {
            for (int round = 0; round < 20; round++) {
                List<List<String>> seen = IntStream.range(0, 8)
                        .parallel()
                        .mapToObj(epoch -> prints(batches, epoch))
                        .toList();
                assertThat(seen).isEqualTo(expected);
            }
        }
    }

    @Test
    void anEpochStartsAtAnyBatchWithoutMakingEarlierOnes() {
        List<Key> made = new ArrayList<>();
        Batches noisy = Batches.shuffled(DatasetTest.numbered(23), 5, Key.of(9))
                .augmented(
                        (batch, key) -> {
                            made.add(key);
                            return withNoise(batch, key);
                        },
                        Key.of(3));
        List<String> whole = prints(noisy, 2);
        for (int first = 0; first <= 5; first++) {
            made.clear();
            List<String> rest = new ArrayList<>();
            noisy.epoch(2, first).forEach(b -> rest.add(b.x().sha256() + b.y().sha256()));
            assertThat(rest).isEqualTo(whole.subList(first, 5));
            assertThat(made).hasSize(5 - first);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> noisy.epoch(2, 6))
                .withMessage("the first batch is number 6; it must be from 0 to 5");
    }

    @Test
    void anAugmentationThatReturnsNullIsNamed() {
        Batches none = Batches.inOrder(DatasetTest.numbered(4), 2).augmented((batch, key) -> null, Key.of(1));
        Assertions.assertThatNullPointerException()
                .isThrownBy(() -> none.epoch(0).iterator().next())
                .withMessage("the augmentation a lambda returned null for batch 0");
    }

    @Test
    void impossibleSizesAreRefused() {
        Dataset data = DatasetTest.numbered(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.inOrder(data, 0))
                .withMessage("batch size is 0; it must be 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.inOrder(new Dataset(Tensor.zeros(0, 3), Tensor.zeros(0)), 1))
                .withMessage("a data set of no examples (x is [0 x 3]) has no batch");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.inOrder(data, 5).dropLast())
                .withMessageContaining("leaves none of 5");
        Iterator<Batch> iterator = Batches.inOrder(data, 4).epoch(0).iterator();
        iterator.next();
        Assertions.assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
    }
}
