package nn.init;

/**
 * The two numbers of DeepNorm, which trains post-norm transformers of up to 1,000 layers: a residual addition is {@code
 * norm(alpha x + f(x))}, and the weights of f are Xavier normal times beta, apart from those of queries and keys, which
 * are Xavier normal. Wang, Ma, Dong, Huang, Zhang and Wei, <i>DeepNet: scaling transformers to 1,000 layers</i> (2022),
 * figure 2.
 *
 * <p>{@code nn.layers.preset.Preset.deepNorm} draws the weights; alpha belongs to the residual blocks.
 *
 * @param alpha multiplies the input of a branch, above 0, finite
 * @param beta multiplies the weights of a branch, above 0, finite
 */
public record DeepNorm(double alpha, double beta) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not finite and above 0
     */
    public DeepNorm {
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY && beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "deep norm: alpha " + alpha + " and beta " + beta + " must be finite and above 0");
        }
    }

    /**
     * For a model of one stack whose layers have two branches, attention and feed-forward: an encoder alone (BERT) or a
     * decoder alone (GPT).
     *
     * @param layers N, at least 1
     * @return {@code alpha = (2 N)^(1/4)}, {@code beta = (8 N)^(-1/4)}: 3.761 and 0.1880 for 100 layers
     * @throws IllegalArgumentException if there is no layer
     */
    public static DeepNorm ofOneStack(int layers) {
        double n = atLeastOne("layers", layers);
        return new DeepNorm(StrictMath.pow(2 * n, 0.25), StrictMath.pow(8 * n, -0.25));
    }

    /**
     * For the encoder of an encoder and a decoder.
     *
     * @param encoderLayers N, at least 1
     * @param decoderLayers M, at least 1
     * @return {@code alpha = 0.81 (N^4 M)^(1/16)}, {@code beta = 0.87 (N^4 M)^(-1/16)}
     * @throws IllegalArgumentException if a number is below 1
     */
    public static DeepNorm ofEncoder(int encoderLayers, int decoderLayers) {
        double n = atLeastOne("encoder layers", encoderLayers);
        double m = atLeastOne("decoder layers", decoderLayers);
        double product = n * n * n * n * m;
        return new DeepNorm(0.81 * StrictMath.pow(product, 1 / 16.0), 0.87 * StrictMath.pow(product, -1 / 16.0));
    }

    /**
     * For the decoder of an encoder and a decoder, whose layers have three branches: attention to itself, attention to
     * the encoder, and feed-forward.
     *
     * @param decoderLayers M, at least 1
     * @return {@code alpha = (3 M)^(1/4)}, {@code beta = (12 M)^(-1/4)}
     * @throws IllegalArgumentException if there is no layer
     */
    public static DeepNorm ofDecoder(int decoderLayers) {
        double m = atLeastOne("decoder layers", decoderLayers);
        return new DeepNorm(StrictMath.pow(3 * m, 0.25), StrictMath.pow(12 * m, -0.25));
    }

    private static double atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("deep norm: " + name + " " + value + " must be at least 1");
        }
        return value;
    }
}
