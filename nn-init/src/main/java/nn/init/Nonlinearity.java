package nn.init;

import java.util.function.DoubleUnaryOperator;

/**
 * A nonlinearity as data: a function of one number and its derivative, in double. A {@linkplain Gain gain} and the
 * theory of signal propagation belong to a nonlinearity; a layer that applies it to tensors has kernels of its own.
 *
 * <p>The constants, and two leaky ReLUs of the same slope, are equal as values. Those made by {@link #of} are equal
 * only if they have the same name and the same function objects. Where an argument is NaN, so are the results.
 */
public interface Nonlinearity {
    /** f(z) = z. */
    Nonlinearity LINEAR = new Nonlinearities.Linear();

    /** f(z) = max(z, 0), with derivative 0 at 0. */
    Nonlinearity RELU = new Nonlinearities.Relu();

    /** f(z) = tanh z. */
    Nonlinearity TANH = new Nonlinearities.Tanh();

    /** f(z) = 1 / (1 + exp(-z)). */
    Nonlinearity SIGMOID = new Nonlinearities.Sigmoid();

    /**
     * What to call it.
     *
     * @return such as {@code relu}
     */
    String name();

    /**
     * The function.
     *
     * @param z a pre-activation
     * @return f(z)
     */
    double value(double z);

    /**
     * Its derivative.
     *
     * @param z a pre-activation
     * @return f'(z); at a kink, the value from the left
     */
    double derivative(double z);

    /**
     * The leaky ReLU: f(z) = z above 0, {@code slope * z} elsewhere, with derivative {@code slope} at 0 (Maas, Hannun
     * and Ng, <i>Rectifier nonlinearities improve neural network acoustic models</i>, 2013).
     *
     * @param slope the slope below 0, finite; 0 gives {@link #RELU}
     * @return the nonlinearity
     * @throws IllegalArgumentException if the slope is NaN or infinite
     */
    static Nonlinearity leakyRelu(double slope) {
        return slope == 0 ? RELU : new Nonlinearities.LeakyRelu(slope);
    }

    /**
     * A nonlinearity of your own.
     *
     * @param name what to call it
     * @param f the function
     * @param df its derivative
     * @return the nonlinearity
     * @throws NullPointerException if an argument is null
     */
    static Nonlinearity of(String name, DoubleUnaryOperator f, DoubleUnaryOperator df) {
        return new Nonlinearities.Custom(name, f, df);
    }
}
