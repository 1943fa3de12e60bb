package nn.tensor.internal;

/**
 * The vector loop of each {@link Unary} function and gradient. Loops are objects, which a call finds in an array: C2
 * inlines no call that reaches several kinds of objects, so each loop is compiled as a method of its own. Inlined into a
 * method with a switch, a loop would be compiled there and, once another function is called and that code is
 * discarded, not at all.
 */
final class VectorUnary {
    private VectorUnary() {}

    /** y = f(x). */
    @FunctionalInterface
    interface Function {
        void run(float a, float b, float[] x, int xo, float[] y, int yo, int n);
    }

    /** dx = dy f'(x), from s, which is x or f(x). */
    @FunctionalInterface
    interface Gradient {
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
    }

    private static void function(Unary f, Function loop) {
        FUNCTIONS[f.ordinal()] = loop;
    }

    private static void gradient(Unary f, Gradient loop) {
        GRADIENTS[f.ordinal()] = loop;
    }

    static Function functionOf(Unary f) {
        return FUNCTIONS[f.ordinal()];
    }

    static Gradient gradientOf(Unary f) {
        return GRADIENTS[f.ordinal()];
    }
}
