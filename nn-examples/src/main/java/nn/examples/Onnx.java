package nn.examples;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import nn.examples.report.OnnxReport;
import nn.examples.report.Paragraph;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.checkpoint.Checkpoint;
import nn.train.onnx.OnnxModel;

/** Shows what an ONNX file holds, writes a network of a checkpoint into one, and its weights into a checkpoint. */
final class Onnx extends Example {
    private static final int WIDTH = 80;

    Onnx() {
        super(
                "onnx",
                "what an ONNX file holds; to and from a checkpoint",
                new Option("--to", "FILE", "", "save the weights of the ONNX file as a checkpoint"),
                new Option("--channels-last", "", "", "read images with their channels last"),
                new Option("--net", "SIZES", "", "write the ONNX file: a network such as 64-32-10"),
                new Option("--act", "NAME", "relu", "of its hidden layers, such as tanh, gelu, selu"),
                new Option("--weights", "FILE", "", "its weights, from a checkpoint"),
                new Option("--json", "FILE", "", "write what the ONNX file holds, in JSON"));
    }

    @Override
    String words() {
        return "FILE";
    }

    @Override
    String wordsText() {
        return "the ONNX file";
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = file(arguments);
        Optional<Destination> json = destination(arguments, "--json");
        Optional<Destination> to = destination(arguments, "--to");
        if (arguments.has("--net")) {
            write(arguments, file);
        } else if (arguments.has("--weights")) {
            throw new UsageException("option --weights names the weights of a network that is written; describe it by"
                    + " --net, such as --net 64-32-10, or name with --to the checkpoint to be saved");
        }
        OnnxModel model = OnnxModel.read(file);
        model = arguments.has("--channels-last") ? model.withChannelsLast() : model;
        OnnxReport report = OnnxReport.of(model);
        terminal.print(narrow(report.text()));
        if (json.isPresent()) {
            json.get().write(report.json());
        }
        if (to.isPresent()) {
            Layer read = report.model()
                    .orElseThrow(() -> new UsageException("option --to: the weights of " + file
                            + " cannot be saved, because nn cannot read it; see above"));
            Checkpoint.saveWeights(to.get().path(), read);
            terminal.line("");
            terminal.line("saved the weights in %s", to.get().path());
        }
        return report.model().isPresent() ? 0 : 1;
    }

    private static Path file(Arguments arguments) {
        if (arguments.words().size() != 1) {
            throw new UsageException("name one ONNX file, such as 'nn onnx model.onnx'");
        }
        try {
            return Path.of(arguments.words().getFirst());
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "'" + arguments.words().getFirst() + "' is not a file name on this system (" + e.getReason() + ")");
        }
    }

    private static Optional<Destination> destination(Arguments arguments, String option) throws IOException {
        if (!arguments.has(option)) {
            return Optional.empty();
        }
        Destination destination = Destination.of(option, arguments);
        destination.requireFile("model");
        return Optional.of(destination);
    }

    private static void write(Arguments arguments, Path file) throws IOException {
        if (!arguments.has("--weights")) {
            throw new UsageException("option --net describes a network whose weights are in a checkpoint; name it by"
                    + " --weights FILE");
        }
        Network network = DescribedNetwork.of(arguments).draw(Key.of(0), Init.zeros(), Init.zeros());
        Checkpoint.loadWeights(arguments.path("--weights"), network);
        OnnxModel.of(network).write(file);
    }

    /** Breaks lines of more than 80 columns. */
    private static String narrow(String text) {
        List<String> lines = text.lines().toList();
        return lines.stream()
                .map(line -> line.length() <= WIDTH ? line + "\n" : Paragraph.of(margin(line), line))
                .collect(Collectors.joining());
    }

    private static String margin(String line) {
        return line.substring(0, line.length() - line.stripLeading().length());
    }
}
