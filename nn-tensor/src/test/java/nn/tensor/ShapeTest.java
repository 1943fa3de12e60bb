package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void printsItsDimensionsAndAQuestionMarkForAFreeOne() {
        assertThat(Shape.of()).hasToString("[]");
        assertThat(Shape.of(4, 8)).hasToString("[4 x 8]");
        assertThat(Shape.of(Shape.ANY, 64)).hasToString("[? x 64]");
    }

    @Test
    void countsItsElements() {
        assertThat(Shape.of().size()).isEqualTo(1);
        assertThat(Shape.of(2, 3, 4).size()).isEqualTo(24);
        assertThat(Shape.of(0, 5).size()).isZero();
        assertThat(Shape.of(Shape.MAX_SIZE).size()).isEqualTo(Shape.MAX_SIZE);
        assertThat(Shape.of(1 << 20, 2047, 0).size()).isZero();
    }

    @Test
    void refusesMoreElementsThanAnArrayHoldsAndSaysHowManyBytesThatWouldBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(65536, 65536))
                .withMessageContaining("[65536 x 65536]")
                .withMessageContaining("4.295e+09 elements")
                .withMessageContaining("1.718e+10 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(1 << 30, 1 << 30, 1 << 30, 1 << 30, 1 << 30));
    }

    @Test
    void leavesRoomToCountInBlocksPastTheEnd() {
        assertThat(Shape.MAX_SIZE).isEqualTo(2_147_418_112);
        assertThat(Shape.MAX_SIZE + 65_535).isEqualTo(Integer.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(Shape.MAX_SIZE + 1))
                .withMessageContaining("a tensor holds at most 2147418112 elements");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(Integer.MAX_VALUE));
    }

    @Test
    void aDimensionOfZeroDoesNotHideOversizedOnes() {
        for (int[] dims : new int[][] {{50_000, 50_000, 0}, {0, 50_000, 50_000}, {50_000, 0, 50_000}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Shape.of(dims))
                    .withMessageContaining("has 2.500e+09 elements without the dimensions of 0");
        }
        assertThat(Shape.of(0, 5, 0).withoutFirst()).isEqualTo(Shape.of(5, 0));
    }

    @Test
    void refusesANegativeDimensionByAxis() {
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(3, -2)).withMessageContaining("dimension 1");
    }

    @Test
    void copiesItsDimensions() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    }

    @Test
    void countsAxesFromBothEnds() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.dim(0)).isEqualTo(2);
        assertThat(shape.dim(-1)).isEqualTo(4);
        assertThatIllegalArgumentException().isThrownBy(() -> shape.dim(3)).withMessageContaining("axis 3");
        assertThatIllegalArgumentException().isThrownBy(() -> shape.dim(-4));
    }

    @Test
    void aFreeDimensionMatchesEveryNumberButHasNoSize() {
        Shape free = Shape.of(Shape.ANY, 64);
        assertThat(free.matches(Shape.of(7, 64))).isTrue();
        assertThat(free.matches(Shape.of(7, 63))).isFalse();
        assertThat(free.matches(Shape.of(64))).isFalse();
        assertThatIllegalStateException().isThrownBy(free::size);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.zeros(free))
                .withMessageContaining("[? x 64]");
    }

    @Test
    void firstAndLastDimensionsCanBeReplaced() {
        assertThat(Shape.of(Shape.ANY, 8).withLast(3)).isEqualTo(Shape.of(Shape.ANY, 3));
        assertThat(Shape.of(5, 8).withoutFirst()).isEqualTo(Shape.of(8));
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of().withLast(1));
    }

    @Test
    void theNumberOfFeaturesIsChecked() {
        Shape shape = Shape.of(Shape.ANY, 8);
        assertThat(shape.requireFeatures("Scale", 8)).isSameAs(shape);
        for (Shape other : new Shape[] {Shape.of(8, 7), Shape.of(8, Shape.ANY), Shape.of()}) {
            assertThatExceptionOfType(ShapeException.class)
                    .isThrownBy(() -> other.requireFeatures("Scale", 8))
                    .withMessage("Scale: expected [... x 8], got " + other)
                    .satisfies(e -> assertThat(e.expected()).isEqualTo("[... x 8]"));
        }
    }
}
