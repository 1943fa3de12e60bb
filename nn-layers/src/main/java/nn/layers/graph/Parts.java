package nn.layers.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Named tensors of a batch in one tensor [batch x numbers]: the numbers of one example's parts stand side by side in a
 * row. So a model with several inputs or outputs is trained, shuffled, split, saved and resumed as any other.
 *
 * <pre>{@code
 * Parts parts = Parts.of("image", 28, 28).and("age");
 * Tensor both = parts.pack(Map.of("image", Tensor.zeros(5, 28, 28), "age", Tensor.zeros(5)));   // [5 x 785]
 * }</pre>
 */
public final class Parts {
    private final List<String> names;
    private final List<Shape> shapes; // of one example
    private final int[] offsets; // in a row, and its length at the end

    private Parts(List<String> names, List<Shape> shapes) {
        this.names = List.copyOf(names);
        this.shapes = List.copyOf(shapes);
        offsets = new int[names.size() + 1];
        for (int i = 0; i < names.size(); i++) {
            long end = (long) offsets[i] + shapes.get(i).size();
            offsets[i + 1] = (int) end;
            if (end > Shape.MAX_SIZE) {
                throw new IllegalArgumentException(
                        "parts " + this + " have more than " + Shape.MAX_SIZE + " numbers for one example");
            }
        }
    }

    /**
     * One part.
     *
     * @param name not empty
     * @param dims its dimensions for one example, without the batch; none for a single number, such as a label
     * @return the part, to which {@link #and} adds others
     * @throws IllegalArgumentException if the name is empty, or a dimension is negative
     */
    public static Parts of(String name, int... dims) {
        return new Parts(List.of(), List.of()).and(name, dims);
    }

    /**
     * Adds a part.
     *
     * @param name not empty, and not among those before
     * @param dims its dimensions for one example, without the batch; none for a single number, such as a label
     * @return these parts and the new one after them
     * @throws IllegalArgumentException if the name is empty or was given before, or a dimension is negative
     */
    public Parts and(String name, int... dims) {
        Shape shape = Shape.of(dims);
        if (Objects.requireNonNull(name, "name").isEmpty() || names.contains(name)) {
            throw new IllegalArgumentException(
                    "part '" + name + "': a name is not empty and is given once; there are " + names);
        }
        if (!shape.isConcrete()) {
            throw new IllegalArgumentException(
                    "part '" + name + "' has the shape " + shape + " for one example: every dimension must be known");
        }
        List<String> moreNames = new ArrayList<>(names);
        List<Shape> moreShapes = new ArrayList<>(shapes);
        moreNames.add(name);
        moreShapes.add(shape);
        return new Parts(moreNames, moreShapes);
    }

    /**
     * The names.
     *
     * @return in order
     */
    public List<String> names() {
        return names;
    }

    /**
     * The shape of one part of one example.
     *
     * @param name of the part
     * @return without the batch
     * @throws IllegalArgumentException if there is none of that name
     */
    public Shape shape(String name) {
        return shapes.get(index(name));
    }

    /**
     * The shape of one part of a batch.
     *
     * @param name of the part
     * @param batch the number of examples, or {@link Shape#ANY}
     * @return [batch x ...]
     * @throws IllegalArgumentException if there is none of that name
     */
    public Shape shape(String name, int batch) {
        return withBatch(shape(name), batch);
    }

    private int index(String name) {
        int index = names.indexOf(Objects.requireNonNull(name, "name"));
        if (index < 0) {
            throw new IllegalArgumentException("there is no part '" + name + "'; there are " + names);
        }
        return index;
    }

    /**
     * The numbers of one example.
     *
     * @return the length of a row
     */
    public int size() {
        return offsets[names.size()];
    }

    /**
     * The shape of a packed batch.
     *
     * @param batch the number of examples, or {@link Shape#ANY}
     * @return [batch x size]
     */
    public Shape asShape(int batch) {
        return Shape.of(batch, size());
    }

