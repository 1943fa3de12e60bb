package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Loops in parts: for each element once, on however many threads there are. */
class ParallelLoopTest {
    @Test
    void eachElementIsProcessedOnce() {
        for (int n : new int[] {0, 1, 7, 1000, 40_000, 1_000_003}) {
            AtomicIntegerArray turns = new AtomicIntegerArray(n);
            ParallelLoop.run(n, (from, to) -> {
                assertThat(from).isLessThan(to);
                for (int i = from; i < to; i++) {
                    turns.incrementAndGet(i);
                }
            });
            for (int i = 0; i < n; i++) {
                assertThat(turns.get(i)).isEqualTo(1);
            }
        }
    }

    @Test
    void eachRowOfMuchWorkIsProcessedOnceByAPartOfItsOwnOrAnother() {
        for (int n : new int[] {0, 1, 2, 3, 32}) {
            AtomicIntegerArray turns = new AtomicIntegerArray(n);
            ParallelLoop.run(n, 1e9, (from, to) -> {
                assertThat(from).isLessThan(to);
                for (int i = from; i < to; i++) {
                    turns.incrementAndGet(i);
                }
            });
            for (int i = 0; i < n; i++) {
                assertThat(turns.get(i)).isEqualTo(1);
            }
        }
    }

    @Test
    void rowsOfLittleWorkStayOnTheCallersThread() {
        Thread caller = Thread.currentThread();
        ParallelLoop.run(1_000_000, 0.1, (from, to) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            assertThat(to - from).isEqualTo(1_000_000);
        });
    }

    @Test
    void fewElementsStayOnTheCallersThread() {
        Thread caller = Thread.currentThread();
        ParallelLoop.run(1000, (from, to) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            assertThat(to - from).isEqualTo(1000);
        });
    }

    @Test
    void exceptionsOfAPartAreThrown() {
        for (int n : new int[] {1, 1_000_000}) {
            assertThatThrownBy(() -> ParallelLoop.run(n, (from, to) -> {
                        throw new UnsupportedOperationException("part from " + from);
                    }))
                    .isExactlyInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("part from 0");
        }
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParallelLoop.run(-1, (from, to) -> {}))
                .withMessage("a loop over -1 elements; give 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParallelLoop.run(-1, 1, (from, to) -> {}))
                .withMessage("a loop over -1 elements; give 0 or more");
        assertThatNullPointerException()
                .isThrownBy(() -> ParallelLoop.run(3, 1, null))
                .withMessage("body");
        assertThatNullPointerException()
                .isThrownBy(() -> ParallelLoop.run(3, null))
                .withMessage("body");
    }
}
