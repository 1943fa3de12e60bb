package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import nn.tensor.Shape;
import org.junit.jupiter.api.Test;

class DimensionsTest {
    private static final String TOO_MANY = ": a tensor holds at most 2147418112 elements";

    private static Dimensions of(long... dims) {
        Dimensions all = new Dimensions();
        for (long dim : dims) {
            assertThat(all.add(dim)).isEmpty();
        }
        return all;
    }

    private static int[] ones(int n) {
        int[] ones = new int[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Test
    void dimensionsBecomeAShape() {
        assertThat(new Dimensions().shape()).isEqualTo(Shape.of());
        assertThat(of(2, 0, 3).shape()).isEqualTo(Shape.of(2, 0, 3));
        assertThat(of(Shape.MAX_SIZE).shape()).isEqualTo(Shape.of(Shape.MAX_SIZE));
    }

    @Test
    void anElementTooManyIsRefusedAndNothingIsAdded() {
        assertThat(new Dimensions().add(Shape.MAX_SIZE + 1L)).contains("dimension 0 is 2147418113" + TOO_MANY);
        assertThat(new Dimensions().add(1L << 31)).contains("dimension 0 is 2147483648" + TOO_MANY);
        assertThat(new Dimensions().add(Long.MAX_VALUE)).contains("dimension 0 is 9223372036854775807" + TOO_MANY);
        Dimensions some = of(65536, 0);
        assertThat(some.add(65536)).contains("dimension 2 is 65536 after [65536, 0]" + TOO_MANY);
        assertThat(some.add(2)).isEmpty();
        assertThat(some.shape()).isEqualTo(Shape.of(65536, 0, 2));
    }

    @Test
    void upTo16DimensionsBeforeAreListedAndMoreAreCounted() {
        Dimensions dims = new Dimensions();
        for (int i = 0; i < 16; i++) {
            dims.add(1);
        }
        assertThat(dims.add(1L << 40))
                .contains("dimension 16 is 1099511627776 after " + "[1, 1, 1, 1, 1, 1, 1, 1,"
                        + " 1, 1, 1, 1, 1, 1, 1, 1]" + TOO_MANY);
        dims.add(1);
        assertThat(dims.add(1L << 40)).contains("dimension 17 is 1099511627776 after 17 others" + TOO_MANY);
    }

    @Test
    void aFileHasAtMost255Dimensions() {
        Dimensions dims = new Dimensions();
        for (int i = 0; i < 255; i++) {
            assertThat(dims.add(1)).isEmpty();
        }
        assertThat(dims.add(1))
                .contains("dimension 255 is 1 after 255 others" + TOO_MANY + ", in at most 255 dimensions");
        Dimensions.requireReadable("t", Shape.of(ones(255)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimensions.requireReadable("t", Shape.of(ones(256))))
                .withMessage("t has 256 dimensions; a file holds at most 255: reshape it");
    }
}
