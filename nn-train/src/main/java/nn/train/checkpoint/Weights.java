package nn.train.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.internal.PathPattern;
import nn.train.internal.Texts;
import nn.train.internal.io.BinaryReader;
import nn.train.io.DataFormatException;

/**
 * Weights from elsewhere: of another program, of a model with other names, of a part of a model, or in several files.
 *
 * <pre>{@code
 * Weights weights = Weights.from(Path.of("model.safetensors"))      // or model.safetensors.index.json, or a stream
 *         .rename("module.encoder.*", "trunk.*")                    // from the names in the file to those of the model
 *         .without("head.");                                        // which stays as it is
 * System.out.print(weights.plan(model));                            // what would be taken, skipped, and is missing
 * weights.load(model);                                              // all of it, or nothing
 * }</pre>
 *
 * <p><b>Names.</b> All patterns are about the names of tensors in the file's {@link Layout}, after the renaming before.
 * A star stands for any characters, dots among them, and a dot at the end for everything below: {@code encoder.} is
 * {@code encoder.*}. Methods return a copy, and are applied in their order.
 *
 * <p><b>All or nothing.</b> What is selected must fit exactly: no tensor may be missing, one too many, or of another
 * shape. A program that leaves something out says so by {@link #only} or {@link #without}; otherwise a misspelt name
 * would leave a layer with random weights. The layers themselves are not compared, as {@link Checkpoint#loadWeights}
 * does for files of this library: another nonlinearity is not noticed.
 *
 * <p><b>Element types.</b> Half precision, bfloat16, doubles and whole numbers become the nearest float, as {@link
 * Safetensors} says. The first two are exact.
 *
 * <p><b>Shared parameters.</b> If layers of the model share a parameter, as a tied output does with its {@link
 * nn.layers.dense.Embedding}, the file may have it under the name of any of them. If it has several, their numbers must
 * be equal. A model that does not share what the file shares takes the tensor twice by {@link #repeat}.
 *
 * <p><b>Memory.</b> All tensors of the file are read, and those that are taken are copied before the first parameter
 * changes: as float32, the file and twice the model.
 */
public final class Weights {
    private static final String INDEX = ".json"; // the end of the name of an index of shards

    private final String source;
    private final Layout layout;
    private final SequencedMap<String, Named> tensors;
    private final List<Selection> selections;

    /** A tensor and its name in the file. */
    private record Named(String inFile, Tensor tensor) {}

    /** Patterns of names, and whether those are taken or left out. */
    private record Selection(List<PathPattern> patterns, boolean isTaken) {
        boolean takes(String name) {
            return patterns.stream().anyMatch(pattern -> pattern.matches(name)) == isTaken;
        }
    }

    private Weights(String source, Layout layout, SequencedMap<String, Named> tensors, List<Selection> selections) {
        this.source = source;
        this.layout = layout;
        this.tensors = tensors;
        this.selections = selections;
    }

    /**
     * Reads a file in the {@link Safetensors} format, or all files that an index names. The path may belong to any file
     * system, such as that of a zip archive.
     *
     * @param file a file; or an index, whose name ends in {@code .json}, with the files that it names next to it. Each
     *     tensor must be in the file that the index says, and in no other; its metadata are not read
     * @return its weights, in the layout that the file states, or else that of PyTorch
     * @throws DataFormatException if a file is malformed, or an index is wrong
     * @throws IOException if a file is missing or cannot be read
     */
    public static Weights from(Path file) throws IOException {
        String name = Objects.requireNonNull(file, "file").toString();
        if (!name.endsWith(INDEX)) {
            return of(Safetensors.read(file), name);
        }
        try (InputStream index = BinaryReader.open(file)) {
            return of(Shards.read(index, name, shard -> Safetensors.read(file.resolveSibling(shard))), name);
        }
    }

    /**
     * Reads a file in the {@link Safetensors} format from a stream.
     *
     * @param in the bytes of the file, to the end; not closed
     * @param name the name of the file, for messages
     * @return its weights, in the layout that the file states, or else that of PyTorch
     * @throws DataFormatException if it is malformed
     * @throws IOException if it cannot be read
     */
    public static Weights from(InputStream in, String name) throws IOException {
        return of(Safetensors.read(in, name), name);
    }

    /**
     * Reads a file in the {@link Safetensors} format from memory.
     *
     * @param bytes the bytes of the file
     * @return its weights, in the layout that the file states, or else that of PyTorch
     * @throws DataFormatException if it is malformed
     */
    public static Weights from(byte[] bytes) throws DataFormatException {
        String name = Objects.requireNonNull(bytes, "bytes").length + " bytes";
        try (InputStream in = new ByteArrayInputStream(bytes)) {
            return from(in, name);
        } catch (DataFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("memory can be read", e);
        }
    }

