package nn.tensor.internal.thread;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.VectorMatmul;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.warmup.OnlyCompiled;
import org.junit.jupiter.api.Test;

class CacheLinesTest {
    private static final int MEGABYTE = 1 << 20;

    /** An array with its header, 16 bytes, is as long as a region of G1: the heap by 2048 as a power of two. */
    @Test
    void aRegionIsTheHeapBy2048RoundedUpFrom1To32Megabytes() {
        assertThat(regionBytes(64L * MEGABYTE)).isEqualTo(MEGABYTE);
        assertThat(regionBytes(2048L * MEGABYTE)).isEqualTo(MEGABYTE);
        assertThat(regionBytes(2049L * MEGABYTE)).isEqualTo(2 * MEGABYTE);
        assertThat(regionBytes(6028L * MEGABYTE)).isEqualTo(4 * MEGABYTE);
        assertThat(regionBytes(1L << 40)).isEqualTo(32 * MEGABYTE);
        assertThat(regionBytes(Long.MAX_VALUE)).isEqualTo(32 * MEGABYTE);
    }

    private static long regionBytes(long heap) {
        return 16 + 4L * CacheLines.regionFloats(heap);
    }

    @Test
    void piecesAreZerosAtTheBeginningOfALineAndApart() {
        int whole = CacheLines.regionFloats();
        List<CacheLines.Piece> pieces = new ArrayList<>();
        int[] sizes = {1024, 1025, 4001, whole / 2, whole / 2, 1040, whole - CacheLines.FIRST, whole, whole + 7};
        for (int n : sizes) {
            CacheLines.Piece piece = CacheLines.zeros(n);
            assertThat(piece.offset() % CacheLines.FLOATS).isEqualTo(CacheLines.FIRST);
            for (int i = piece.offset(); i < piece.offset() + n; i++) {
                if (piece.array()[i] != 0) {
                    throw new AssertionError("element " + i + " of a piece of " + n + " is part of another one");
                }
                piece.array()[i] = 1 + pieces.size();
            }
            pieces.add(piece);
        }
        for (int p = 0; p < sizes.length; p++) {
            CacheLines.Piece piece = pieces.get(p);
            assertThat(piece.array()[piece.offset()]).isEqualTo(1f + p);
            assertThat(piece.array()[piece.offset() + sizes[p] - 1]).isEqualTo(1f + p);
        }
    }

    @Test
    void smallPiecesHaveAnArrayOfTheirOwn() {
        CacheLines.Piece piece = CacheLines.zeros(1000);
        assertThat(piece.offset()).isZero();
        assertThat(piece.array()).hasSize(1000);
    }

    @Test
    void anAlignedTensorIsZeroAndSharesNothing() {
        Tensor first = Tensor.aligned(Shape.of(100, 20));
        Tensor second = Tensor.aligned(Shape.of(100, 20));
        first.fill(3);
        assertThat(second).isBitEqualTo(Tensor.zeros(100, 20));
        assertThat(Tensor.aligned(Shape.of(0, 5)).size()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.aligned(Shape.of(Shape.ANY, 5)));
    }

    /** A product reads panels from a cache line on, in a buffer that a shorter product took before as well. */
    @Test
    void panelsAfterAShortBufferGiveTheSameBits() {
        for (int n : new int[] {3, 33, 300, 1100}) {
            float[] a = new float[130 * 300];
            float[] b = new float[300 * n];
            ScalarRandom.normal(1, 2, 0, a, 0, a.length);
            ScalarRandom.normal(3, 4, 0, b, 0, b.length);
            float[] vector = new float[130 * n];
            float[] scalar = new float[130 * n];
            Product p = Product.of(130, n, 300).rightTransposed();
            VectorMatmul.multiply(OnlyCompiled.tilesAnd(), p, a, b, vector, null);
            new ScalarKernels().matmul(Product.of(130, n, 300).rightTransposed(), a, b, scalar, null);
            assertThat(Tensor.of(vector, 130, n)).isBitEqualTo(Tensor.of(scalar, 130, n));
        }
    }
}
