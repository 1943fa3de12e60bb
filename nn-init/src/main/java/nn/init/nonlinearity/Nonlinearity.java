package nn.init.nonlinearity;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A function that a network applies to every element, with its derivative. In double, both are data: gains ({@code
 * nn.init.Gain}) and the theory of signal propagation ({@code nn.init.theory}) are computed from them. In float, layers
 * apply it to whole tensors by its {@linkplain #newKernel kernel}.
 *
 * <p>The simplest custom nonlinearity is a pair of lambdas, by {@link #of}. One that is to be as fast as those of
 * this library is a class that has a kernel, too; without fields that change, it can be its own kernel:
 *
 * <pre>{@code
 * record SquaredRelu() implements Nonlinearity, ElementwiseKernel {    // max(z, 0)^2
 *     public String name() { return "squared relu"; }
 *     public double value(double z) { return Math.max(z, 0) * Math.max(z, 0); }
 *     public double derivative(double z) { return 2 * Math.max(z, 0); }
 *     public ElementwiseKernel newKernel() { return this; }
 *
 *     public void apply(Tensor x, Tensor y) {
 *         x.reluInto(y);
 *         y.multiplyInto(y, y);
 *     }
 *
 *     public void gradient(Tensor x, Tensor dy, Tensor dx) {
 *         x.reluInto(dx);
 *         dx.multiplyInto(dy, dx);
 *         dx.scaleInPlace(2);
 *     }
 * }
 * }</pre>
 *
 * <p>Theory needs expectations over normal pre-activations: {@link #moments(double) moments} and {@link #crossMoments
 * cross moments}. Every nonlinearity has them by quadrature, lambdas included; those of this library override them
 * with closed forms where they exist, and so can your own class.
 *
 * <p>The constants, and two leaky ReLUs of the same slope, are equal as values. Those made by {@link #of} are equal
 * only if they have the same name and the same function objects. Where an argument is NaN, so are the results.
 */
public interface Nonlinearity {
    /** f(z) = z. */
    Nonlinearity LINEAR = new Linear();

    /** f(z) = max(z, 0), with derivative 0 at 0. */
    Nonlinearity RELU = new Relu();

    /** f(z) = tanh z. */
    Nonlinearity TANH = new Tanh();

    /** f(z) = 1 / (1 + exp(-z)). */
    Nonlinearity SIGMOID = new Sigmoid();

    /**
     * f(z) = z Phi(z), Phi the distribution function of the standard normal: the exact form, not the approximation by
     * tanh (Hendrycks and Gimpel, <i>Gaussian error linear units</i>, 2016).
     */
    Nonlinearity GELU = new Gelu();

    /**
     * The approximation of {@link #GELU} by tanh, within 0.0005 of it: f(z) = z (1 + tanh(sqrt(2 / pi) (z + 0.044715
     * z^3))) / 2. It is what GPT-2 and BERT's first code compute, and PyTorch with {@code approximate='tanh'}.
     */
    Nonlinearity GELU_TANH = new GeluTanh();

    /**
     * f(z) = z / (1 + exp(-z)), also called swish (Elfwing, Uchibe and Doya, <i>Sigmoid-weighted linear units</i>,
     * 2018; Ramachandran, Zoph and Le, <i>Searching for activation functions</i>, 2017).
     */
    Nonlinearity SILU = new Silu();

    /**
     * The scaled {@link #elu}, with the two constants that make mean 0 and variance 1 a fixed point: f(z) = 1.0507 z
     * above 0, 1.7581 (exp(z) - 1) elsewhere (Klambauer, Unterthiner, Mayr and Hochreiter, <i>Self-normalizing neural
     * networks</i>, NIPS 2017).
     */
    Nonlinearity SELU = new Selu();

    /** f(z) = log(1 + exp(z)), a smooth ReLU whose derivative is {@link #SIGMOID}. */
    Nonlinearity SOFTPLUS = new Softplus(1);

    /** f(z) = log(1 / (1 + exp(-z))), the logarithm of {@link #SIGMOID}. */
    Nonlinearity LOG_SIGMOID = new LogSigmoid();

    /** f(z) = z tanh(log(1 + exp(z))) (Misra, <i>Mish</i>, BMVC 2020). */
    Nonlinearity MISH = new Mish();

    /** f(z) = erf z, the sigmoidal function for which all of the theory has closed forms (Williams, 1997). */
    Nonlinearity ERF = new Erf();

    /** f(z) = sin z, for implicit representations (Sitzmann and others, <i>SIREN</i>, NeurIPS 2020). */
    Nonlinearity SIN = new Sin();

    /** f(z) = z between -1 and 1, otherwise the nearer of the two. */
    Nonlinearity HARD_TANH = new HardTanh();

    /**
     * f(z) = min(max(z + 3, 0), 6) / 6, with derivative 0 at -3 and 3 (Howard and others, <i>Searching for
     * MobileNetV3</i>, ICCV 2019), as PyTorch's.
     */
    Nonlinearity HARD_SIGMOID = new HardSigmoid();

    /** f(z) = z times {@link #HARD_SIGMOID}, with derivative 0 at -3 and 1 at 3 (same paper), as PyTorch's. */
    Nonlinearity HARD_SWISH = new HardSwish();

    /**
     * Returns the name.
     *
     * @return such as {@code relu}
     */
    String name();

    /**
     * Returns the value of the function.
     *
     * @param z a pre-activation
     * @return f(z)
     */
    double value(double z);

    /**
     * Returns the derivative.
     *
     * @param z a pre-activation
     * @return f'(z); at a kink, the value from the left, unless the function's documentation gives another
     */
    double derivative(double z);

    /**
     * The slope below 0 of a rectifier, which is z above 0 and slope * z below: 0 for ReLU. Weights before a rectifier
     * compensate for its effect on the signal by the gain of He and others 2015, {@code sqrt(2 / (1 + slope^2))}.
     *
     * <p>By default it is found from values of the function at powers of two from 2^-10 to 2^10.
     *
     * @return empty for any other function, the identity among them
     */
    default OptionalDouble negativeSlope() {
        double slope = 0 - value(-1);
        boolean rectifier = Double.isFinite(slope) && slope != 1;
        for (int exponent = -10; rectifier && exponent <= 10; exponent++) {
            double z = Math.scalb(1.0, exponent);
            rectifier = value(z) == z && value(-z) == -slope * z;
        }
        return rectifier ? OptionalDouble.of(slope) : OptionalDouble.empty();
    }

    /**
     * Makes a kernel, which applies this nonlinearity to whole tensors and computes gradients. A layer makes one for
     * each of its passes and keeps it, so a kernel may have room for intermediate results.
     *
     * <p>By default it calls {@link #value} and {@link #derivative} for each element, in double, on one thread:
     * convenient, not fast. Override it where speed counts: see {@link ElementwiseKernel}.
     *
     * @return a new kernel; or always the same one, if it has no fields that change
     */
    default ElementwiseKernel newKernel() {
        return new DoubleKernel(this);
    }

    /**
     * Describes this function by standard operators, so that other programs can run a network that has it. Those of
     * this library all do. A custom one overrides this method if it is to be part of an exported network:
     *
     * <pre>{@code
     * public Value export(OperatorGraph graph, Value x) {           // max(z, 0)^2
     *     Value positive = graph.elementwise("Relu", x);
     *     return graph.elementwise("Mul", positive, positive);
     * }
     * }</pre>
     *
     * @param graph takes the operators
     * @param x the pre-activations, of any shape
     * @return f(x), of the same shape
     * @throws UnsupportedOperationException if this nonlinearity does not override this method
     */
    default Value export(OperatorGraph graph, Value x) {
        throw graph.refused("the nonlinearity '" + name() + "': let its class override"
                + " Nonlinearity.export(OperatorGraph, Value)");
    }

    /**
     * Returns expectations over a normal pre-activation of mean 0.
     *
     * @param variance q, finite, 0 or more; the second moment of the pre-activation, as its mean is 0
     * @return M(q), V(q), D(q) and the others
     * @throws IllegalArgumentException if the variance is out of its range
     */
    default Moments moments(double variance) {
        return moments(0, variance);
    }

    /**
     * Returns expectations over a normal pre-activation z, N(mean, variance); a unit with a constant bias has that
     * mean.
     *
     * <p>The default is quadrature with some thousand nodes on either side of 0, exact to about 1e-13 for functions
     * that are analytic except for a kink or a jump at 0. A kink elsewhere costs some 1e-7, a jump of f or f' elsewhere
     * some 1e-4. At variance 0: the limit.
     *
     * @param mean finite
     * @param variance finite, 0 or more
     * @return the expectations; infinite or NaN if they do not exist, and infinite if the function grows so fast that
     *     much of one lies beyond ten standard deviations
     * @throws IllegalArgumentException if an argument is out of its range
     */
    default Moments moments(double mean, double variance) {
        return GaussianQuadrature.moments(this, mean, variance);
    }

    /**
     * Returns expectations over two normal pre-activations of mean 0 and the same variance.
     *
     * <p>The default is quadrature by a product rule in polar coordinates with some 30,000 nodes, exact to about 1e-12
     * for functions that are analytic except for a kink at 0, whatever the correlation. A kink
     * elsewhere costs some 1e-4 of the values and 1e-2 of the slopes.
     *
     * @param variance q of both, finite, 0 or more
     * @param correlation c, from -1 to 1
     * @return the expectations of the products
     * @throws IllegalArgumentException if an argument is out of its range
     */
    default CrossMoments crossMoments(double variance, double correlation) {
        return GaussianQuadrature.crossMoments(this, variance, correlation);
    }

    /**
     * Returns the leaky ReLU: f(z) = z above 0, {@code slope * z} elsewhere, with derivative {@code slope} at 0 (Maas,
     * Hannun and Ng, <i>Rectifier nonlinearities improve neural network acoustic models</i>, 2013).
     *
     * @param slope the slope below 0, finite; 0 gives {@link #RELU}
     * @return the nonlinearity
     * @throws IllegalArgumentException if the slope is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
     */
    static Nonlinearity leakyRelu(double slope) {
        return slope == 0 ? RELU : new LeakyRelu(slope);
    }

    /**
     * Returns the exponential linear unit: f(z) = z above 0, {@code alpha (exp(z) - 1)} elsewhere, with derivative
     * alpha at 0 (Clevert, Unterthiner and Hochreiter, <i>Fast and accurate deep network learning by exponential linear
     * units</i>, ICLR 2016).
     *
     * @param alpha minus the limit on the left, finite; 1 makes it smooth at 0, and is the usual choice; 0 gives {@link
     *     #RELU}
     * @return the nonlinearity
     * @throws IllegalArgumentException if alpha is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
     */
    static Nonlinearity elu(double alpha) {
        return alpha == 0 ? RELU : new Elu(alpha);
    }

    /**
     * Returns the continuously differentiable exponential linear unit: f(z) = z above 0, {@code alpha (exp(z / alpha) -
     * 1)} elsewhere (Barron, 2017).
     *
     * @param alpha minus the limit on the left, from 1e-9 to 1e9; 1 gives {@code elu(1)}
     * @return the nonlinearity
     * @throws IllegalArgumentException if alpha is out of its range
     */
    static Nonlinearity celu(double alpha) {
        return alpha == 1 ? new Elu(1) : new Celu(alpha);
    }

    /**
     * Returns the softplus of a given steepness: f(z) = log(1 + exp(beta z)) / beta, which approaches ReLU as beta
     * grows.
     *
     * @param beta the steepness, from 1e-9 to 1e9; 1 gives {@link #SOFTPLUS}
     * @return the nonlinearity
     * @throws IllegalArgumentException if beta is out of its range
     */
    static Nonlinearity softplus(double beta) {
        return beta == 1 ? SOFTPLUS : new Softplus(beta);
    }

    /**
     * Creates a nonlinearity from functions.
     *
     * @param name its name
     * @param f the function
     * @param df its derivative
     * @return the nonlinearity
     * @throws NullPointerException if an argument is null
     */
    static Nonlinearity of(String name, DoubleUnaryOperator f, DoubleUnaryOperator df) {
        return new Custom(name, f, df);
    }
}
