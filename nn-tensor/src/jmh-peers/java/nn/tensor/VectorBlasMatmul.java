package nn.tensor;

import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The Vector API implementation of netlib's BLAS; on one thread whatever the others have. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class VectorBlasMatmul extends PeerShapes {
    private static final JavaBLAS BLAS = JavaBLAS.getInstance();

    private float[] left;
    private float[] right;
    private float[] result;
    private String leftForm;
    private String rightForm;

    @Setup
    public void prepare() {
        if (!BLAS.getClass().getSimpleName().equals("VectorBLAS")) {
            throw new IllegalStateException("netlib chose " + BLAS.getClass().getName());
        }
        product = Product.of(shape);
        left = product.left().toArray();
        right = product.right().toArray();
        result = new float[product.m() * product.n()];
        leftForm = product.form() == Transposed.LEFT ? "T" : "N";
        rightForm = product.form() == Transposed.RIGHT ? "T" : "N";
        product.check(product());
    }

    /** C' = B' A': a matrix read column by column is its transpose read row by row. */
    @Benchmark
    public float[] product() {
        BLAS.sgemm(
                rightForm,
                leftForm,
                product.n(),
                product.m(),
                product.k(),
                1,
                right,
                rightColumns(),
                left,
                leftColumns(),
                0,
                result,
                product.n());
        return result;
    }
}
