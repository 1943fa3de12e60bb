package nn.tensor.operator;

import java.util.Objects;
import nn.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in an {@link OperatorGraph}: an input, a constant or the result of an operator. It has a shape but no
 * numbers. Values are equal only if they are the same object.
 */
public final class Value {
    /** Stands where an optional input of an operator is left out. */
    public static final Value NONE = new Value("", ElementKind.FLOAT32, Shape.of());

    private String name;
    private final ElementKind kind;
    private final Shape shape;

    /** The value whose transpose this is, if its operator is written only when somebody reads it. */
    final @Nullable Value source;

    /** The order of the axes of the source. */
    final int[] axes;

    /** The result of that operator, once it is written. */
    @Nullable
    Value written;

    Value(String name, ElementKind kind, Shape shape) {
        this(name, kind, shape, null);
    }

    private Value(String name, ElementKind kind, Shape shape, @Nullable Value source, int... axes) {
        this.name = name;
        this.kind = kind;
        this.shape = shape;
        this.source = source;
        this.axes = axes;
    }

    /** A transpose that is not written yet. */
    static Value transposeOf(Value source, int... axes) {
        return new Value(source.name + "_transposed", source.kind, source.shape.permute(axes), source, axes);
    }

    /**
     * The name, unique in its graph.
     *
     * @return such as {@code hidden1/Gemm} or, for a parameter, {@code hidden1.weight}
     */
    public String name() {
        return name;
    }

    void rename(String other) {
        name = Objects.requireNonNull(other, "name");
    }

    /**
     * The type of the numbers.
     *
     * @return usually {@link ElementKind#FLOAT32}
     */
    public ElementKind kind() {
        return kind;
    }

    /**
     * The shape.
     *
     * @return {@link Shape#ANY} where a dimension differs from run to run
     */
    public Shape shape() {
        return shape;
    }

    /** Such as {@code hidden1/Gemm [? x 64]}. */
    @Override
    public String toString() {
        return name + " " + shape;
    }
}
