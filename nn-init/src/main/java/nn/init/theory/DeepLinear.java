package nn.init.theory;

/**
 * The learning of one mode of a linear network with one hidden layer by gradient flow: the product u of a mode's two
 * weights follows {@code tau du/dt = 2 u (s - u)}, a sigmoid from the small start {@code u0} to the mode's strength s
 * in the data. From Saxe, McClelland and Ganguli, <i>Exact solutions to the nonlinear dynamics of learning in deep
 * linear neural networks</i> (ICLR 2014), equations 7 to 9.
 *
 * @param strength s, the singular value of the input-output correlations, above 0
 * @param start u0, above 0; below s if it is to grow
 * @param timeConstant tau, above 0: the reciprocal of the learning rate, in the units of t
 */
public record DeepLinear(double strength, double start, double timeConstant) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one, or the strength over the start, is not finite and above 0
     */
    public DeepLinear {
        Check.positive("deep linear", "strength", strength);
        Check.positive("deep linear", "start", start);
        Check.positive("deep linear", "time constant", timeConstant);
        Check.positive("deep linear", "strength over start", strength / start);
    }

    /**
     * Returns the mode's weight product at a time.
     *
     * @param t finite, 0 or more
     * @return {@code s e / (e - 1 + s / u0)} with {@code e = exp(2 s t / tau)}
     * @throws IllegalArgumentException if the time is negative, NaN or infinite
     */
    public double at(double t) {
        Check.notNegative("deep linear", "time", t);
        double decay = StrictMath.exp(-2 * strength * t / timeConstant); // 1 / e, which does not overflow
        return strength / (1 + (strength / start - 1) * decay);
    }

    /**
     * Returns the time at which a weight product is reached.
     *
     * @param u strictly between the start and the strength
     * @return {@code tau / (2 s) ln(u (s - u0) / (u0 (s - u)))}
     * @throws IllegalArgumentException if u is not between the start and the strength
     */
    public double timeTo(double u) {
        double ratio = u / start * ((strength - start) / (strength - u)); // no product of two large numbers
        if (!(ratio >= 1 && ratio < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "deep linear: " + u + " is not on the way from " + start + " to " + strength);
        }
        return timeConstant / (2 * strength) * StrictMath.log(ratio);
    }
}
