package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringBuilder out = new StringBuilder();
    private long now;

    private ProgressLine line() {
        return new ProgressLine(out, () -> now);
    }

    private static StepReport report(long step, double loss) {
        return new StepReport(step, loss, 1, 0.001, 32);
    }

    @Test
    void theLineShowsEpochStepLossRateAndRemainingTime() {
        ProgressLine line = line();
        line.onStart(3, 100, 0);
        for (int step = 1; step <= 150; step++) {
            now += 10_000_000; // 100 steps a second
            line.onStep(report(step, 0.25));
        }
        assertThat(out).endsWith("\repoch 2/3  step 50/100  loss 0.2500  rate 0.00100  0:00:02 left");
        assertThat(out.chars().filter(c -> c == '\r').count()).isEqualTo(6); // four a second, for 1.5 s
    }

    @Test
    void aResumedEpochStartsAtItsNextStep() {
        ProgressLine line = line();
        line.onStart(2, 100, 60);
        now += 1_000_000_000; // a step a second
        line.onStep(report(461, 0.25));
        assertThat(out).endsWith("\repoch 1/2  step 61/100  loss 0.2500  rate 0.00100  0:02:19 left");
        for (int step = 62; step <= 200; step++) {
            line.onStep(report(400 + step, 0.25));
        }
        assertThat(out).contains("epoch 2/2  step 100/100").endsWith("0:00:00 left\n");
    }

    @Test
    void theLastStepIsShownAndEndsTheLine() {
        ProgressLine line = line();
        line.onStart(1, 2, 0);
        line.onStep(report(1, 0.5));
        assertThat(out).isEmpty();
        line.onStep(report(2, 0.5));
        assertThat(out).startsWith("\repoch 1/1  step 2/2").endsWith("0:00:00 left\n");
    }

    @Test
    void theLineIsErasedAtTheEndOfAnEpoch() {
        ProgressLine line = line();
        line.onStart(2, 1, 0);
        now += 1_000_000_000L;
        line.onStep(report(1, 0.5));
        int shown = out.length() - 1;
        line.onEpoch(
                new EpochReport(1, 0.5, 1, 0.001, 1, 32, 1, Double.NaN, new LinkedHashMap<>(), new LinkedHashMap<>()));
        assertThat(out).endsWith("left\r" + " ".repeat(shown) + "\r");
    }

    @Test
    void aFitThatEndsBeforeItsLastStepEndsTheLine() {
        ProgressLine line = line();
        line.onStart(2, 100, 0);
        line.onEnd(new History(List.of(), StopReason.CANCELLED));
        assertThat(out).isEmpty();
        now += 1_000_000_000L;
        line.onStep(report(1, 0.5));
        line.onEnd(new History(List.of(), StopReason.CANCELLED));
        assertThat(out).endsWith("left\n");
    }

    @Test
    void theLineHasAtMost79ColumnsAndOverwritesALongerOne() {
        ProgressLine line = line();
        int many = 1_234_567_890;
        line.onStart(many, many, 0);
        for (int step = 1; step <= 20; step++) {
            now += 1_000_000_000L;
            line.onStep(report(step, step % 2 == 0 ? 1 : -1.2345678e-300));
        }
        int previous = 0;
        for (String shown : out.substring(1).split("\r")) {
            assertThat(shown.length()).isLessThanOrEqualTo(79).isGreaterThanOrEqualTo(previous);
            previous = shown.stripTrailing().length();
        }
    }
}
