package nn.train;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Tensor;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Inference by ONNX Runtime: the network is compiled once, its output is written into a tensor that is there. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class OnnxTask {
    private static final String INPUT = "x";
    private static final String OUTPUT = "y";

    @Param("inference:mlp-1")
    public String task;

    private OrtSession session;
    private FloatBuffer values; // of the output
    private OnnxTensor x;
    private OnnxTensor y;
    private Map<String, OnnxTensor> inputs;
    private Map<String, OnnxTensor> outputs;

    @Setup
    public void prepare() throws OrtException {
        Task ours = Task.of(task);
        switch (ours) {
            case InferenceTask inference -> prepare(inference.x, network(inference), inference.x.dim(0), 10);
            case RecurrentTask r ->
                prepare(r.x, recurrent(r, (Recurrent) r.layer), r.x.dim(0), 1, r.x.dim(1), r.dy.dim(2));
            default -> throw new IllegalArgumentException("no model stands for '" + task + "'");
        }
        run();
        ours.run();
        float[] theirs = new float[values.capacity()];
        values.get(0, theirs);
        Task.compare(task, ours.result(), theirs);
    }

    private void prepare(Tensor input, byte[] model, long... shape) throws OrtException {
        int threads = Integer.getInteger("nn.threads", Runtime.getRuntime().availableProcessors());
        OrtEnvironment environment = environment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        session = environment.createSession(model, options);
        FloatBuffer given = floats(input.size()).put(input.toArray()).rewind();
        values = floats((int) Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        x = OnnxTensor.createTensor(environment, given, longs(input.shape().dims()));
        y = OnnxTensor.createTensor(environment, values, shape);
        inputs = Map.of(INPUT, x);
        outputs = Map.of(OUTPUT, y);
    }

    /** Creating it recurses deeply in some runs: on a thread with Java's usual stack of 1 MB the process ended. */
    private static OrtEnvironment environment() {
        Thread creator = new Thread(null, OrtEnvironment::getEnvironment, "onnx", 1L << 28);
        creator.start();
        try {
            creator.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        return OrtEnvironment.getEnvironment();
    }

    private static FloatBuffer floats(int size) {
        return ByteBuffer.allocateDirect(size * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static long[] longs(int[] dims) {
        return Arrays.stream(dims).asLongStream().toArray();
    }

    private static byte[] network(InferenceTask ours) {
        OnnxModel model = new OnnxModel(INPUT, ours.x.shape().dims(), OUTPUT);
        List<Layer> layers = List.copyOf(ours.network.children().values());
        String value = INPUT;
        for (int i = 0; i < layers.size(); i++) {
            String result = i == layers.size() - 1 ? OUTPUT : "value" + i;
            if (layers.get(i) instanceof Dense dense) {
                model.constant("w" + i, dense.weight().value(), dense.inputs(), dense.units());
                model.constant("b" + i, dense.bias().orElseThrow().value(), dense.units());
                model.node("Gemm", List.of(value, "w" + i, "b" + i), result, Map.of());
            } else {
                model.node("Relu", List.of(value), result, Map.of());
            }
            value = result;
        }
        return model.bytes();
    }

    private static byte[] recurrent(RecurrentTask ours, Recurrent layer) {
        List<Tensor> weights = List.copyOf(TorchWeights.of(layer).values());
        int units = layer.units();
        // the gates of PyTorch, in the order of ONNX: input, output, forget, candidate; update, reset, candidate
        int[] order = switch (layer) {
            case Rnn rnn -> new int[] {0};
            case Lstm lstm -> new int[] {0, 3, 1, 2};
            case Gru gru -> new int[] {1, 0, 2};
            default -> throw new IllegalArgumentException("no operator stands for " + layer);
        };
        UnaryOperator<Tensor> inOrder = weight -> reordered(weight, order);
        int rows = order.length * units;
        String operator = layer.getClass().getSimpleName().toUpperCase(Locale.ROOT);
        Map<String, Integer> attributes = new HashMap<>(Map.of("hidden_size", units));
        if (layer instanceof Gru) {
            attributes.put("linear_before_reset", 1); // the reset gate after the product, as PyTorch and we have it
        }
        return new OnnxModel(INPUT, ours.x.shape().dims(), OUTPUT)
                .constant("w", inOrder.apply(weights.get(0)), 1, rows, layer.inputs())
                .constant("r", inOrder.apply(weights.get(1)), 1, rows, units)
                .constant("b", both(inOrder.apply(weights.get(2)), inOrder.apply(weights.get(3))), 1, 2 * rows)
                .node(operator, List.of(INPUT, "w", "r", "b"), OUTPUT, attributes)
                .bytes();
    }

    private static Tensor reordered(Tensor weight, int[] order) {
        float[] values = weight.toArray();
        float[] result = new float[values.length];
        int part = values.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, order[i] * part, result, i * part, part);
        }
        return Tensor.of(result, weight.shape().dims());
    }

    private static Tensor both(Tensor first, Tensor second) {
        float[] values = Arrays.copyOf(first.toArray(), first.size() + second.size());
        System.arraycopy(second.toArray(), 0, values, first.size(), second.size());
        return Tensor.of(values, values.length);
    }

    @Benchmark
    public void run() throws OrtException {
        session.run(inputs, Set.of(), outputs).close();
    }

    @TearDown
    public void free() throws OrtException {
        x.close();
        y.close();
        session.close();
    }
}