    /**
     * Reads a resource of the class path or of a module, in the {@link Safetensors} format. In a named module, a
     * resource in a package must be in an open one, as {@link Class#getResource} says.
     *
     * @param owner a class next to the resource
     * @param resource its name, as for {@link Class#getResourceAsStream}
     * @return its weights, in the layout that it states, or else that of PyTorch
     * @throws DataFormatException if it is malformed
     * @throws IOException if it is missing or cannot be read
     */
    public static Weights fromResource(Class<?> owner, String resource) throws IOException {
        Objects.requireNonNull(owner, "owner");
        try (InputStream in = owner.getResourceAsStream(Objects.requireNonNull(resource, "resource"))) {
            if (in == null) {
                throw new FileNotFoundException("there is no resource " + resource + " next to " + owner.getName()
                        + "; a name that begins with / is looked up from the root");
            }
            return from(in, resource);
        }
    }

    private static Weights of(Safetensors read, String source) throws DataFormatException {
        SequencedMap<String, Named> tensors = new LinkedHashMap<>();
        Checkpoint.weights(read, source).forEach((name, tensor) -> tensors.put(name, new Named(name, tensor)));
        return new Weights(source, Checkpoint.layout(read, source).orElse(Layout.TORCH), tensors, List.of());
    }

    /**
     * States the layout of the file, for one that does not.
     *
     * @param layout the names and axes of the tensors
     * @return a copy that reads them so
     */
    public Weights layout(Layout layout) {
        return new Weights(source, Objects.requireNonNull(layout, "layout"), tensors, selections);
    }

    /**
     * Renames tensors.
     *
     * <pre>{@code
     * Weights weights = Weights.from(file)
     *         .rename("model.layers.*", "block.*")
     *         .rename("module.*", "*")                              // a prefix removed
     *         .rename("*.gamma", "*.weight")
     *         .rename("lstm.*_l1*", "second.*_l0*");                // each star keeps its text
     * }</pre>
     *
     * @param from the names now: a name, or a pattern whose stars are as short as possible, the first star first; a dot
     *     at its end stands for {@code .*}
     * @param to their new names, with as many stars
     * @return a copy with the new names
     * @throws IllegalArgumentException if no tensor matches, the numbers of stars differ, or two tensors would have one
     *     name
     */
    public Weights rename(String from, String to) {
        return named("rename", from, to, false);
    }

    /**
     * Gives tensors a second name, so that a model that does not share two parameters takes both from one tensor.
     *
     * @param from the names now: a name, or a pattern as for {@link #rename}
     * @param to their second names, with as many stars
     * @return a copy with both names
     * @throws IllegalArgumentException if no tensor matches, the numbers of stars differ, or two tensors would have one
     *     name
     */
    public Weights repeat(String from, String to) {
        return named("repeat", from, to, true);
    }

    private Weights named(String method, String from, String to, boolean keeping) {
        PathPattern old = new PathPattern(from);
        PathPattern target = new PathPattern(to);
        String call = method + "(\"" + from + "\", \"" + to + "\")";
        if (old.stars() != target.stars()) {
            throw new IllegalArgumentException(call + ": the first pattern has " + stars(from, old)
                    + " and the second " + stars(to, target)
                    + "; each star of the second stands for the text of one of the first"
                    + (to.isEmpty() && from.endsWith(".") && old.stars() == 1
                            ? ". To take the prefix away: " + method + "(\"" + from + "*\", \"*\")"
                            : ""));
        }
        SequencedMap<String, Named> result = new LinkedHashMap<>();
        int matched = 0;
        for (String name : tensors.keySet()) {
            Optional<List<String>> stars = old.match(name);
            Named tensor = Objects.requireNonNull(tensors.get(name), name);
            if (stars.isEmpty() || keeping) {
                put(result, name, tensor, call);
            }
            if (stars.isPresent()) {
                put(result, target.fill(stars.get()), tensor, call);
                matched++;
            }
        }
        if (matched == 0) {
            throw new IllegalArgumentException(
                    call + ": no tensor of " + source + " matches; there are " + Texts.list(tensors.keySet()));
        }
        return new Weights(source, layout, result, selections);
    }

    private static String stars(String text, PathPattern pattern) {
        return pattern.stars()
                + (pattern.stars() == 1 ? " star" : " stars")
                + (text.endsWith(".") ? " (the dot at its end stands for '.*')" : "");
    }

