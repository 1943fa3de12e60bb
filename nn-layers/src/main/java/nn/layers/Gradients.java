package nn.layers;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.Tensor;

/**
 * One gradient tensor for each of some parameters, all zero at first. Pullbacks add to them, so gradients of several
 * passes, or of a layer used twice, sum up.
 */
public final class Gradients {
    private final List<Parameter> parameters;
    private final Map<Parameter, Tensor> tensors = new IdentityHashMap<>();
    private final List<Tensor> inOrder; // of the parameters

    /**
     * Zero gradients.
     *
     * @param parameters whose gradients; one that stands twice counts once
     */
    public Gradients(List<Parameter> parameters) {
        List<Parameter> distinct = new ArrayList<>();
        for (Parameter p : parameters) {
            if (tensors.putIfAbsent(p, Tensor.zeros(p.value().shape())) == null) {
                distinct.add(p);
            }
        }
        this.parameters = List.copyOf(distinct);
        this.inOrder = distinct.stream().map(tensors::get).toList();
    }

    /**
     * The gradient of one parameter, of its shape: the tensor itself, to be added to.
     *
     * @param parameter one of those given to the constructor
     * @return its gradient
     * @throws IllegalArgumentException if it is not one of them
     */
    public Tensor of(Parameter parameter) {
        Tensor gradient = tensors.get(Objects.requireNonNull(parameter, "parameter"));
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

    /** Sets all gradients to zero. */
    public void clear() {
        for (int i = 0; i < inOrder.size(); i++) { // by index, here and below: a loop that makes no iterator
            inOrder.get(i).fill(0f);
        }
    }

    /**
     * Adds other gradients to these, such as those of another part of the batch.
     *
     * @param other of the same parameters
     * @throws IllegalArgumentException if it has a parameter that these have not
     */
    public void add(Gradients other) {
        for (Parameter p : other.tensors.keySet()) {
            of(p);
        }
        other.tensors.forEach((p, gradient) -> of(p).addInPlace(gradient));
    }

    /**
     * The Euclidean norm of all gradients together; those of {@linkplain Parameter.Kind#STATISTIC statistics} are none and
     * do not count.
     *
     * @return the root of the sum of squares, NaN if a gradient has a NaN
     */
    public double norm() {
        double squares = 0;
        for (int i = 0; i < inOrder.size(); i++) {
            if (parameters.get(i).kind() != Parameter.Kind.STATISTIC) {
                Tensor gradient = inOrder.get(i);
                squares += gradient.dot(gradient);
            }
        }
        return Math.sqrt(squares);
    }
}