    /**
     * Where a part begins in a row.
     *
     * @param name of the part
     * @return its first index
     * @throws IllegalArgumentException if there is none of that name
     */
    public int offset(String name) {
        return offsets[index(name)];
    }

    /**
     * Puts the parts of a batch side by side.
     *
     * @param parts one tensor [batch x ...] for each name
     * @return [batch x size]
     * @throws IllegalArgumentException if a part is missing or unknown
     * @throws ShapeException if a part has another shape
     */
    public Tensor pack(Map<String, Tensor> parts) {
        requireNames(parts.keySet(), names);
        int batch = -1;
        for (String name : names) {
            Tensor part = Objects.requireNonNull(parts.get(name), name);
            int rows = part.shape().rank() == 0 ? 0 : part.dim(0);
            batch = batch < 0 ? rows : batch;
            requireShape(name, part, batch);
        }
        Tensor packed = Tensor.zeros(Math.max(0, batch), size());
        for (String name : names) {
            Tensor part = Objects.requireNonNull(parts.get(name), name);
            packed.setSlice(1, offset(name), part.reshape(batch, shape(name).size()));
        }
        return packed;
    }

    static void requireNames(Set<String> given, List<String> wanted) {
        List<String> missing = new ArrayList<>(wanted);
        missing.removeAll(given);
        List<String> unknown = new ArrayList<>(given);
        unknown.removeAll(wanted);
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalArgumentException("the parts are " + wanted + ", each to be given once; "
                    + (missing.isEmpty() ? "" : missing + " is missing" + (unknown.isEmpty() ? "" : ", "))
                    + (unknown.isEmpty() ? "" : unknown + " is none of them"));
        }
    }

    private void requireShape(String name, Tensor part, int batch) {
        Shape wanted = shape(name, batch);
        if (!part.shape().equals(wanted)) {
            throw new ShapeException(
                    "part '" + name + "': expected " + wanted + ", got " + part.shape()
                            + "; all parts have the batch of '" + names.getFirst() + "'",
                    wanted.toString(),
                    part.shape());
        }
    }

    static Shape withBatch(Shape example, int batch) {
        int[] dims = new int[example.rank() + 1];
        dims[0] = batch;
        System.arraycopy(example.dims(), 0, dims, 1, example.rank());
        return Shape.of(dims);
    }

    /**
     * Takes the parts of a batch apart.
     *
     * @param packed [batch x size]
     * @return a new tensor [batch x ...] for each name, in order
     * @throws ShapeException if the rows have another length
     */
    public SequencedMap<String, Tensor> unpack(Tensor packed) {
        SequencedMap<String, Tensor> parts = new LinkedHashMap<>();
        for (String name : names) {
            parts.put(name, unpack(packed, name));
        }
        return parts;
    }

    /**
     * Copies one part of a batch.
     *
     * @param packed [batch x size]
     * @param name of the part
     * @return a new tensor [batch x ...]
     * @throws IllegalArgumentException if there is none of that name
     * @throws ShapeException if the rows have another length
     */
    public Tensor unpack(Tensor packed, String name) {
        if (packed.shape().rank() != 2 || packed.dim(1) != size()) {
            String expected = "[batch x " + size() + "]";
            throw new ShapeException(
                    "parts " + names + ": expected " + expected + ", got " + packed.shape(), expected, packed.shape());
        }
        Tensor part = Tensor.zeros(packed.dim(0), shape(name).size());
        packed.sliceInto(1, offset(name), part);
        return part.reshape(shape(name, packed.dim(0)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Parts p && names.equals(p.names) && shapes.equals(p.shapes);
    }

    @Override
    public int hashCode() {
        return names.hashCode() + 31 * shapes.hashCode();
    }

    /** Such as {@code image [28 x 28], age []}. */
    @Override
    public String toString() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            texts.add(names.get(i) + " " + shapes.get(i));
        }
        return String.join(", ", texts);
    }
}
