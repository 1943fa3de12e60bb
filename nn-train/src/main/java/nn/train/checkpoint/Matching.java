package nn.train.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Predicate;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.WeightMapping.Form;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.checkpoint.LoadPlan.Entry;
import nn.train.checkpoint.LoadPlan.Outcome;
import nn.train.checkpoint.StoredTensor.Block;
import nn.train.internal.InputChecks;
import nn.train.internal.ModelLock;
import org.jspecify.annotations.Nullable;

/** The tensors of a file beside those that a model needs, and the values that its parameters get from them. */
final class Matching {
    private static final String LEFT_OUT = "left out by choice";
    private static final String BATCHES = "num_batches_tracked"; // of a BatchNorm of PyTorch

    private final SequencedMap<String, Tensor> unused; // tensors of the file that no entry is about
    private final SequencedMap<String, Parameter> parameters;
    private final Predicate<String> selected;
    private final Map<String, Tensor> values = new HashMap<>(); // of the parameters that are taken, by path
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    /**
     * Compares them; nothing is changed.
     *
     * @param stored the tensors of the file
     * @param selected whether a tensor of that name is to be taken; others are skipped
     */
    Matching(SequencedMap<String, Tensor> stored, Layer model, Layout layout, Predicate<String> selected) {
        this.unused = new LinkedHashMap<>(stored);
        this.parameters = model.parametersByPath();
        this.selected = selected;
        StoredTensors tensors = StoredTensors.of(model, layout);
        tensors.all().forEach(expected -> add(match(expected, tensors.repeated())));
        tensors.repeated().stream()
                .filter(copy -> unused.containsKey(copy.name()) && selected.test(copy.name()))
                .forEach(copy -> add(compare(copy)));
        tensors.all().forEach(this::requirePossibleValues);
        unused.forEach((name, tensor) -> add(rest(name, tensor, layout)));
    }

    private void add(Entry entry) {
        entries.put(entry.name(), entry);
    }

    private Entry rest(String name, Tensor tensor, Layout layout) {
        if (!selected.test(name)) {
            return new Entry(name, name, tensor.shape(), Outcome.SKIPPED, LEFT_OUT);
        }
        if (layout == Layout.TORCH && (name.equals(BATCHES) || name.endsWith("." + BATCHES))) {
            return new Entry(name, name, tensor.shape(), Outcome.SKIPPED, "only counts; no layer here needs it");
        }
        return new Entry(name, name, tensor.shape(), Outcome.UNEXPECTED, tensor.shape() + " has no place in the model");
    }

    /** Takes a tensor from the file, or says why not. */
    private Entry match(StoredTensor expected, List<StoredTensor> repeated) {
        String name = expected.name();
        Shape shape = expected.shape();
        Tensor own = unused.remove(name);
        if (!selected.test(name)) {
            return new Entry(name, own == null ? "" : name, shape, Outcome.SKIPPED, LEFT_OUT);
        }
        // The file may have a shared parameter under another layer's name only.
        StoredTensor form = own == null ? twin(expected, repeated) : expected;
        if (form == null) {
            return new Entry(name, "", shape, Outcome.MISSING, "is missing: the model needs " + shape);
        }
        Tensor tensor = own == null ? Objects.requireNonNull(unused.remove(form.name()), form.name()) : own;
        String problem = problem(form, tensor);
        if (!problem.isEmpty()) {
            return new Entry(name, form.name(), tensor.shape(), Outcome.REFUSED, problem);
        }
        read(form, tensor, values);
        return new Entry(name, form.name(), shape, Outcome.TAKEN, "");
    }

    private @Nullable StoredTensor twin(StoredTensor expected, List<StoredTensor> repeated) {
        List<String> paths = paths(expected);
        return repeated.stream()
                .filter(other -> paths(other).equals(paths) && unused.containsKey(other.name()))
                .findFirst()
                .orElse(null);
    }

    private static List<String> paths(StoredTensor tensor) {
        return tensor.blocks().stream().map(Block::path).toList();
    }

    /** Returns why a tensor of the file cannot be read; empty if it can. */
    private String problem(StoredTensor form, Tensor tensor) {
        if (!tensor.shape().equals(form.shape())) {
            return "is " + tensor.shape() + " in the file; the model needs " + form.shape();
        }
        for (Block block : form.blocks()) {
            if (block.form() == Form.ADDEND && !values.containsKey(block.path())) {
                return "is added to '" + block.path() + "', which is not taken: take both or neither";
            }
        }
        return InputChecks.problem(tensor, Double.NEGATIVE_INFINITY);
    }

    private static void read(StoredTensor form, Tensor tensor, Map<String, Tensor> to) {
        form.blocks().forEach(block -> to.computeIfAbsent(block.path(), path -> Tensor.zeros(block.shape())));
        form.read(tensor, to);
    }

    /** Refuses a second copy of a shared parameter that has other values. */
    private Entry compare(StoredTensor copy) {
        Tensor tensor = Objects.requireNonNull(unused.remove(copy.name()), copy.name());
        String shared = paths(copy).getFirst();
        String problem = problem(copy, tensor);
        if (problem.isEmpty() && !values.containsKey(shared)) {
            problem = "is also '" + shared + "', which is not taken: take both or neither";
        }
        if (problem.isEmpty()) {
            Map<String, Tensor> other = new HashMap<>();
            read(copy, tensor, other);
            problem = haveSameBits(other)
                    ? ""
                    : "has other numbers than '" + shared + "', but the model has one parameter for both: leave one of"
                            + " them out, or build a model that does not share it";
        }
        return problem.isEmpty()
                ? new Entry(copy.name(), copy.name(), tensor.shape(), Outcome.SKIPPED, "equal to '" + shared + "'")
                : new Entry(copy.name(), copy.name(), tensor.shape(), Outcome.REFUSED, problem);
    }

    private boolean haveSameBits(Map<String, Tensor> other) {
        return other.entrySet().stream().allMatch(entry -> {
            Tensor taken = values.get(entry.getKey());
            return taken != null && taken.bitEquals(entry.getValue());
        });
    }

    /** Refuses a tensor that gives a parameter a value which no training can give it. */
    private void requirePossibleValues(StoredTensor tensor) {
        Entry entry = Objects.requireNonNull(entries.get(tensor.name()), tensor.name());
        for (Block block : tensor.blocks()) {
            Tensor value = values.get(block.path());
            if (value == null || entry.outcome() != Outcome.TAKEN || block.form() == Form.ADDEND) {
                continue;
            }
            String problem = !value.isFinite()
                    ? "is the sum of two tensors, and the sum is beyond the range of float32"
                    : InputChecks.problem(value, Objects.requireNonNull(parameters.get(block.path()), block.path()));
            if (!problem.isEmpty()) {
                String place = block.path().equals(tensor.name()) ? "" : "holds '" + block.path() + "', which ";
                add(new Entry(tensor.name(), entry.inFile(), entry.shape(), Outcome.REFUSED, place + problem));
                return;
            }
        }
    }

    /** What happens to each tensor: those of the model in its order, then the others of the file. */
    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** A line for each tensor that keeps the others from being loaded. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.outcome().isProblem()) {
                problems.add("'" + entry.name() + "' " + entry.reason());
            }
        }
        return problems;
    }

    /** Sets the parameters that are taken. */
    void apply() {
        ModelLock lock = new ModelLock(
                parameters,
                ", so weights cannot be loaded, and nothing was changed: load them before the fit or after it");
        lock.claim();
        try {
            values.forEach((path, value) ->
                    Objects.requireNonNull(parameters.get(path), path).value().copyFrom(value));
        } finally {
            lock.release();
        }
    }
}
