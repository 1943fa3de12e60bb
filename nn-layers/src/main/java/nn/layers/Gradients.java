package nn.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * One gradient tensor for each of some parameters, all zero at first. Pullbacks add to them, so gradients of several
 * passes, or of a layer used twice, sum up.
 *
 * <p>A gradient that is cleared is not filled with zeros at once, for the next to come is most often {@link
 * #addProduct}, which then writes in place of adding: of a step through 50 layers of 256 units a twelfth was spent on
 * zeros.
 */
public final class Gradients {
    /** So many floats, a megabyte, stay in a second-level cache until somebody asks for their norm. */
    private static final long CACHED = 1 << 18;

    private final List<Parameter> parameters;
    private final Map<Parameter, Gradient> gradients = new IdentityHashMap<>();
    private final List<Gradient> inOrder; // of the parameters
    private final boolean exceedCache;

    /**
     * Zero gradients.
     *
     * @param parameters whose gradients; one that stands twice counts once
     */
    public Gradients(List<Parameter> parameters) {
        List<Parameter> distinct = new ArrayList<>();
        for (Parameter p : parameters) {
            if (gradients.putIfAbsent(p, new Gradient(Tensor.zeros(p.value().shape()))) == null) {
                distinct.add(p);
            }
        }
        this.parameters = List.copyOf(distinct);
        this.inOrder = distinct.stream().map(gradients::get).toList();
        this.exceedCache = distinct.stream().mapToLong(p -> p.value().size()).sum() > CACHED;
    }

    /**
     * The gradient of one parameter, of its shape: the tensor itself, to be added to. It is always the same tensor, but
     * after {@link #clear} it is not to be read or written until this is called again: it may hold what it held before.
     *
     * @param parameter one of those given to the constructor
     * @return its gradient
     * @throws IllegalArgumentException if it is not one of them
     */
    public Tensor of(Parameter parameter) {
        return gradient(parameter).settled();
    }

    /**
     * Adds the product of a layer's inputs and the gradients at its outputs, x' dy, to the gradient of its weight. As
     * {@code x.matmulAddInto(dy, Transposed.LEFT, of(weight))}, to the bit, but faster where nothing has been added
     * yet.
     *
     * @param weight one of those given to the constructor, [inputs x units]
     * @param x [... x inputs]
     * @param dy [... x units], with as many rows as x
     * @throws IllegalArgumentException if the weight is not one of them
     * @throws nn.tensor.ShapeException if the shapes do not fit; the gradient is unchanged then
     */
    public void addProduct(Parameter weight, Tensor x, Tensor dy) {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(dy, "dy");
        Gradient gradient = gradient(weight);
        if (gradient.cleared) {
            x.matmulInto(dy, Transposed.LEFT, gradient.tensor);
            gradient.cleared = false;
            gradient.squares = exceedCache ? gradient.tensor.dot(gradient.tensor) : Gradient.UNKNOWN;
        } else {
            gradient.squares = Gradient.UNKNOWN;
            x.matmulAddInto(dy, Transposed.LEFT, gradient.tensor);
        }
    }

    private Gradient gradient(Parameter parameter) {
        Gradient gradient = gradients.get(Objects.requireNonNull(parameter, "parameter"));
        if (gradient == null) {
            throw new IllegalArgumentException("no gradient for parameter " + parameter
                    + ": it is not among the layer's parameters(); list it there");
        }
        return gradient;
    }

    /**
     * Those whose gradients these are.
     *
     * @return the parameters, each once, in the order given
     */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Sets all gradients to zero. Who holds one of the tensors asks {@link #of} for it again before using it. */
    public void clear() {
        for (int i = 0; i < inOrder.size(); i++) { // by index, here and below: a loop that makes no iterator
            inOrder.get(i).cleared = true;
        }
    }

    /**
     * Adds other gradients to these, such as those of another part of the batch.
     *
     * @param other of the same parameters
     * @throws IllegalArgumentException if it has a parameter that these have not
     */
    public void add(Gradients other) {
        for (Parameter p : other.parameters) {
            gradient(p);
        }
        other.gradients.forEach((p, gradient) -> of(p).addInPlace(gradient.settled()));
    }

    /**
     * The Euclidean norm of all gradients together; those of {@linkplain Parameter.Kind#STATISTIC statistics} are none
     * and do not count.
     *
     * @return the root of the sum of squares, NaN if a gradient has a NaN
     */
    public double norm() {
        double squares = 0;
        for (int i = 0; i < inOrder.size(); i++) {
            if (parameters.get(i).kind() != Parameter.Kind.STATISTIC) {
                squares += inOrder.get(i).squares();
            }
        }
        return Math.sqrt(squares);
    }

    private static final class Gradient {
        private static final double UNKNOWN = -1;

        final Tensor tensor;
        double squares = UNKNOWN; // the sum of them, if nobody can have changed the tensor since
        boolean cleared; // and not written to since, so that it stands for zeros, whatever the tensor holds

        Gradient(Tensor tensor) {
            this.tensor = tensor;
        }

        /** To be changed by whoever gets it. */
        Tensor settled() {
            squares = UNKNOWN;
            if (cleared) {
                tensor.fill(0f);
                cleared = false;
            }
            return tensor;
        }

        double squares() {
            if (squares == UNKNOWN) {
                Tensor settled = settled();
                return settled.dot(settled);
            }
            return squares;
        }
    }
}
