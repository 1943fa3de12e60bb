package nn.tensor.internal.element;

import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.warmup.Operation;
import org.jspecify.annotations.Nullable;

/**
 * A function of one float and up to two numbers, a and b, that {@code Kernels.function} computes for every element, and
 * its gradient, if {@code Kernels.gradient} has one.
 *
 * <p>A new function needs a loop of each kind ({@link ScalarUnary}, {@link VectorUnary}) and an {@link Operation}, by
 * which its vector loop is compiled.
 */
public enum Unary {
    /** e^x. */
    EXP(Operation.EXP, null),

    /** ln x. */
    LOG(Operation.LOG, null),

    /** tanh x; the gradient takes the output. */
    TANH(Operation.TANH, Operation.TANH_GRAD),

    /** 1 / (1 + e^-x); the gradient takes the output. */
    SIGMOID(Operation.SIGMOID, Operation.SIGMOID_GRAD),

    /** max(x, 0); the gradient takes the input or the output. */
    RELU(Operation.RELU, Operation.RELU_GRAD),

    /** x above 0, a x elsewhere. */
    LEAKY_RELU(Operation.LEAKY_RELU_GRAD, Operation.LEAKY_RELU_GRAD),

    /** x from a to b, the nearer of the two beyond. */
    CLAMP(Operation.CLAMP, Operation.CLAMP_GRAD),

    /** a x from 0 on, b (e^x - 1) elsewhere; the gradient takes the output, and a positive b. */
    ELU(Operation.ELU, Operation.ELU_GRAD),

    /** x / (1 + e^-x). */
    SILU(Operation.SILU, Operation.SILU_GRAD),

    /** b ln(1 + e^(a x)), for a b = 1; minus the softplus of -x for a = b = -1. */
    SOFTPLUS(Operation.SOFTPLUS, Operation.SOFTPLUS_GRAD),

    /** x from 0 on, a (e^(b x) - 1) elsewhere, for a b = 1 and a positive; the gradient takes the output. */
    CELU(Operation.CELU, Operation.CELU_GRAD),

    /** x tanh(ln(1 + e^x)). */
    MISH(Operation.MISH, Operation.MISH_GRAD),

    /** min(max(x + 3, 0), 6) / 6. */
    HARD_SIGMOID(Operation.HARD_SIGMOID, Operation.HARD_SIGMOID_GRAD),

    /** x min(max(x + 3, 0), 6) / 6. */
    HARD_SWISH(Operation.HARD_SWISH, Operation.HARD_SWISH_GRAD),

    /** x Phi(x). */
    GELU(Operation.GELU, Operation.GELU_GRAD),

    /** The approximation of {@link #GELU} by tanh. */
    GELU_TANH(Operation.GELU_TANH, Operation.GELU_TANH_GRAD),

    /** The error function. */
    ERF(Operation.ERF, Operation.ERF_GRAD),

    /** sin x. */
    SIN(Operation.SIN, Operation.SIN_GRAD),

    /** The square root of x. */
    SQRT(Operation.SQRT, null);

    /** The operation that compiles the vector loop. */
    public final Operation operation;

    private final @Nullable Operation gradient;

    Unary(Operation operation, @Nullable Operation gradient) {
        this.operation = operation;
        this.gradient = gradient;
    }

    /** Whether there is a kernel for the gradient. */
    public boolean hasGradient() {
        return gradient != null;
    }

    /** The operation of the gradient. */
    public Operation gradient() {
        if (gradient == null) {
            throw withoutGradient();
        }
        return gradient;
    }

    IllegalArgumentException withoutGradient() {
        return new IllegalArgumentException(this + " has no gradient kernel");
    }

    /** The relative cost of an element ({@link Parallel#threadsForElements}). */
    public double cost() {
        return cost(operation);
    }

    /** {@link #cost} of the gradient. */
    public double gradientCost() {
        return cost(gradient());
    }

    private static double cost(Operation operation) {
        return operation.kind == Operation.Kind.SIMPLE ? Parallel.SIMPLE : Parallel.FUNCTION;
    }
}
