package nn.tensor;

import java.util.concurrent.TimeUnit;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
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

/** EJML's product, plain Java; on one thread whatever the others have. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class EjmlMatmul extends PeerShapes {
    private FMatrixRMaj left;
    private FMatrixRMaj right;
    private FMatrixRMaj result;

    @Setup
    public void prepare() {
        product = Product.of(shape);
        left = matrix(product.left());
        right = matrix(product.right());
        result = new FMatrixRMaj(product.m(), product.n());
        product.check(product().data);
    }

    private static FMatrixRMaj matrix(Tensor values) {
        return new FMatrixRMaj(values.dim(0), values.dim(1), true, values.toArray());
    }

    @Benchmark
    public FMatrixRMaj product() {
        return switch (product.form()) {
            case NONE -> CommonOps_FDRM.mult(left, right, result);
            case LEFT -> CommonOps_FDRM.multTransA(left, right, result);
            case RIGHT -> CommonOps_FDRM.multTransB(left, right, result);
        };
    }
}
