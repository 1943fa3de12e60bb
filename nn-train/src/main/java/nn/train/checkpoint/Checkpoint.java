package nn.train.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.Difference;
import nn.train.EpochReport;
import nn.train.History;
import nn.train.StopReason;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.data.Preprocessing;
import nn.train.internal.InputChecks;
import nn.train.internal.ModelText;
import nn.train.internal.Texts;
import nn.train.internal.io.AtomicFile;
import nn.train.io.DataFormatException;

/**
 * Saves and loads models and unfinished trainings in {@link Safetensors} files.
 *
 * <pre>{@code
 * Checkpoint.save(file, trainer);                   // all that is needed to resume; see also everyEpoch
 * Checkpoint.resume(file, trainer);                 // resumes, bit for bit, in a trainer built in the same way
 *
 * Checkpoint.saveWeights(file, network);            // the model alone
 * Checkpoint.loadWeights(file, network);            // into a model of the same architecture; also from a training
 * Checkpoint.saveWeights(file, network, Layout.TORCH);   // model.load_state_dict(load_file("file"))
 * }</pre>
 *
 * <p>A file is replaced as a whole, its predecessor is kept as {@code .previous}, and it has a checksum: see {@link
 * Safetensors#write}. A file that does not fit the model or the trainer is refused with a list of all differences, and
 * nothing is changed. That includes other shapes, and another architecture, loss, optimizer, option or key, unless the
 * caller accepts that {@link Difference}.
 *
 * <p>Besides tensors, a file has texts that describe its content ({@link Safetensors#metadata}):
 *
 * <table>
 * <caption>Texts</caption>
 * <tr><th>name</th><th>text</th></tr>
 * <tr><td>{@code nn}</td><td>{@code weights 1} or {@code training 1}: the content, and the version of its
 * format</td></tr>
 * <tr><td>{@code nn.layout}</td><td>{@code NN} or {@code TORCH}, see {@link Layout}</td></tr>
 * <tr><td>{@code nn.architecture}</td><td>the layers, as {@link Layer#summary} shows them</td></tr>
 * <tr><td>{@code nn.model}</td><td>the layers, a line for each: its path, a tab, and its text; compared when the
 * weights are loaded ({@code state/recipe/model} in the file of a training)</td></tr>
 * <tr><td>{@code scheme/<path>}</td><td>the initializer of a parameter, as {@link nn.init.Init#parse} reads it; {@code
 * own: ...} if no text can restore it, as for a lambda</td></tr>
 * <tr><td>{@code fans/<path>}</td><td>the fans given to the initializer: {@code 64 128}</td></tr>
 * <tr><td>{@code key/<path>}</td><td>the key of the initial values: 32 hexadecimal digits, {@code hi} before {@code
 * lo}</td></tr>
 * <tr><td>{@code block/<i>/<tensor>}</td><td>in the layout of PyTorch, the parameters that make up a tensor, one below
 * the other: {@code TRANSPOSED 64x128 hidden1.weight}; {@code PLAIN} for an unchanged one, {@code ADDEND} for a second
 * bias</td></tr>
 * <tr><td>{@code preprocessing/<name>}</td><td>the texts of a {@link Preprocessing}</td></tr>
 * <tr><td>{@code state/<name>}</td><td>the texts of a {@link TrainingState}</td></tr>
 * </table>
 *
 * <p>{@link Weights} reads weights under other names, parts of a model, files of other programs and in several shards,
 * and files that are no files: resources, streams and arrays.
 *
 * <p>So a file is enough to draw a model's initial weights again ({@link #initialWeights}), and to measure how far
 * training has moved them ({@link #drift}).
 */
public final class Checkpoint {
    private static final String KIND = "nn";
    private static final String WEIGHTS = "weights 1";
    private static final String TRAINING = "training 1";
    private static final String LAYOUT = "nn.layout";
    private static final String ARCHITECTURE = "nn.architecture";
    private static final String MODEL_TEXT = "nn.model";
    private static final String STATE = "state/";
    private static final String STATE_MODEL_TEXT = "state/recipe/model";
    private static final String PREPROCESSING = "preprocessing/";
    private static final String MODEL = "model/"; // prefix of the parameters' names in a training state
    private static final String BEST = "best/"; // prefix of those of the best epoch

