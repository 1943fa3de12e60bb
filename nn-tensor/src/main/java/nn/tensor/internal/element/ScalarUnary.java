package nn.tensor.internal.element;

/** The scalar loop of each {@link Unary} function and gradient. */
public final class ScalarUnary {
    private ScalarUnary() {}

    /** {@code Kernels.function}. */
    public static void function(Unary f, float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        switch (f) {
            case EXP -> ScalarFunctions.exp(x, xo, y, yo, n);
            case LOG -> ScalarFunctions.log(x, xo, y, yo, n);
            case TANH -> ScalarFunctions.tanh(x, xo, y, yo, n);
            case SIGMOID -> ScalarFunctions.sigmoid(x, xo, y, yo, n);
            case RELU -> Elementwise.relu(x, xo, y, yo, n);
            case LEAKY_RELU -> Elementwise.leakyReluGrad(a, x, xo, x, xo, y, yo, n); // x times the slope at x
            case CLAMP -> Elementwise.clamp(a, b, x, xo, y, yo, n);
            case ELU -> ScalarActivationLoops.elu(a, b, x, xo, y, yo, n);
            case SILU -> ScalarActivationLoops.silu(x, xo, y, yo, n);
            case SOFTPLUS -> ScalarActivationLoops.softplus(a, b, x, xo, y, yo, n);
            case CELU -> ScalarActivationLoops.celu(a, b, x, xo, y, yo, n);
            case MISH -> ScalarActivationLoops.mish(x, xo, y, yo, n);
            case HARD_SIGMOID -> Elementwise.hardSigmoid(x, xo, y, yo, n);
            case HARD_SWISH -> Elementwise.hardSwish(x, xo, y, yo, n);
            case GELU -> ScalarActivationLoops.gelu(x, xo, y, yo, n);
            case GELU_TANH -> ScalarActivationLoops.geluTanh(x, xo, y, yo, n);
            case ERF -> ScalarActivationLoops.erf(x, xo, y, yo, n);
            case SIN -> ScalarActivationLoops.sin(x, xo, y, yo, n);
            case SQRT -> Elementwise.sqrt(x, xo, y, yo, n);
        }
    }

    /** {@code Kernels.gradient}. */
    public static void gradient(
            Unary f, float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n) {
        switch (f) {
            case TANH -> Elementwise.tanhGrad(s, so, dy, dyo, dx, dxo, n);
            case RELU -> ScalarFunctions.reluGrad(s, so, dy, dyo, dx, dxo, n);
            case LEAKY_RELU -> Elementwise.leakyReluGrad(a, s, so, dy, dyo, dx, dxo, n);
            case CLAMP -> Elementwise.clampGrad(a, b, s, so, dy, dyo, dx, dxo, n);
            case ELU -> ScalarActivationLoops.eluGrad(a, b, s, so, dy, dyo, dx, dxo, n);
            case SIGMOID -> ScalarActivationLoops.sigmoidGrad(s, so, dy, dyo, dx, dxo, n);
            case SILU -> ScalarActivationLoops.siluGrad(s, so, dy, dyo, dx, dxo, n);
            case SOFTPLUS -> ScalarActivationLoops.softplusGrad(a, s, so, dy, dyo, dx, dxo, n);
            case CELU -> ScalarActivationLoops.celuGrad(a, b, s, so, dy, dyo, dx, dxo, n);
            case MISH -> ScalarActivationLoops.mishGrad(s, so, dy, dyo, dx, dxo, n);
            case HARD_SIGMOID -> Elementwise.hardSigmoidGrad(s, so, dy, dyo, dx, dxo, n);
            case HARD_SWISH -> Elementwise.hardSwishGrad(s, so, dy, dyo, dx, dxo, n);
            case GELU -> ScalarActivationLoops.geluGrad(s, so, dy, dyo, dx, dxo, n);
            case GELU_TANH -> ScalarActivationLoops.geluTanhGrad(s, so, dy, dyo, dx, dxo, n);
            case ERF -> ScalarActivationLoops.erfGrad(s, so, dy, dyo, dx, dxo, n);
            case SIN -> ScalarActivationLoops.sinGrad(s, so, dy, dyo, dx, dxo, n);
            case EXP, LOG, SQRT -> throw f.withoutGradient();
        }
    }
}
