package nn.init;

/**
 * The number of inputs that feed one unit, and the number of units that one input feeds. A layer says them, because it
 * knows which axis is which: for a dense layer of 784 inputs and 256 units they are (784, 256), for its bias too.
 *
 * @param in inputs of one unit, at least 1
 * @param out units fed by one input, at least 1
 */
public record Fans(int in, int out) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public Fans {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException(
                    "fans (in " + in + ", out " + out + "): each is at least 1; a layer has at least one input and one unit");
        }
    }
}
