package nn.examples.claims;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleReader;
import java.lang.module.ResolvedModule;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Consumer;
import java.util.stream.Stream;
import nn.examples.experiment.Apparatus;
import nn.examples.experiment.Experiment;
import nn.tensor.Key;

/** Finds the claims and measures them. */
public final class Lab {
    private static final String FOLDER = Claim.class.getPackageName().replace('.', '/') + "/";
    private static final String CLASS = ".class";

    private Lab() {}

    /**
     * Returns all claims: every public class below the package of {@link Claim} that implements {@link Claim}. Works in
     * an image, on the module path and on the class path.
     *
     * @return by family, then by id
     * @throws IllegalStateException if two claims have the same id, or one cannot be created
     */
    public static List<Entry> claims() {
        List<Entry> entries = new ArrayList<>();
        try {
            for (String file : files()) {
                if (file.startsWith(FOLDER) && file.endsWith(CLASS) && !file.contains("$") && !file.contains("-")) {
                    String name =
                            file.substring(0, file.length() - CLASS.length()).replace('/', '.');
                    Class<?> type = Class.forName(name, false, Lab.class.getClassLoader());
                    if (Claim.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                        entries.add(Entry.of(make(type)));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the lab cannot list its own classes", e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a listed class does not exist", e);
        }
        Collections.sort(entries);
        Map<String, Entry> byId = new HashMap<>();
        for (Entry entry : entries) {
            Entry other = byId.put(entry.id(), entry);
            if (other != null) {
                throw new IllegalStateException("two claims are called " + entry.id() + ": "
                        + other.claim().getClass().getName() + " and "
                        + entry.claim().getClass().getName());
            }
        }
        return entries;
    }

    private static Claim make(Class<?> type) {
        try {
            return (Claim) type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "claim " + type.getName() + " must be a public class with a public constructor without arguments",
                    e);
        }
    }

    /** Returns the names of all files of this program, with slashes. */
    private static List<String> files() throws IOException {
        Module module = Lab.class.getModule();
        if (module.isNamed()) {
            ResolvedModule resolved = module.getLayer()
                    .configuration()
                    .findModule(module.getName())
                    .orElseThrow();
            try (ModuleReader reader = resolved.reference().open();
                    Stream<String> files = reader.list()) {
                return files.toList();
            }
        }
        return onClassPath();
    }

    private static List<String> onClassPath() throws IOException {
        Path place;
        try {
            place = Path.of(Lab.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (Files.isDirectory(place)) {
            return below(place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return below(jar.getPath("/"));
        }
    }

    private static List<String> below(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace(File.separatorChar, '/'))
                    .toList();
        }
    }

    /**
     * Measures claims, several at the same time. The id of a claim names its key, so it gives the same numbers alone
     * and among others, on any number of threads.
     *
     * @param entries the claims
     * @param seed names all randomness
     * @param quick whether to be fast rather than exact
     * @param threads number of threads
     * @param apparatus the parts of the experiments
     * @param done receives each result as it comes, in any order, one at a time
     * @return one result for each entry, in order
     */
    public static List<Result> run(
            List<Entry> entries, long seed, boolean quick, int threads, Apparatus apparatus, Consumer<Result> done) {
        Object lock = new Object();
        try (ForkJoinPool pool = new ForkJoinPool(threads)) {
            List<ForkJoinTask<Result>> tasks = new ArrayList<>();
            for (Entry entry : entries) {
                tasks.add(pool.submit(() -> {
                    Result result = measure(entry, seed, quick, apparatus);
                    synchronized (lock) {
                        done.accept(result);
                    }
                    return result;
                }));
            }
            return tasks.stream().map(ForkJoinTask::join).toList();
        }
    }

    private static Result measure(Entry entry, long seed, boolean quick, Apparatus apparatus) {
        Experiment e = new Experiment(Key.of(seed).child(entry.id()), quick, apparatus);
        String failure = "";
        try {
            entry.claim().measure(e);
            e.measurements();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError x) {
            failure = x.toString();
        }
        return new Result(
                entry,
                failure.isEmpty() ? e.measurements() : List.of(),
                e.drawings(),
                e.tables(),
                e.samples(),
                failure);
    }
}
