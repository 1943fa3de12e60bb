package nn.train.diagnose;

import java.util.Objects;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Tensor;
import nn.tensor.linalg.SingularValues;

/**
 * The derivative of a model's output with respect to its input, at one input. It shows how many directions of the input
 * reach the output, and how evenly. Weights that keep lengths on average may still map all but a few directions to
 * nearly 0; orthogonal weights in nearly linear networks keep all directions (Saxe, McClelland and Ganguli, <i>Exact
 * solutions to the nonlinear dynamics of learning in deep linear neural networks</i>, ICLR 2014; Pennington, Schoenholz
 * and Ganguli,
 * <i>Resurrecting the sigmoid in deep learning through dynamical isometry</i>, NeurIPS 2017). {@link
 * nn.init.theory.JacobianSpectrum} gives the spectrum of wide networks.
 *
 * @param matrix [outputs x inputs], element (i, j) the derivative of output i with respect to input j, in inference
 * @param singularValues of the matrix, the largest first
 */
public record Jacobian(Tensor matrix, double[] singularValues) {
    /** Singular values that are smaller, relative to the largest, count as 0. */
    private static final double NEGLIGIBLE = 0.01;

    /**
     * Computes a copy of the singular values.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalArgumentException if the matrix has another rank than 2 or no elements, or the number of singular
     *     values is not its smaller dimension
     */
    public Jacobian {
        Objects.requireNonNull(matrix, "matrix");
        singularValues =
                Objects.requireNonNull(singularValues, "singularValues").clone();
        if (matrix.shape().rank() != 2 || matrix.size() == 0) {
            throw new IllegalArgumentException("Jacobian: expected a matrix [outputs x inputs], got " + matrix.shape());
        }
        int values = Math.min(matrix.dim(0), matrix.dim(1));
        if (singularValues.length != values) {
            throw new IllegalArgumentException("Jacobian: " + singularValues.length + " singular values of a matrix "
                    + matrix.shape() + ", which has " + values + "; give those of this matrix");
        }
    }

    /**
     * Takes the derivative, by one forward and one backward pass for each output.
     *
     * @param model a layer, or a tree of them
     * @param x one input, in the shape that the model takes: [1 x features], or [time x 1 x features]
     * @return the derivative
     * @throws nn.tensor.ShapeException if the model cannot take the input
     * @throws IllegalArgumentException if the input, the output or the derivative is not finite, or has no elements
     */
    public static Jacobian at(Layer model, Tensor x) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(x, "x");
        int outputs = model.outputShape(x.shape()).size();
        if (x.size() == 0 || outputs == 0) {
            throw new IllegalArgumentException("Jacobian of " + Layer.describe(model) + ": input " + x.shape()
                    + " or output has no elements; take one input, such as [1 x features]");
        }
        requireFinite(model, "the input", x);
        Gradients gradients = new Gradients(model);
        Tensor matrix = Tensor.zeros(outputs, x.size());
        for (int i = 0; i < outputs; i++) {
            Pass pass = model.forward(x, Context.inference());
            requireFinite(model, "the output", pass.output());
            Tensor one = Tensor.zeros(pass.output().shape());
            one.array()[i] = 1;
            matrix.row(i).copyFrom(pass.pullback(one, gradients).reshape(x.size()));
        }
        requireFinite(model, "the derivative", matrix);
        return new Jacobian(matrix, SingularValues.of(matrix));
    }

    private static void requireFinite(Layer model, String what, Tensor values) {
        if (!values.isFinite()) {
            throw new IllegalArgumentException(
                    "Jacobian of " + Layer.describe(model) + ": " + what + " has elements that are not finite");
        }
    }

    /**
     * Returns the singular values.
     *
     * @return a copy, the largest first
     */
    @Override
    public double[] singularValues() {
        return singularValues.clone();
    }

    /**
     * Returns the condition number, the largest singular value over the smallest.
     *
     * @return 1 or more; infinite if the smallest is 0
     */
    public double condition() {
        double smallest = singularValues[singularValues.length - 1];
        return smallest == 0 ? Double.POSITIVE_INFINITY : singularValues[0] / smallest; // also where all are 0
    }

    /**
     * Returns the number of directions in which a change of the input reaches the output.
     *
     * @return the number of singular values above 1 % of the largest
     */
    public int directions() {
        int count = 0;
        for (double value : singularValues) {
            count += value > NEGLIGIBLE * singularValues[0] ? 1 : 0;
        }
        return count;
    }

    /** Returns a text such as {@code Jacobian of 3 outputs by 2 inputs, singular values from 1.5 to 0.25}. */
    @Override
    public String toString() {
        return "Jacobian of " + counted(matrix.dim(0), "output") + " by " + counted(matrix.dim(1), "input")
                + ", singular values from " + singularValues[0] + " to " + singularValues[singularValues.length - 1];
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
