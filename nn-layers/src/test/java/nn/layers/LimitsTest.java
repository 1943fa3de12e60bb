package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Softmax;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Deep networks, small stacks, small heaps, many threads. */
class LimitsTest {
    private static final Key KEY = Key.of(43);

    /** Runs a task on a thread with a stack of 256 KB. */
    private static <T> T onASmallStack(Callable<T> task) throws ExecutionException, InterruptedException {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(null, future, "small stack", 256 * 1024);
        thread.start();
        return future.get();
    }

    @Tag("slow")
    @Test
    void aHundredThousandLayersTrainAStepOnAStackOf256Kilobytes() throws Exception {
        Tensor x = normal("x", 3, 2);
        double[] losses = onASmallStack(() -> {
            Network.Builder builder = Network.builder(KEY).input(2);
            for (int i = 0; i < 50_000; i++) {
                builder.layer("fc" + i, Dense.units(2).weight(Init.identity())).activation(Nonlinearity.LINEAR);
            }
            Network network = builder.build();
            assertThat(network.children()).hasSize(100_000);
            assertThat(network.outputShape(x.shape())).isEqualTo(x.shape());
            assertThat(network.summary()).contains("fc49999");
            Workspace workspace = new Workspace();
            Gradients gradients = new Gradients(network.parameters());
            double[] loss = new double[2];
            for (int step = 0; step < 2; step++) {
                workspace.begin(KEY.child(step));
                gradients.clear();
                Pass pass = network.forward(x, workspace);
                loss[step] = pass.output().dot(pass.output()) / 2;
                pass.pullback(pass.output().copy(), gradients);
                double rate = loss[0] / Math.pow(gradients.norm(), 2); // would halve a linear loss
                gradients.parameters().forEach(p -> p.value().addScaledInPlace((float) -rate / 2, gradients.of(p)));
            }
            return loss;
        });
        assertThat(losses[0]).isPositive();
        assertThat(losses[1]).isLessThan(losses[0]);
    }

    @Test
    void aThousandNestedNetworksTrainAStepOnAStackOf256Kilobytes() throws Exception {
        Tensor x = normal("x", 3, 2);
        onASmallStack(() -> {
            Network network = Network.builder(KEY)
                    .input(2)
                    .dense("fc", 2)
                    .batchNorm("bn")
                    .tanh()
                    .build();
            for (int i = 0; i < 1000; i++) {
                network = Network.builder(KEY.child(i))
                        .input(2)
                        .layer("in", network)
                        .dense("fc", 2, Init.identity())
                        .build();
            }
            assertThat(network.outputShape(x.shape())).isEqualTo(x.shape());
            assertThat(network.layersByPath()).hasSize(1 + 1000 * 2 + 3);
            assertThat(network.summary()).contains("in.in.in");
            assertThat(network.parameters()).hasSize(2 * 1001 + 4);
            Workspace workspace = new Workspace();
            Gradients gradients = new Gradients(network);
            workspace.begin(KEY);
            Pass pass = network.forward(x, workspace);
            pass.pullbackParameters(pass.output().copy(), gradients);
            assertThat(gradients.norm()).isPositive();
            assertThat(network.predict(x).isFinite()).isTrue();
            assertThat(Lsuv.standard().apply(network, x)).hasSize(1001);
            return network;
        });
    }

    @Tag("slow")
    @Test
    void aHundredThousandStepsRunIn64MegabytesAndATensorThatDoesNotFitIsRefusedWithItsSize() throws Exception {
        String path = Stream.of(Tensor.class, Init.class, Network.class, LimitsTest.class)
                .map(LimitsTest::place)
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-Xss256k",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        path,
                        SmallHeapMain.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("steps 100000 learned\n")
                .containsPattern(
                        "a tensor of shape \\[32768 x 16384] needs 2147483648 bytes, more than the heap's 6\\d+:"
                                + " make it smaller, or start Java with a larger -Xmx")
                .containsPattern("a tensor of shape \\[3000 x 3000] needs 36000000 bytes; of the heap's 6\\d+,"
                        + " \\d+ are free(, but not in one piece)? \\(Java heap space\\): release"
                        + " other tensors, make it smaller, or start Java with a larger -Xmx");
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(type.toString(), e);
        }
    }

    @Test
    void eightThreadsInferTheSameAsOne() throws Exception {
        Network network = Network.builder(KEY)
                .sequence(5)
                .lstm("lstm", 16)
                .layer("both", Bidirectional.of(Gru.units(8)).last())
                .dense("a", 32)
                .batchNorm("bn")
                .relu()
                .dropout("drop", 0.5)
                .layerNorm("ln")
                .dense("out", 4)
                .layer("softmax", new Softmax())
                .build();
        List<Tensor> inputs = new ArrayList<>();
        List<Tensor> expected = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            inputs.add(normal("x" + i, 7, 3, 5));
            expected.add(network.predict(inputs.get(i)));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Tensor>> outputs = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                Tensor x = inputs.get(i % 8);
                outputs.add(threads.submit(() -> network.predict(x)));
            }
            for (int i = 0; i < 400; i++) {
                assertThat(outputs.get(i).get()).isBitEqualTo(expected.get(i % 8));
            }
        }
    }

    @Test
    void aLayerLargerThanAnyArrayIsRefusedWithItsBytes() {
        assertThatThrownBy(() ->
                        Network.builder(KEY).input(65_536).dense("a", 65_536).build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("layer 'a': shape [65536 x 65536] has 4.295e+09 elements, 1.718e+10 bytes");
    }

    @Test
    void aLayerLargerThanTheHeapIsRefusedWithItsBytes() {
        long heap = Runtime.getRuntime().maxMemory();
        int rows = (int) Math.min(Integer.MAX_VALUE / 4096, heap / 4096 / 4 + 1);
        assumeThat(4L * 4096 * rows).as("an array can be larger than this heap").isGreaterThanOrEqualTo(heap);
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(rows).dense("a", 4096).build())
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layer 'a': a tensor of shape [" + rows + " x 4096] needs " + 4L * 4096 * rows
                        + " bytes, more than the heap's " + heap);
    }
}
