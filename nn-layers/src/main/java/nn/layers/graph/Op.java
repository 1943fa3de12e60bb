package nn.layers.graph;

import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** One differentiable operation: how it computes, and the gradient at each of its inputs. */
abstract class Op {
    /** For messages, such as {@code matmul}. */
    abstract String name();

    /** Everything that it computes with, such as {@code sum [-1]}. */
    String text() {
        return name();
    }

    /** The shape of the result; refuses inputs that do not fit. Dimensions may be {@link Shape#ANY}. */
    abstract Shape shape(Shape[] in);

    /** Computes the result into {@code out}, which shares no memory with the inputs. */
    abstract void forward(Tensor[] in, Tensor out);

    /**
     * Computes the gradient at input i.
     *
     * @param out the result, if {@link #readsOutput}
     * @param dOut the gradient at the result
     * @param dIn receives the gradient; of the input's shape
     * @param add whether to add to {@code dIn} instead of writing it; only if {@link #adds}
     */
    abstract void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add);

    /** Whether {@link #backward} can add to the gradient at input i. */
    boolean adds(int i) {
        return false;
    }

    /** Whether the gradient at input i is that at the result, if they have one shape. */
    boolean passesGradient(int i) {
        return false;
    }

    /** Whether {@link #backward} for input i reads input j. */
    boolean reads(int i, int j) {
        return true;
    }

    /** Whether {@link #backward} reads the result. */
    boolean readsOutput() {
        return false;
    }

    /** Whether the result is a view of input 0 with another shape, so that nothing is computed. */
    boolean isView() {
        return false;
    }

    /** Describes the operation by standard operators. */
    abstract Value export(OperatorGraph graph, Value... in);

    /** The shape of the result for described inputs. */
    final Shape shapeOf(Value... in) {
        Shape[] shapes = new Shape[in.length];
        for (int i = 0; i < in.length; i++) {
            shapes[i] = in[i].shape();
        }
        return shape(shapes);
    }

    /** The operation for one place of a formula; another object if it keeps memory of its own. */
    Op forPlace() {
        return this;
    }
}