    private Checkpoint() {}

    /**
     * Writes all that is needed to resume a training.
     *
     * @param file the destination; its folder must exist
     * @param trainer the trainer, between two steps
     * @throws IllegalStateException if {@link Trainer#state} would throw it: a step runs, a fit runs on another thread,
     *     or a value is one that {@link #resume} would refuse; an old file is unchanged
     * @throws IOException if it cannot be written; an old file is unchanged
     */
    public static void save(Path file, Trainer trainer) throws IOException {
        save(file, trainer, Preprocessing.NONE);
    }

    /**
     * Writes all that is needed to resume a training, and what turns data into its inputs and targets.
     *
     * @param file the destination; its folder must exist
     * @param trainer the trainer, between two steps
     * @param steps what {@link #preprocessing} returns
     * @throws IllegalStateException as for the other method; an old file is unchanged
     * @throws IOException if it cannot be written; an old file is unchanged
     */
    public static void save(Path file, Trainer trainer, Preprocessing steps) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(steps, "steps");
        Objects.requireNonNull(trainer, "trainer")
                .readState(state -> file(trainer, state, steps).write(file));
    }

    private static Safetensors file(Trainer trainer, TrainingState state, Preprocessing steps) {
        SequencedMap<String, String> metadata = describe(TRAINING, trainer.model(), Layout.NN);
        describe(steps, metadata);
        state.text().forEach((name, text) -> metadata.put(STATE + name, text));
        return new Safetensors(state.tensors(), metadata);
    }

    /** Refuses names that are too long for a header; a fit may add the parameters of its best epoch to the state. */
    private static void requireHeader(Trainer trainer, Preprocessing steps) {
        trainer.readState(state -> {
            Safetensors now = file(trainer, state, steps);
            SequencedMap<String, Tensor> later = new LinkedHashMap<>(now.tensors());
            trainer.model().parametersByPath().forEach((path, parameter) -> later.put(BEST + path, parameter.value()));
            new Safetensors(later, now.metadata()).requireHeader();
        });
    }

    /**
     * Returns an observer that saves the trainer, as {@link #save} does, after every epoch of a fit, and when a fit is
     * cancelled or interrupted in the middle of an epoch. So a killed program resumes when it is run again:
     *
     * <pre>{@code
     * if (Files.exists(file)) {
     *     Checkpoint.resume(file, trainer);
     * }
     * trainer.fit(batches, 100, Checkpoint.everyEpoch(file, trainer));   // 100 epochs in all
     * }</pre>
     *
     * <p>Some problems are reported when the fit begins, before its first step: a folder that does not exist, a file
     * that may not be replaced, or a model of so many layers that their names take more than the 100 megabytes of a
     * header (tens of thousands of layers, depending on optimizer and names).
     *
     * @param file the destination; its folder must exist
     * @param trainer the trainer whose fit it observes
     * @return the observer; a file that cannot be written ends the fit with an {@link UncheckedIOException}, names that
     *     are too long for a header with an {@link IllegalArgumentException}, the fit of another trainer, and a value
     *     that {@link #resume} would refuse, with an {@link IllegalStateException}
     */
    public static TrainingObserver everyEpoch(Path file, Trainer trainer) {
        return everyEpoch(file, trainer, Preprocessing.NONE);
    }

    /**
     * Returns an observer that saves the trainer, and what turns data into its inputs and targets, after every epoch of
     * a fit, as the other method does.
     *
     * @param file the destination; its folder must exist
     * @param trainer the trainer whose fit it observes
     * @param preprocessing what {@link #preprocessing} returns
     * @return the observer; as for the other method
     */
    public static TrainingObserver everyEpoch(Path file, Trainer trainer, Preprocessing preprocessing) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(trainer, "trainer");
        Objects.requireNonNull(preprocessing, "preprocessing");
        return new TrainingObserver() {
            @Override
            public void onStart(int epochs, int steps, int completedSteps) {
                try {
                    AtomicFile.requireWritable(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                requireHeader(trainer, preprocessing);
            }

            @Override
            public void onEpoch(EpochReport report) {
                if (report.epoch() != trainer.epochs()) {
                    throw new IllegalStateException("everyEpoch(" + file + ", trainer) observes the fit of another"
                            + " trainer, at epoch " + report.epoch() + ", than it would save, at epoch "
                            + trainer.epochs() + "; give both the same trainer");
                }
                write();
            }

            @Override
            public void onEnd(History history) {
                if (history.stopReason() == StopReason.CANCELLED || history.stopReason() == StopReason.INTERRUPTED) {
                    write();
                }
            }

            private void write() {
                try {
                    save(file, trainer, preprocessing);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /**
     * Resumes a training, as {@link Trainer#restore} does.
     *
     * @param file a file that {@link #save} wrote
     * @param trainer a trainer built in the same way as the saved one
     * @param accepted the parts that may differ, in which the trainer keeps its own; usually none
     * @throws DataFormatException if it is not a whole file of that kind
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it does not fit the trainer; lists all differences, and nothing is changed
     */
    public static void resume(Path file, Trainer trainer, Difference... accepted) throws IOException {
        Objects.requireNonNull(trainer, "trainer");
        Safetensors read = Safetensors.read(file);
        String kind = kind(read, file.toString());
        if (!kind.equals(TRAINING)) {
            throw new DataFormatException(
                    file.toString(),
                    8,
                    kind.isEmpty()
                            ? "it was not written by Checkpoint.save, so it is not the state of a training"
                            : "it has only weights, not the state of a training; loadWeights reads it");
        }
        SequencedMap<String, String> text = new LinkedHashMap<>();
        read.metadata().forEach((name, value) -> {
            if (name.startsWith(STATE)) {
                text.put(name.substring(STATE.length()), value);
            }
        });
        try {
            trainer.restore(new TrainingState(read.tensors(), text), accepted);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes a model's parameters, running statistics included.
     *
     * @param file the destination; its folder must exist
     * @param model the model
     * @throws IllegalArgumentException if it has a value that {@link #loadWeights} would refuse, which other code has
     *     set: one that is not finite, below the {@linkplain Parameter#minimum minimum}, or not 0 in a {@linkplain
     *     Parameter#paddingRow row for padding}; lists all such parameters; an old file is unchanged
     * @throws IOException if it cannot be written; an old file is unchanged
     */
    public static void saveWeights(Path file, Layer model) throws IOException {
        saveWeights(file, model, Layout.NN);
    }

    /**
     * Writes a model's parameters, running statistics included, in a given layout.
     *
     * @param file the destination; its folder must exist
     * @param model the model
     * @param layout the names and axes
     * @throws IllegalArgumentException as for the other method, or if the layout gives two tensors one name, or a
     *     layer's {@link Layer#torchMapping} does not fit its parameters; an old file is unchanged
     * @throws IOException if it cannot be written; an old file is unchanged
     */
    public static void saveWeights(Path file, Layer model, Layout layout) throws IOException {
        saveWeights(file, model, layout, Preprocessing.NONE);
    }

    /**
     * Writes a model's parameters, running statistics included, and what turns data into its inputs and targets.
     *
     * @param file the destination; its folder must exist
     * @param model the model
     * @param layout the names and axes
     * @param steps what {@link #preprocessing} returns
     * @throws IllegalArgumentException as for the other method, or if the layout gives two tensors one name, or a
     *     layer's {@link Layer#torchMapping} does not fit its parameters; an old file is unchanged
     * @throws IOException if it cannot be written; an old file is unchanged
     */
    public static void saveWeights(Path file, Layer model, Layout layout, Preprocessing steps) throws IOException {
        Objects.requireNonNull(model, "model");
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Tensor> values = new HashMap<>();
        List<String> problems = new ArrayList<>();
        model.parametersByPath().forEach((path, parameter) -> {
            values.put(path, parameter.value());
            String problem = InputChecks.problem(parameter.value(), parameter);
            if (!problem.isEmpty()) {
                problems.add("'" + path + "' " + problem);
            }
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the model has values that could not be loaded, so " + file
                    + " was not written:\n  " + String.join("\n  ", problems));
        }
        for (StoredTensor tensor : StoredTensors.of(model, Objects.requireNonNull(layout, "layout"))
                .all()) {
            tensors.put(tensor.name(), tensor.write(values));
        }
        SequencedMap<String, String> metadata = describe(WEIGHTS, model, layout);
        metadata.put(MODEL_TEXT, ModelText.of(model));
        describe(Objects.requireNonNull(steps, "steps"), metadata);
        new Safetensors(tensors, metadata).write(file);
    }

    private static SequencedMap<String, String> describe(String kind, Layer model, Layout layout) {
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        if (layout == Layout.TORCH) {
            metadata.put("format", "pt"); // what other readers of PyTorch's files look for
        }
        metadata.put(KIND, kind);
        metadata.put(LAYOUT, layout.name());
        metadata.put(ARCHITECTURE, model.summary());
        model.parametersByPath().forEach((path, parameter) -> Provenance.write(path, parameter, metadata));
        if (layout == Layout.TORCH) {
            StoredTensors.of(model, layout).all().forEach(tensor -> Provenance.write(tensor, metadata));
        }
        return metadata;
    }

    private static void describe(Preprocessing steps, SequencedMap<String, String> metadata) {
        steps.texts().forEach((name, text) -> metadata.put(PREPROCESSING + name, text));
    }

    /**
     * Returns what turns data into the inputs and targets of a model, as its file says.
     *
     * @param file a file that {@link #saveWeights} or {@link #save} wrote
     * @return the steps, equal to those that were saved; {@link Preprocessing#NONE} if none were
     * @throws DataFormatException if it is not a whole file, or its description of a step is invalid
     * @throws IOException if it cannot be read
     */
    public static Preprocessing preprocessing(Path file) throws IOException {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        Safetensors.read(file).metadata().forEach((name, text) -> {
            if (name.startsWith(PREPROCESSING)) {
                texts.put(name.substring(PREPROCESSING.length()), text);
            }
        });
        try {
            return Preprocessing.parse(texts);
        } catch (IllegalArgumentException e) {
            throw malformed(file, e);
        }
    }

    /** Returns the kind of the file's content; empty if another program wrote it. */
    private static String kind(Safetensors read, String file) throws DataFormatException {
        String kind = read.metadata().getOrDefault(KIND, "");
        if (!kind.isEmpty() && !kind.equals(WEIGHTS) && !kind.equals(TRAINING)) {
            throw new DataFormatException(
                    file,
                    8,
                    "it holds '" + kind + "'; this version reads '" + WEIGHTS + "' and '" + TRAINING
                            + "': was it written by a later version?");
        }
        return kind;
    }

    /**
     * Sets a model's parameters to those of a file that this class wrote, in any layout. In the file of a training,
     * they are those of its model.
     *
     * @param file a file that {@link #saveWeights} or {@link #save} wrote
     * @param model of the same architecture
     * @param accepted {@link Difference#ARCHITECTURE} if the layers may differ, as long as their parameters fit;
     *     usually none
     * @throws DataFormatException if it is not a whole file of that kind
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if a tensor is missing, one too many, of another shape, or has a value that is
     *     not finite or below the {@linkplain Parameter#minimum minimum} of its parameter, or a layer differs; lists
     *     all of them; the model is unchanged
     * @throws IllegalStateException if a step or a fit of the model runs; the model is unchanged
     */
    public static void loadWeights(Path file, Layer model, Difference... accepted) throws IOException {
        Objects.requireNonNull(model, "model");
        Safetensors read = Safetensors.read(file);
        Optional<Layout> layout = layout(read, file.toString());
        if (kind(read, file.toString()).isEmpty() || layout.isEmpty()) {
            throw new DataFormatException(
                    file.toString(),
                    8,
                    "the file does not state its layout, because another program wrote it; use loadWeights(file,"
                            + " model, Layout.TORCH) if that was PyTorch");
        }
        load(read, file, model, layout.get(), accepted);
    }

    /**
     * Sets a model's parameters to those of a file that another program wrote, which does not state its layout. Layers
     * are compared if the file describes them, as files of this class do.
     *
     * @param file in the safetensors format
     * @param model of the same architecture
     * @param layout the names and axes in the file; if the file states its layout, as files of this class do, the same
     * @param accepted {@link Difference#ARCHITECTURE} if the layers may differ, as long as their parameters fit;
     *     usually none
     * @throws DataFormatException if it is not a whole file of that format
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if a tensor is missing, one too many, of another shape, or has a value that is
     *     not finite or below the {@linkplain Parameter#minimum minimum} of its parameter, or a layer differs; lists
     *     all of them; or if the file states another layout; the model is unchanged
     * @throws IllegalStateException if a step or a fit of the model runs; the model is unchanged
     */
    public static void loadWeights(Path file, Layer model, Layout layout, Difference... accepted) throws IOException {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(layout, "layout");
        Safetensors read = Safetensors.read(file);
        String stated = read.metadata().getOrDefault(LAYOUT, layout.name());
        if (!stated.equals(layout.name())) {
            throw new IllegalArgumentException(file + " states that its layout is " + Texts.visible(stated) + ", not "
                    + layout + ", so square weights could be transposed; use loadWeights(file, model), which reads the"
                    + " layout that the file states");
        }
        load(read, file, model, layout, accepted);
    }

    /** Returns the layout that a file states, if it states one. */
    static Optional<Layout> layout(Safetensors read, String file) throws DataFormatException {
        String stated = read.metadata().get(LAYOUT);
        Optional<Layout> layout = Stream.of(Layout.values())
                .filter(one -> one.name().equals(stated))
                .findFirst();
        if (stated != null && layout.isEmpty()) {
            throw new DataFormatException(
                    file,
                    8,
                    "it states the layout " + Texts.visible(stated) + "; this version reads "
                            + Arrays.toString(Layout.values()) + ": was it written by a later version?");
        }
        return layout;
    }

    private static void load(Safetensors read, Path file, Layer model, Layout layout, Difference... accepted)
            throws IOException {
        Matching matching = new Matching(weights(read, file.toString()), model, layout, name -> true);
        List<String> problems = new ArrayList<>(matching.problems());
        List<String> layers =
                Arrays.asList(Objects.requireNonNull(accepted, "accepted")).contains(Difference.ARCHITECTURE)
                        ? List.of()
                        : layerDifferences(read, model);
        problems.addAll(layers);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(file + " does not fit the model, and nothing was changed:\n  "
                    + String.join("\n  ", problems)
                    + (layers.isEmpty() ? "" : "\nBuild the model as it was")
                    + (layers.size() < problems.size() ? "" : ", or accept Difference.ARCHITECTURE"));
        }
        matching.apply();
    }

    /** Returns the differences between the layers; none if the file does not describe its layers. */
    private static List<String> layerDifferences(Safetensors read, Layer model) {
        String saved = read.metadata().getOrDefault(MODEL_TEXT, read.metadata().get(STATE_MODEL_TEXT));
        return saved == null ? List.of() : ModelText.differences(saved, model);
    }

    /** Returns the tensors of the model by name, without the prefix that they have in a training. */
    static SequencedMap<String, Tensor> weights(Safetensors read, String file) throws DataFormatException {
        if (!kind(read, file).equals(TRAINING)) {
            return new LinkedHashMap<>(read.tensors());
        }
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        read.tensors().forEach((name, tensor) -> {
            if (name.startsWith(MODEL)) {
                weights.put(name.substring(MODEL.length()), tensor);
            }
        });
        return weights;
    }

    /**
     * Draws a model's initial weights again from its file alone, by the scheme, the fans and the key of each parameter.
     * They have the same bits as when the model was built, in every version of this library. Changes between that and
     * the training, such as an initialization by data, are not included.
     *
     * @param file a file that {@link #saveWeights} or {@link #save} wrote
     * @return the initial weights by the paths of the parameters, in the parameters' shapes, whatever the file's
     *     layout; without those of an initializer that no text can restore, such as a lambda
     * @throws DataFormatException if it is not a whole file, or its description of an initializer is invalid
     * @throws IOException if it cannot be read
     */
    public static SequencedMap<String, Tensor> initialWeights(Path file) throws IOException {
        Safetensors read = Safetensors.read(file);
        return initialWeights(parameters(read, file), read, file);
    }

    private static SequencedMap<String, Tensor> initialWeights(
            SequencedMap<String, Tensor> parameters, Safetensors read, Path file) throws DataFormatException {
        SequencedMap<String, Tensor> first = new LinkedHashMap<>();
        try {
            parameters.forEach((path, value) -> Provenance.initialValues(path, value.shape(), read.metadata())
                    .ifPresent(values -> first.put(path, values)));
        } catch (IllegalArgumentException e) {
            throw malformed(file, e);
        }
        return first;
    }

    /** Returns the parameters of a file by their paths. */
    private static SequencedMap<String, Tensor> parameters(Safetensors read, Path file) throws DataFormatException {
        SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
        List<Runnable> last = new ArrayList<>();
        try {
            weights(read, file.toString()).forEach((name, stored) -> {
                StoredTensor form = Provenance.storedTensor(name, stored.shape(), read.metadata());
                form.blocks().forEach(block -> parameters.putIfAbsent(block.path(), Tensor.zeros(block.shape())));
                if (form.adds()) { // to another tensor, which may come later in the file
                    last.add(() -> form.read(stored, parameters));
                } else {
                    form.read(stored, parameters);
                }
            });
            last.forEach(Runnable::run);
        } catch (IllegalArgumentException e) {
            throw malformed(file, e);
        }
        return parameters;
    }

    private static DataFormatException malformed(Path file, IllegalArgumentException problem) {
        DataFormatException malformed = new DataFormatException(file.toString(), 8, "header: " + problem.getMessage());
        malformed.initCause(problem);
        return malformed;
    }

    /**
     * The distance of a parameter from its initial values.
     *
     * @param initial the Euclidean norm of the initial values
     * @param distance the norm of the difference between the stored and the initial values; 0 if they are equal
     */
    public record Drift(double initial, double distance) {
        /**
         * Returns the distance relative to the initial values.
         *
         * @return 0 for unchanged weights; infinite or NaN if the initial values are all 0, as for most biases
         */
        public double relative() {
            return distance / initial;
        }
    }

    /**
     * Compares a model with its {@link #initialWeights}.
     *
     * @param file a file that {@link #saveWeights} or {@link #save} wrote
     * @return the drift by the paths of the parameters, of all whose initial values can be drawn again
     * @throws DataFormatException as for {@link #initialWeights}
     * @throws IOException if it cannot be read
     */
    public static SequencedMap<String, Drift> drift(Path file) throws IOException {
        Safetensors read = Safetensors.read(file);
        SequencedMap<String, Tensor> now = parameters(read, file);
        SequencedMap<String, Tensor> initial = initialWeights(now, read, file);
        SequencedMap<String, Drift> drift = new LinkedHashMap<>();
        now.forEach((path, value) -> {
            Tensor first = initial.get(path);
            if (first != null) {
                drift.put(path, new Drift(first.norm(), value.subtract(first).norm()));
            }
        });
        return drift;
    }
}
