package nn.tensor;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Convolutions of LeNet, of a ResNet of 8 layers and depthwise ones, and the product of the same sizes: m = batch x
 * windows, n = outputs, k = taps x channels. A shape is the side of the images, channels, outputs, taps, stride,
 * padding and groups. A score is the billions of floating-point operations of a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class ConvolutionBenchmark {
    /** What is computed: the output, or a gradient. */
    public enum Direction {
        /** The output. */
        FORWARD,
        /** The gradient at the images. */
        INPUT,
        /** The gradient at the weight. */
        WEIGHT
    }

    /** Counts the floating-point operations of a call. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counter {
        /** Billions of operations. */
        public double gflops;
    }

    @Param({
        "28-1-6-5-1-0-1",
        "12-6-16-5-1-0-1",
        "28-1-16-3-1-1-1",
        "28-16-16-3-1-1-1",
        "28-16-32-3-2-1-1",
        "28-16-32-1-2-0-1",
        "14-32-32-3-1-1-1",
        "14-32-64-3-2-1-1",
        "14-32-64-1-2-0-1",
        "7-64-64-3-1-1-1",
        "28-32-32-3-1-1-32",
        "14-128-128-3-1-1-128"
    })
    public String shape;

    @Param({"32", "128"})
    public int batch;

    @Param
    public Direction direction;

    private Windows windows;
    private Tensor images;
    private Tensor weight;
    private Tensor output;
    private Tensor left; // the windows as rows of a matrix
    private Tensor right;
    private Tensor product;
    private double gflops;

    @Setup
    public void prepare(Pollution first) {
        String[] numbers = shape.split("-");
        int side = Integer.parseInt(numbers[0]);
        int channels = Integer.parseInt(numbers[1]);
        int outputs = Integer.parseInt(numbers[2]);
        int taps = Integer.parseInt(numbers[3]);
        int padding = Integer.parseInt(numbers[5]);
        int inGroup = channels / Integer.parseInt(numbers[6]);
        Windows.Axis axis = new Windows.Axis(taps, Integer.parseInt(numbers[4]), 1, padding, padding);
        windows = new Windows(axis, axis);
        images = random("images", batch, side, side, channels);
        weight = random("weight", taps, taps, inGroup, outputs);
        output = random("output", windows.outputShape(images.shape(), outputs).dims());
        int m = output.size() / outputs;
        int k = taps * taps * inGroup;
        left = random("left", m, k);
        right = random("right", k, outputs);
        product = random("product", m, outputs);
        gflops = 2e-9 * m * k * outputs;
    }

    private static Tensor random(String name, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(1).child(name).uniform(t, -1, 1);
        return t;
    }

    @Benchmark
    public void convolution(Counter counter) {
        switch (direction) {
            case FORWARD -> windows.convolveInto(images, weight, null, output);
            case INPUT -> windows.convolveInputGradInto(output, weight, images);
            case WEIGHT -> {
                weight.fill(0);
                windows.addConvolveWeightGrad(images, output, weight);
            }
        }
        counter.gflops += gflops;
    }

    @Benchmark
    public void product(Counter counter) {
        switch (direction) {
            case FORWARD -> left.matmulInto(right, Transposed.NONE, product);
            case INPUT -> product.matmulInto(right, Transposed.RIGHT, left);
            case WEIGHT -> left.matmulInto(product, Transposed.LEFT, right);
        }
        counter.gflops += gflops;
    }
}
