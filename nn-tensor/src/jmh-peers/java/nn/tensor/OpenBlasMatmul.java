package nn.tensor;

import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** OpenBLAS, by the JavaCPP presets. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class OpenBlasMatmul extends PeerShapes {
    private FloatPointer left;
    private FloatPointer right;
    private FloatPointer result;
    private int leftForm;
    private int rightForm;

    @Setup
    public void prepare() {
        OpenBlas.setThreads();
        product = Product.of(shape);
        leftForm = form(product.form() == Transposed.LEFT);
        rightForm = form(product.form() == Transposed.RIGHT);
        left = new FloatPointer(product.left().toArray());
        right = new FloatPointer(product.right().toArray());
        result = new FloatPointer((long) product.m() * product.n());
        float[] values = new float[product.m() * product.n()];
        product().get(values);
        product.check(values);
    }

    private static int form(boolean transposed) {
        return transposed ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
    }

    @Benchmark
    public FloatPointer product() {
        openblas_nolapack.cblas_sgemm(
                openblas_nolapack.CblasRowMajor,
                leftForm,
                rightForm,
                product.m(),
                product.n(),
                product.k(),
                1,
                left,
                leftColumns(),
                right,
                rightColumns(),
                0,
                result,
                product.n());
        return result;
    }

    @TearDown
    public void free() {
        left.close();
        right.close();
        result.close();
    }
}
