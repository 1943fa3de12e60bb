package nn.tensor;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Odd sizes of everything before anything is timed. A JVM that has seen one shape only compiles for that shape: such
 * figures are up to twice as good as those of a program.
 */
@State(Scope.Benchmark)
public class Pollution {
    private static final int[] SIZES = {1, 3, 5, 7, 17, 31, 33, 37, 63, 65, 127};
    private static final long COMPILING_MILLIS = 5000;
    private static boolean done;

    @Setup(Level.Trial)
    public void run() {
        if (done) {
            return;
        }
        for (int round = 0; round < 3; round++) {
            for (int m : SIZES) {
                elementwise(100, m);
                for (int n : SIZES) {
                    for (int k : SIZES) {
                        products(m, n, k);
                    }
                }
            }
        }
        elementwise(1000, 1 << 12); // so often that all of it is compiled
        sleep(); // until it has been: compilers at work halved the figures of the first rows
        done = true;
    }

    private static void sleep() {
        try {
            Thread.sleep(COMPILING_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while the compilers work", e);
        }
    }

    private static void products(int m, int n, int k) {
        Tensor a = Tensor.full(0.5f, m, k);
        Tensor b = Tensor.full(0.5f, k, n);
        Tensor c = a.matmul(b);
        a.matmulAddInto(b, Transposed.NONE, c);
        a.matmulAddInto(c, Transposed.LEFT, b);
        c.matmulAddInto(b, Transposed.RIGHT, a);
    }

    private static void elementwise(int repeats, int n) {
        for (int repeat = 0; repeat < repeats; repeat++) {
            Tensor x = Tensor.zeros(3, n);
            Tensor y = Tensor.zeros(3, n);
            Key.of(1).normal(x, 0, 1);
            Key.of(2).uniform(y, 0, 1);
            x.tanhInto(y);
            y.tanhGradInto(x, y);
            x.expInto(y);
            y.logInto(y);
            x.sigmoidInto(y);
            x.reluInto(y);
            y.reluGradInto(x, y);
            y.addInPlace(x);
            y.addRowInPlace(x.row(0));
            y.addSumOfRowsInto(x.row(1));
            if (Double.isNaN(x.sum())) {
                throw new IllegalStateException("odd sizes gave NaN");
            }
        }
    }
}
