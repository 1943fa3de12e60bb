package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.convolution.Convolution;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import nn.train.Difference;
import nn.train.checkpoint.Checkpoint;
import nn.train.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nn onnx} shows files, and takes weights from a checkpoint into a file and back. */
class OnnxTest {
    @TempDir
    Path folder;

    private record Outcome(int code, String text, String errors) {}

    private static Outcome onnx(Object... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder errors = new StringBuilder();
        Terminal terminal = new Terminal(out, StandardCharsets.UTF_8, errors, Optional.empty());
        List<String> all = Stream.concat(Stream.of("onnx"), Stream.of(words).map(Object::toString))
                .toList();
        int code = Main.run(all, terminal);
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), errors.toString());
    }

    private static Network network(long seed) {
        return Network.builder(Key.of(seed))
                .input(4)
                .dense("hidden1", 6)
                .activation(Nonlinearity.GELU)
                .dense("hidden2", 6)
                .activation(Nonlinearity.GELU)
                .dense("out", 3)
                .build();
    }

    @Test
    void theWeightsOfACheckpointGoIntoAFileAndBackWithTheSameBits() throws IOException {
        Network network = network(1);
        Path weights = folder.resolve("weights.nn");
        Path file = folder.resolve("model.onnx");
        Path back = folder.resolve("back.nn");
        Checkpoint.saveWeights(weights, network);
        Outcome written = onnx(file, "--net", "4-6x2-3", "--act", "gelu", "--weights", weights);
        assertThat(written.errors()).isEmpty();
        assertThat(written.code()).isZero();
        assertThat(written.text())
                .contains("written by nn, opset ", "input   input [? x 4]", "3 x Gemm", "nn reads it as a network:")
                .contains("hidden2", "Dense 6 -> 3")
                .doesNotContain("not read");
        assertThat(written.text().lines()).allMatch(line -> line.length() <= 80);

        assertThat(onnx(file, "--to", back).text()).endsWith("saved the weights in " + back.toAbsolutePath() + "\n");
        Network again = network(2);
        Checkpoint.loadWeights(back, again, Difference.values());
        network.parametersByPath()
                .forEach((path, parameter) -> assertThat(
                                again.parameter(path).value().toArray())
                        .as(path)
                        .isEqualTo(parameter.value().toArray()));
    }

    /** acosh(x), by an operator that is not read. */
    private record Acosh() implements Layer {
        @Override
        public Pass newPass() {
            throw new AssertionError("only described");
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public Value export(OperatorGraph graph, Value x) {
            return graph.elementwise("Acosh", x);
        }
    }

    @Test
    void whatCannotBeReadIsListed() throws IOException {
        Path file = folder.resolve("acosh.onnx");
        Path json = folder.resolve("acosh.json");
        OnnxModel.of(new Acosh(), Shape.of(Shape.ANY, 2)).write(file);
        Outcome outcome = onnx(file, "--json", json, "--to", folder.resolve("w.nn"));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.text())
                .contains("1 x Acosh   (not read)")
                .contains("nn cannot read it:")
                .contains("Acosh 'Acosh': this operator is not read");
        assertThat(outcome.errors()).contains("cannot be saved");
        assertThat(onnx(file).code()).isEqualTo(1);
        JsonNode data = new ObjectMapper().readTree(json.toFile());
        assertThat(data.get("read_as").asText()).isEqualTo("nothing");
        assertThat(data.get("operators").get("Acosh").asInt()).isEqualTo(1);
        assertThat(data.get("reasons")).isNotEmpty();
        assertThat(folder.resolve("w.nn")).doesNotExist();
    }

    @Test
    void aGraphIsReadAsOne() throws IOException {
        Graph.Builder builder = Graph.builder(Key.of(1));
        Node a = builder.input("a", 3);
        Node b = builder.input("b", 3);
        Path file = folder.resolve("graph.onnx");
        OnnxModel.of(builder.output("sum", a.plus(b)).build()).write(file);
        Outcome outcome = onnx(file);
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text()).contains("nn reads it as a graph, not as a network:", "2 inputs and 1 outputs");
    }

    @Test
    void imagesAreReadWithTheirChannelsLastIfThatIsAskedFor() throws IOException {
        Network classifier = Network.builder(Key.of(1))
                .input(Shape.of(Shape.ANY, 6, 5, 3))
                .layer("conv", Convolution.channels(4).kernel(3, 3))
                .relu()
                .layer("flatten", new Flatten())
                .dense("out", 2)
                .build();
        Path file = folder.resolve("images.onnx");
        OnnxModel.of(classifier).withChannelsSecond().write(file);
        assertThat(onnx(file).text()).contains("input   input [? x 3 x 6 x 5]", "permute");
        assertThat(onnx(file, "--channels-last").text())
                .contains("input   input [? x 6 x 5 x 3]")
                .doesNotContain("permute");
    }

    @Test
    void differencesToACheckpointAreAListWithALineEach() throws IOException {
        Network small = Network.builder(Key.of(1))
                .input(4)
                .dense("hidden1", 6)
                .relu()
                .dense("out", 3)
                .build();
        Path weights = folder.resolve("w");
        Checkpoint.saveWeights(weights, small);
        List<String> lines = onnx(folder.resolve("x.onnx"), "--net", "4-5-3", "--weights", weights)
                .errors()
                .lines()
                .toList();
        assertThat(lines.getFirst()).startsWith("nn onnx: ");
        assertThat(lines)
                .filteredOn(line -> line.matches(" {9}- .*\\[4 x 6\\].*"))
                .hasSize(1);
        assertThat(lines).filteredOn(line -> line.startsWith("         - ")).hasSizeGreaterThan(2);
    }

    @Test
    void wrongCallsAreRefused() throws IOException {
        Path file = Files.write(folder.resolve("no.onnx"), new byte[] {1, 2, 3});
        assertThat(onnx().errors()).contains("name one ONNX file");
        assertThat(onnx(file, file).errors()).contains("name one ONNX file");
        assertThat(onnx(file).errors()).contains("this is no ONNX");
        assertThat(onnx(folder.resolve("none.onnx")).code()).isEqualTo(2);
        assertThat(onnx(file, "--net", "4-3").errors()).contains("name it by --weights FILE");
        assertThat(onnx(file, "--weights", file).errors()).contains("describe it by --net");
        assertThat(onnx(file, "--net", "4", "--weights", file).errors()).contains("option --net is '4'");
    }
}
