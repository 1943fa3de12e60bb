package nn.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import nn.train.TrainerOptions;
import nn.train.metric.Monitor;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Penalty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    @Test
    void schedulesCanBeMultipliedAndSequenced() {
        Schedule both = Schedule.warmUp(4).times(Schedule.step(2, 0.5));
        assertThat(both.factor(0, 0)).isEqualTo(0.25);
        assertThat(both.factor(2, 0)).isEqualTo(0.75 * 0.5);
        Schedule then = Schedule.warmUp(4).then(4, Schedule.step(2, 0.5));
        assertThat(then.factor(3, 0)).isEqualTo(1);
        assertThat(then.factor(5, 0)).isEqualTo(1);
        assertThat(then.factor(6, 0)).isEqualTo(0.5);
    }

    @Test
    void perEpochCountsEpochs() {
        Schedule schedule = Schedule.step(3, 0.5).perEpoch();
        assertThat(schedule.factor(1000, 2)).isEqualTo(1);
        assertThat(schedule.factor(0, 3)).isEqualTo(0.5);
        assertThat(Schedule.constant().factor(7, 7)).isEqualTo(1);
    }

    /** The number of epochs finished after 20 steps is not known, so the epochs from there cannot be counted. */
    @Test
    void aScheduleOfEpochsAfterOneOfStepsIsRefused() {
        Schedule perEpoch = Schedule.step(1, 0.5).perEpoch();
        for (Schedule next : List.of(
                perEpoch,
                perEpoch.times(Schedule.constant()),
                Schedule.warmUp(2).times(perEpoch),
                perEpoch.then(3, Schedule.constant()))) {
            refused(
                    () -> Schedule.constant().then(20, next),
                    "sequence schedule: the next, " + next + ", counts epochs, but it begins after 20 steps, and the"
                            + " number of epochs in them is not known; count both in epochs, first.then(epochs,"
                            + " next).perEpoch(), or multiply them, first.times(next)");
        }
        assertThat(perEpoch.then(20, Schedule.constant()).factor(19, 2)).isEqualTo(0.25);
        Schedule epochs = Schedule.constant().then(2, Schedule.step(1, 0.5)).perEpoch();
        assertThat(IntStream.range(0, 5).mapToDouble(epoch -> epochs.factor(10 * epoch + 9, epoch)))
                .containsExactly(1.0, 1.0, 1.0, 0.5, 0.25);
        Schedule warm = Schedule.warmUp(4).times(perEpoch);
        assertThat(warm.factor(1, 0)).isEqualTo(0.5);
        assertThat(warm.factor(25, 2)).isEqualTo(0.25);
    }

    /** The length of the third period would be 2^90 steps; it is 2^63 - 1. */
    @Test
    void restartsWithPeriodsBeyondLongStillWork() {
        Schedule schedule = Schedule.cosineRestarts(1L << 30, 1 << 30, 0);
        long begun = (1L << 30) + (1L << 60);
        assertThat(schedule.factor(begun, 0)).isEqualTo(1);
        assertThat(schedule.factor(begun + (1L << 61), 0)).isEqualTo((1 + StrictMath.cos(StrictMath.PI / 4)) / 2);
    }

    @Test
    void aScheduleStaysAtItsEnd() {
        assertThat(Schedule.cosine(10, 0.25).factor(1_000_000, 0)).isEqualTo(0.25);
        assertThat(Schedule.polynomial(10, 2).factor(11, 0)).isZero();
        assertThat(Schedule.polynomial(10, 1e-9).factor(10, 0)).isZero();
        assertThat(Schedule.linear(10, 1, 3).factor(11, 0)).isEqualTo(3);
        assertThat(Schedule.oneCycle(10).factor(1_000, 0))
                .isEqualTo(Schedule.oneCycle(10).factor(9, 0));
    }

    /** As of PyTorch's PolynomialLR: x^0 is 1 for every x, 0 included. */
    @Test
    void aPolynomialOfPowerZeroIsConstant() {
        for (long step : new long[] {0, 3, 4, 5, 1_000}) {
            assertThat(Schedule.polynomial(4, 0).factor(step, 0)).isEqualTo(1);
        }
    }

    @Test
    void aScheduleHasItsNumbersInItsText() {
        assertThat(Schedule.warmUp(4).times(Schedule.cosine(10, 0)).toString())
                .isEqualTo("Product[first=WarmUp[steps=4], second=Cosine[steps=10, floor=0.0]]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void invalidNumbersAreNamed(double bad) {
        refused(() -> Schedule.step(1, bad), "step schedule: decay is " + bad + "; it must be ");
        refused(() -> Schedule.exponential(bad), "step schedule: decay is " + bad);
        refused(() -> Schedule.milestones(bad, 1), "milestones schedule: decay is " + bad);
        refused(() -> Schedule.cosine(1, bad), "cosine schedule: floor is " + bad);
        refused(() -> Schedule.cosineRestarts(1, 1, bad), "cosine restarts schedule: floor is " + bad);
        refused(() -> Schedule.linear(1, bad, 1), "linear schedule: from is " + bad);
        refused(() -> Schedule.linear(1, 1, bad), "linear schedule: to is " + bad);
        refused(() -> Schedule.polynomial(1, bad), "polynomial schedule: power is " + bad);
        refused(() -> Plateau.of(bad, 1), "Plateau: factor is " + bad);
        refused(() -> new Plateau(0.5, 1, bad, 0, Monitor.LOSS), "Plateau: threshold is " + bad);
        refused(() -> new Plateau(0.5, 1, 0, bad, Monitor.LOSS), "Plateau: minFactor is " + bad);
        refused(() -> Clipping.norm(bad), "Clipping: max is " + bad);
        refused(() -> Clipping.value(bad), "Clipping: max is " + bad);
        refused(() -> Penalty.of(bad, 0), "Penalty: l1 is " + bad);
        refused(() -> Penalty.of(0, bad), "Penalty: l2 is " + bad);
    }

    @Test
    void invalidNumbersOfStepsAreNamed() {
        refused(() -> Schedule.step(0, 1), "step schedule: every is 0; it must be 1 or more");
        refused(() -> Schedule.warmUp(0), "warm-up schedule: steps is 0; it must be 1 or more");
        refused(() -> Schedule.cosine(-1, 0), "cosine schedule: steps is -1");
        refused(() -> Schedule.milestones(0.5, 1, -2), "milestones schedule: a milestone is -2");
        refused(() -> Schedule.oneCycle(4), "one-cycle schedule: steps is 4; it must be 5 or more");
        OneCycle cycle = Schedule.oneCycle(10);
        refused(() -> cycle.rise(0.1), "one-cycle schedule: rise is 0.1; it must be above 1 / 10 and below 1");
        refused(() -> cycle.rise(1), "one-cycle schedule: rise is 1.0; it must be above 1 / 10 and below 1");
        refused(
                () -> cycle.rise(0.6).inThreePhases(),
                "one-cycle schedule: rise is 0.6; it must be above 1 / 10 and at most 1/2 with three phases");
        refused(() -> cycle.startDivisor(0.5), "one-cycle schedule: startDivisor is 0.5; it must be 1 or more");
        refused(() -> cycle.endDivisor(0.5), "one-cycle schedule: endDivisor is 0.5; it must be 1 or more");
        refused(() -> Schedule.constant().then(-1, Schedule.constant()), "sequence schedule: steps is -1");
        refused(() -> Plateau.of(0.5, -1), "Plateau: patience is -1; it must be 0 or more");
        refused(() -> new Clipping.Norm(1, 0.5), "Clipping: p is 0.5; it must be 1 or more, or infinity");
        refused(
                () -> TrainerOptions.NONE.microBatch(-1),
                "microBatch is -1; it must be 1 or more, or 0 for whole batches");
    }

    private static void refused(Runnable make, String start) {
        assertThatIllegalArgumentException().isThrownBy(make::run).withMessageStartingWith(start);
    }
}
