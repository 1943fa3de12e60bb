package nn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.train.checkpoint.Child;
import org.junit.jupiter.api.Test;

/** Optimizers give the same bits by kernels of vectors and of plain Java, on any number of threads, interpreted too. */
class OptimizerBitsTest {
    private static final List<Optimizer> OPTIMIZERS = List.of(
            Lion.of(0.01).withWeightDecay(0.1),
            NAdam.of(0.01),
            RAdam.of(0.01),
            Adafactor.of(0.01),
            Muon.of(0.02),
            Muon.of(0.02).withScale(Muon.Scale.LIKE_ADAMW).withoutNesterov());
    private static final String LARGE = "large"; // enough for several threads

    /** Returns the first 64 bits of a hash of the parameter and the state, for each optimizer and shape. */
    private static List<Long> hashes(List<Shape> shapes) {
        List<Long> hashes = new ArrayList<>();
        for (Optimizer optimizer : OPTIMIZERS) {
            for (Shape shape : shapes) {
                Parameter p = MatrixOptimizerTest.parameter(shape);
                UpdateRule rule = optimizer.ruleFor(p);
                for (long step = 1; step <= 7; step++) {
                    rule.apply(MatrixOptimizerTest.gradient(shape, step), optimizer.rate(), step);
                }
                hashes.add(first(p.value().sha256()));
                rule.state().forEach(memory -> hashes.add(first(memory.sha256())));
            }
        }
        return hashes;
    }

    private static long first(String sha256) {
        return Long.parseUnsignedLong(sha256.substring(0, 16), 16);
    }

    private static List<Shape> shapes(boolean large) {
        return large
                ? List.of(Shape.of(301, 267), Shape.of(70, 501))
                : List.of(Shape.of(7, 19), Shape.of(19, 7), Shape.of(2, 3, 5, 4));
    }

    private static void assertSame(String option, boolean large) throws Exception {
        List<Long> here = hashes(shapes(large));
        assertThat(here).hasSizeGreaterThan(OPTIMIZERS.size()); // and so no empty loop
        try (Child child = Child.run(option, OptimizerBitsTest.class, large ? LARGE : "small")) {
            for (int i = 0; i < here.size(); i++) {
                assertThat(child.number()).as("hash %d", i).isEqualTo(here.get(i));
            }
        }
    }

    @Test
    void inTheInterpreter() throws Exception {
        assertSame("-Xint", false);
    }

    @Test
    void onOneThread() throws Exception {
        assertSame("-Dnn.threads=1", true);
    }

    @Test
    void onThreeThreads() throws Exception {
        assertSame("-Dnn.threads=3", true);
    }

    /** Prints the hashes. */
    public static void main(String[] arguments) {
        hashes(shapes(arguments[0].equals(LARGE))).forEach(System.out::println);
    }
}
