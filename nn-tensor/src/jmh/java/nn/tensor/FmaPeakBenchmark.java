package nn.tensor;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
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

/**
 * Fused multiply-adds on registers alone: the most that this JVM gets out of this core, the denominator of products.
 * Measured in the same run, because clocks differ from run to run.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class FmaPeakBenchmark {
    /** Of one call, at every vector width up to 512 bits. */
    static final int FLOPS = 2 * 12 * 16 * 4096;

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /**
     * Two units of four cycles' latency have eight in flight, if each starts on time: with eight chains, figures fell
     * to 100 where twelve gave 174. With the factors these fit into 16 registers.
     */
    private static final int CHAINS = 12;

    /** Fields, so that nothing is known at compile time; every chain goes to 2. */
    public float half = 0.5f;

    public float one = 1f;

    /** Every other figure is divided by this one, so it must not be taken before the loop is compiled. */
    @Setup
    public void compile() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < 500_000_000L) {
            fma();
        }
    }

    @Benchmark
    public float fma() {
        return chains(FLOPS / (2 * CHAINS * SPECIES.length()), half, one);
    }

    private static float chains(int times, float factor, float summand) {
        FloatVector x = FloatVector.broadcast(SPECIES, factor);
        FloatVector y = FloatVector.broadcast(SPECIES, summand);
        FloatVector c0 = x;
        FloatVector c1 = y;
        FloatVector c2 = x.add(y);
        FloatVector c3 = x.sub(y);
        FloatVector c4 = x.neg();
        FloatVector c5 = y.neg();
        FloatVector c6 = x.mul(x);
        FloatVector c7 = x.add(x).add(y);
        FloatVector c8 = x.mul(y).add(x);
        FloatVector c9 = c8.add(y);
        FloatVector c10 = c9.neg();
        FloatVector c11 = c10.add(x);
        for (int i = 0; i < times; i++) {
            c0 = c0.fma(x, y);
            c1 = c1.fma(x, y);
            c2 = c2.fma(x, y);
            c3 = c3.fma(x, y);
            c4 = c4.fma(x, y);
            c5 = c5.fma(x, y);
            c6 = c6.fma(x, y);
            c7 = c7.fma(x, y);
            c8 = c8.fma(x, y);
            c9 = c9.fma(x, y);
            c10 = c10.fma(x, y);
            c11 = c11.fma(x, y);
        }
        return c0.add(c1)
                .add(c2.add(c3))
                .add(c4.add(c5).add(c6.add(c7)))
                .add(c8.add(c9).add(c10.add(c11)))
                .lane(0);
    }
}
