package nn.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.activation.Activation;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;

/** Refuses to measure if a layer, a nonlinearity, a loss or an optimizer of the library has no row. */
final class Coverage {
    /** Classes without a row of their own, and why. */
    private static final Map<String, String> WITHOUT_ROW = Map.ofEntries(
            Map.entry("nn.layers.network.Network", "the training workloads are networks"),
            Map.entry("nn.layers.network.Masking", "hands lengths to its body, and computes nothing else"),
            Map.entry("nn.layers.network.LastValidStep", "the last step of sequences that have lengths"),
            Map.entry("nn.layers.shape.Flatten", "another view of the same numbers"),
            Map.entry("nn.layers.shape.Reshape", "another view of the same numbers"),
            Map.entry("nn.layers.dense.Embedding$Tied", "a dense layer with the matrix of an embedding"),
            Map.entry("nn.layers.activation.Activation", "applies a nonlinearity, and each of these has a row"),
            Map.entry("nn.init.nonlinearity.Linear", "returns its argument"),
            Map.entry("nn.init.nonlinearity.Custom", "a function of the user"),
            Map.entry("nn.train.optimizer.ParameterGroups", "chooses one of the optimizers"),
            Map.entry("nn.layers.attention.LearnedPositions", "adds a table to every sequence"),
            Map.entry("nn.layers.attention.SinusoidalPositions", "adds a table to every sequence"),
            Map.entry("nn.layers.graph.Graph", "runs the layers of its nodes"),
            Map.entry("nn.layers.graph.Formula$Nameless", "runs the operations of its formula"),
            Map.entry("nn.train.loss.JointLoss", "adds up the losses of its outputs"));

    private Coverage() {}

    static void check() {
        Set<String> missing = new TreeSet<>();
        for (Class<?> kind : List.of(Layer.class, Nonlinearity.class, Loss.class, Optimizer.class)) {
            missing.addAll(implementations(kind));
        }
        missing.removeAll(measured());
        missing.removeAll(WITHOUT_ROW.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no benchmark measures " + missing
                    + "; add a row to Part, RecurrentTask or OptimizerTask, or say in Coverage why not");
        }
    }

    private static Set<String> measured() {
        Set<Object> measured = new HashSet<>();
        Part.LOSSES.forEach(loss -> measured.add(Part.lossOf(loss, 1)));
        Part.LAYERS.forEach(layer -> measured.add(Part.of(layer + "-7x37").layer()));
        RecurrentTask.POLLUTION.forEach(name -> measured.add(((RecurrentTask) Task.of(name)).layer));
        OptimizerTask.names("2x3").forEach(name -> measured.add(((OptimizerTask) Task.of(name)).optimizer));
        return measured.stream()
                .map(object -> object instanceof Activation activation ? activation.nonlinearity() : object)
                .map(object -> object.getClass().getName())
                .collect(Collectors.toSet());
    }

    /** The names of all classes that are built into the library, of its directory of classes or its jar. */
    private static Set<String> implementations(Class<?> kind) {
        try {
            URI place = kind.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path path = Path.of(place);
            if (Files.isDirectory(path)) {
                return implementations(kind, path);
            }
            try (FileSystem jar = FileSystems.newFileSystem(path)) {
                return implementations(kind, jar.getPath("/"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> implementations(Class<?> kind, Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && file.contains("nn") && !file.contains("testing"))
                    .map(file -> file.substring(0, file.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .map(Coverage::load)
                    .filter(type -> kind.isAssignableFrom(type)
                            && !Modifier.isAbstract(type.getModifiers())
                            && !type.isAnonymousClass())
                    .map(Class::getName)
                    .collect(Collectors.toSet());
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Coverage.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