    private static void put(SequencedMap<String, Named> result, String name, Named tensor, String call) {
        Named other = result.putIfAbsent(name, tensor);
        if (other != null) {
            throw new IllegalArgumentException(call + ": two tensors would be named '" + Texts.whole(name)
                    + "', those that the file names '" + Texts.whole(other.inFile()) + "' and '"
                    + Texts.whole(tensor.inFile()) + "'");
        }
    }

    /**
     * Takes some tensors, and leaves all others out: those of the file, and those that the model would need, whose
     * parameters stay as they are.
     *
     * @param patterns of the names of tensors; at least one
     * @return a copy that takes only these, of those that it took before
     * @throws IllegalArgumentException if there is no pattern
     */
    public Weights only(String... patterns) {
        return selecting(true, "only", patterns);
    }

    /**
     * Leaves some tensors out: those of the file, and those that the model would need, whose parameters stay as they
     * are.
     *
     * @param patterns of the names of tensors; at least one
     * @return a copy that takes only others, of those that it took before
     * @throws IllegalArgumentException if there is no pattern
     */
    public Weights without(String... patterns) {
        return selecting(false, "without", patterns);
    }

    private Weights selecting(boolean isTaken, String method, String... patterns) {
        if (Objects.requireNonNull(patterns, "patterns").length == 0) {
            throw new IllegalArgumentException(method + ": there is no pattern; give the name of a tensor, or a part of"
                    + " it such as 'encoder.' or '*.weight'");
        }
        List<Selection> more = new ArrayList<>(selections);
        more.add(new Selection(Stream.of(patterns).map(PathPattern::new).toList(), isTaken));
        return new Weights(source, layout, tensors, List.copyOf(more));
    }

    /**
     * Compares the weights with a model, which is not changed.
     *
     * @param model the model
     * @return what {@link #load} would do with each tensor
     * @throws IllegalArgumentException if a pattern of {@link #only} or {@link #without} matches no tensor of the file
     *     and none of the model, or a layer's {@link Layer#torchMapping} does not fit its parameters
     */
    public LoadPlan plan(Layer model) {
        return plan(match(model));
    }

    /**
     * Sets the parameters of a model that are not left out.
     *
     * @param model the model
     * @return what was done with each tensor
     * @throws IllegalArgumentException if a tensor is missing, one too many, of another shape, or has a value that is
     *     not finite or below the {@linkplain Parameter#minimum minimum} of its parameter; lists all of them; or as for
     *     {@link #plan}; the model is unchanged
     * @throws IllegalStateException if a step or a fit of the model runs; the model is unchanged
     */
    public LoadPlan load(Layer model) {
        Matching matching = match(model);
        if (!matching.problems().isEmpty()) {
            throw new IllegalArgumentException(source + " in the layout " + layout
                    + " does not fit the model, and nothing was changed:\n  "
                    + String.join("\n  ", matching.problems())
                    + "\nrename(...) maps names, without(...) leaves tensors out; plan(model) shows all of them");
        }
        matching.apply();
        return plan(matching);
    }

    private Matching match(Layer model) {
        SequencedMap<String, Tensor> byName = new LinkedHashMap<>();
        tensors.forEach((name, named) -> byName.put(name, named.tensor()));
        Matching matching = new Matching(
                byName,
                Objects.requireNonNull(model, "model"),
                layout,
                name -> selections.stream().allMatch(selection -> selection.takes(name)));
        for (Selection selection : selections) {
            for (PathPattern pattern : selection.patterns()) {
                if (matching.entries().stream().noneMatch(entry -> pattern.matches(entry.name()))) {
                    throw new IllegalArgumentException((selection.isTaken() ? "only" : "without") + ": '" + pattern
                            + "' matches no tensor of " + source + " or of the model; there are "
                            + Texts.list(matching.entries().stream()
                                    .map(LoadPlan.Entry::name)
                                    .toList()));
                }
            }
        }
        return matching;
    }

    private LoadPlan plan(Matching matching) {
        return new LoadPlan(matching.entries().stream()
                .map(entry -> {
                    Named named = tensors.get(entry.inFile());
                    String inFile = named == null ? "" : named.inFile();
                    return new LoadPlan.Entry(entry.name(), inFile, entry.shape(), entry.outcome(), entry.reason());
                })
                .toList());
    }

    /** Returns the source, the layout and the number of tensors. */
    @Override
    public String toString() {
        return source + " in the layout " + layout + ": " + tensors.size() + " tensors";
    }
}
