package nn.tensor;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A matrix product that a network makes, with its operands.
 *
 * @param name such as {@code square-512} or {@code dW-32}, the last number a batch
 * @param form which side is read transposed
 * @param m rows of the product
 * @param n columns of the product
 * @param k inner size
 */
record Product(String name, Transposed form, int m, int n, int k) {
    private static final int INPUTS = 784;
    private static final int UNITS = 256;
    private static final int HIDDEN = 128;
    private static final int CLASSES = 10;

    /** Squares; a layer 784 -> 256, forward, its weight gradient, its input gradient; the same of a layer 128 -> 10. */
    static List<String> names() {
        Stream<String> squares = IntStream.of(32, 64, 128, 256, 512, 1024, 2048).mapToObj(n -> "square-" + n);
        Stream<String> layer = Stream.of("forward-", "dW-", "dX-")
                .flatMap(form -> IntStream.of(1, 8, 32, 64, 128, 512).mapToObj(batch -> form + batch));
        Stream<String> output = Stream.of("out-", "out.dW-", "out.dX-")
                .flatMap(form -> IntStream.of(32, 128, 512).mapToObj(batch -> form + batch));
        return Stream.of(squares, layer, output).flatMap(s -> s).toList();
    }

    static Product of(String name) {
        int dash = name.lastIndexOf('-');
        int size = Integer.parseInt(name.substring(dash + 1));
        return switch (name.substring(0, dash)) {
            case "square" -> new Product(name, Transposed.NONE, size, size, size);
            case "forward" -> new Product(name, Transposed.NONE, size, UNITS, INPUTS);
            case "dW" -> new Product(name, Transposed.LEFT, INPUTS, UNITS, size);
            case "dX" -> new Product(name, Transposed.RIGHT, size, INPUTS, UNITS);
            case "out" -> new Product(name, Transposed.NONE, size, CLASSES, HIDDEN);
            case "out.dW" -> new Product(name, Transposed.LEFT, HIDDEN, CLASSES, size);
            case "out.dX" -> new Product(name, Transposed.RIGHT, size, HIDDEN, CLASSES);
            default -> throw new IllegalArgumentException("no product is called '" + name + "'");
        };
    }

    Tensor left() {
        return random("left", form == Transposed.LEFT ? k : m, form == Transposed.LEFT ? m : k);
    }

    Tensor right() {
        return random("right", form == Transposed.RIGHT ? n : k, form == Transposed.RIGHT ? k : n);
    }

    /** Where the product goes. */
    Tensor result() {
        return Tensor.aligned(Shape.of(m, n));
    }

    /** At a cache line, as a predictor's weights and a workspace's tensors are, and as other libraries' operands. */
    private static Tensor random(String key, int rows, int columns) {
        Tensor tensor = Tensor.aligned(Shape.of(rows, columns));
        Key.of(1).child(key).uniform(tensor, -1, 1);
        return tensor;
    }

    double flops() {
        return 2.0 * m * n * k;
    }

    /** That another library computes what we compute, up to rounding. */
    void check(float[] product) {
        float[] ours = left().matmul(right(), form).array();
        Agreement.check(name, ours, product, 1e-5 * k);
    }
}
