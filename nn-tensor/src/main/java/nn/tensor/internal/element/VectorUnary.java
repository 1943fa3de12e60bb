package nn.tensor.internal.element;

/**
 * The vector loop of each {@link Unary} function and gradient. Loops are objects, which a call finds in an array: C2
 * inlines no call that reaches several kinds of objects, so each loop is compiled as a method of its own. Inlined into
 * a method with a switch, a loop would be compiled there and, once another function is called and that code is
 * discarded, not at all.
 */
public final class VectorUnary {
    private VectorUnary() {}

    /** y = f(x). */
    @FunctionalInterface
    public interface Function {
        void run(float a, float b, float[] x, int xo, float[] y, int yo, int n);
    }

    /** dx = dy f'(x), from s, which is x or f(x). */
    @FunctionalInterface
    public interface Gradient {
        void run(float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n);
    }

    private static final Function[] FUNCTIONS = new Function[Unary.values().length];
    private static final Gradient[] GRADIENTS = new Gradient[FUNCTIONS.length];

    static {
        function(Unary.EXP, (a, b, x, xo, y, yo, n) -> VectorFunctions.exp(x, xo, y, yo, n));
        function(Unary.LOG, (a, b, x, xo, y, yo, n) -> VectorFunctions.log(x, xo, y, yo, n));
        function(Unary.TANH, (a, b, x, xo, y, yo, n) -> VectorFunctions.tanh(x, xo, y, yo, n));
        function(Unary.SIGMOID, (a, b, x, xo, y, yo, n) -> VectorFunctions.sigmoid(x, xo, y, yo, n));
        function(Unary.RELU, (a, b, x, xo, y, yo, n) -> VectorElementwise.relu(x, xo, y, yo, n));
        function(
                Unary.LEAKY_RELU,
                (a, b, x, xo, y, yo, n) -> VectorElementwise.leakyReluGrad(a, x, xo, x, xo, y, yo, n));
        function(Unary.CLAMP, (a, b, x, xo, y, yo, n) -> VectorElementwise.clamp(a, b, x, xo, y, yo, n));
        function(Unary.ELU, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.elu(a, b, x, xo, y, yo, n));
        function(Unary.SILU, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.silu(x, xo, y, yo, n));
        function(Unary.SOFTPLUS, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.softplus(a, b, x, xo, y, yo, n));
        function(Unary.CELU, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.celu(a, b, x, xo, y, yo, n));
        function(Unary.MISH, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.mish(x, xo, y, yo, n));
        function(Unary.HARD_SIGMOID, (a, b, x, xo, y, yo, n) -> VectorElementwise.hardSigmoid(x, xo, y, yo, n));
        function(Unary.HARD_SWISH, (a, b, x, xo, y, yo, n) -> VectorElementwise.hardSwish(x, xo, y, yo, n));
        function(Unary.GELU, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.gelu(x, xo, y, yo, n));
        function(Unary.GELU_TANH, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.geluTanh(x, xo, y, yo, n));
        function(Unary.ERF, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.erf(x, xo, y, yo, n));
        function(Unary.SIN, (a, b, x, xo, y, yo, n) -> VectorActivationLoops.sin(x, xo, y, yo, n));
        function(Unary.SQRT, (a, b, x, xo, y, yo, n) -> VectorElementwise.sqrt(x, xo, y, yo, n));
        gradient(
                Unary.TANH,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorElementwise.tanhGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.RELU, (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorFunctions.reluGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.LEAKY_RELU,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorElementwise.leakyReluGrad(a, s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.CLAMP,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorElementwise.clampGrad(a, b, s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.ELU,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.eluGrad(a, b, s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.SIGMOID,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.sigmoidGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.SILU,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.siluGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.SOFTPLUS,
                (a, b, s, so, dy, dyo, dx, dxo, n) ->
                        VectorActivationLoops.softplusGrad(a, s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.CELU,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.celuGrad(a, b, s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.MISH,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.mishGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.HARD_SIGMOID,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorElementwise.hardSigmoidGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.HARD_SWISH,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorElementwise.hardSwishGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.GELU,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.geluGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.GELU_TANH,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.geluTanhGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.ERF,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.erfGrad(s, so, dy, dyo, dx, dxo, n));
        gradient(
                Unary.SIN,
                (a, b, s, so, dy, dyo, dx, dxo, n) -> VectorActivationLoops.sinGrad(s, so, dy, dyo, dx, dxo, n));
    }

    private static void function(Unary f, Function loop) {
        FUNCTIONS[f.ordinal()] = loop;
    }

    private static void gradient(Unary f, Gradient loop) {
        GRADIENTS[f.ordinal()] = loop;
    }

    /** The loop of a function. */
    public static Function functionOf(Unary f) {
        return FUNCTIONS[f.ordinal()];
    }

    /** The loop of a gradient, for a function that has one. */
    public static Gradient gradientOf(Unary f) {
        return GRADIENTS[f.ordinal()];
    }
}
