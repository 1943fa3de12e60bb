package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RootsTest {
    private static final double SPACING = 1e-15;

    /** Its signs change at 2, 3, 50 and 950,000; not at 7, which it touches. */
    private static double polynomial(double x) {
        return (x - 2) * (x - 3) * (x - 7) * (x - 7) * (x - 50) * (x - 950_000);
    }

    @Test
    void everyChangeOfTheSignIsFoundToTheLastDigitUpToTheEnd() {
        double[] roots = Roots.all(RootsTest::polynomial, 1e-6, 1e6);
        assertThat(roots).hasSize(4).isSorted();
        double[] expected = {2, 3, 50, 950_000};
        for (int i = 0; i < 4; i++) {
            assertThat(roots[i]).isCloseTo(expected[i], within(expected[i] * SPACING));
        }
        assertThat(Roots.first(RootsTest::polynomial, 1e-6, 1e6)).isEqualTo(roots[0]);
        assertThat(Roots.last(RootsTest::polynomial, 1e-6, 1e6)).isEqualTo(roots[3]);
    }

    @Test
    void aRootOnTheGridIsOneOnlyIfTheSignsOnItsTwoSidesDiffer() {
        // 8 lengths in a decade: 1 is among them
        assertThat(Roots.all(x -> x - 1, 1, 100)).isEmpty();
        assertThat(Roots.all(x -> x < 1 ? -1 : x > 1 ? 1 : 0, 0.01, 100)).hasSize(1);
        assertThat(Roots.all(x -> (x - 1) * (x - 1), 0.01, 100)).isEmpty();
    }

    @Test
    void aFunctionWithoutAChangeOfSignHasNoRoot() {
        assertThat(Roots.first(x -> 1 + x, 1e-6, 1e6)).isNaN();
        assertThat(Roots.last(x -> 0, 1e-6, 1e6)).isNaN();
    }
}
