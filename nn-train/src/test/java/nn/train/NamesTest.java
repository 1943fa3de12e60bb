package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.Init;
import nn.layers.Layer;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Exported types can be imported by {@code import nn.train.*} together with {@code java.util.*}. */
class NamesTest {
    private static final List<Class<?>> ONE_OF_EACH_MODULE =
            List.of(Tensor.class, Init.class, Layer.class, Trainer.class);

    @Test
    void noExportedTypeSharesItsNameWithOneOfJavaLangOrJavaUtil() throws IOException, URISyntaxException {
        Set<String> ours = new TreeSet<>();
        for (Class<?> type : ONE_OF_EACH_MODULE) {
            ours.addAll(exportedNames(type));
        }
        assertThat(ours).contains("Tensor", "Init", "Layer", "Trainer", "Dataset", "TrainingObserver");
        Set<String> theirs = new TreeSet<>();
        Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
        for (String name : List.of("java/lang", "java/util", "java/util/function")) {
            theirs.addAll(publicTypes(base, base.resolve(name), 1));
        }
        assertThat(theirs).contains("Object", "List", "Function", "Observer");
        theirs.retainAll(ours);
        assertThat(theirs).isEmpty();
    }

    private static Set<String> exportedNames(Class<?> type) throws IOException, URISyntaxException {
        Path place =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return publicTypes(place, place.resolve("nn"), Integer.MAX_VALUE);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return publicTypes(jar.getPath("/"), jar.getPath("/nn"), Integer.MAX_VALUE);
        }
    }

    /** Returns the simple names of the public types in a folder of class files, without internal packages. */
    private static Set<String> publicTypes(Path root, Path folder, int depth) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, depth)) {
            files.map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".class") && !file.contains("$") && !file.contains("-info"))
                    .filter(file -> !file.contains("/internal/"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .forEach(names::add);
        }
        return names.stream()
                .map(NamesTest::load)
                .filter(type -> Modifier.isPublic(type.getModifiers()))
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, NamesTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
