package nn.init.nonlinearity;

/**
 * Expectations of a nonlinearity over two pre-activations u and v, both normal with mean 0 and variance q, with
 * correlation c: one step of the kernel of a wide network (the dual activation of Daniely, Frostig and Singer,
 * <i>Toward deeper understanding of neural networks</i>, 2016; for ReLU, Cho and Saul's arc-cosine kernels, 2009). By
 * {@link Nonlinearity#crossMoments}.
 *
 * @param values {@code E[f(u) f(v)]}; at c = 1 the second moment V(q)
 * @param slopes {@code E[f'(u) f'(v)]}: the derivative of {@code values} by the covariance {@code q c}; at c = 1, D(q)
 */
public record CrossMoments(double values, double slopes) {
    static void requireArguments(double variance, double correlation) {
        Moments.requireVariance("cross moments", variance);
        if (!(correlation >= -1 && correlation <= 1)) {
            throw new IllegalArgumentException("cross moments: correlation " + correlation + " must be from -1 to 1");
        }
    }
}
