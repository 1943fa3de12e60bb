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
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class BatchesTest {
    /** The targets of an epoch in order, each input checked to be beside its own. */
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
        assertThat(Arrays.stream(first).sorted().toArray()).isEqualTo(IntStream.range(0, 23).toArray());
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
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(10), 5).dropLast())).containsExactly(5, 5);
        assertThat(sizes(Batches.inOrder(DatasetTest.numbered(3), Integer.MAX_VALUE))).containsExactly(3);
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
    void badRequestsAreRefused() {
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
