package nn.train.checkpoint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.layers.WeightMapping.Form;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** How parameters got their first values, and where in a file they are, as the texts of the file have it. */
final class Origin {
    private static final String SCHEME = "scheme/";
    private static final String FANS = "fans/";
    private static final String KEY = "key/";
    private static final String BLOCK = "block/";
    private static final String OWN = "own: "; // before the scheme of an initializer that no text can bring back

    private Origin() {}

    static void write(String path, Parameter parameter, Map<String, String> metadata) {
        Initializer initializer = parameter.initializer();
        String scheme = Description.of(initializer);
        boolean known = parse(scheme).filter(initializer::equals).isPresent();
        metadata.put(SCHEME + path, known ? scheme : OWN + scheme);
        metadata.put(FANS + path, number(parameter.fans().in()) + " " + number(parameter.fans().out()));
        metadata.put(KEY + path, parameter.key().hex());
    }

    /** All digits of a fan, which is a whole number as a rule. */
    private static String number(double fan) {
        return new BigDecimal(Double.toString(fan)).stripTrailingZeros().toPlainString();
    }

    private static Optional<Initializer> parse(String scheme) {
        try {
            return Optional.of(Init.parse(scheme));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The first values again; empty if the file does not say enough. */
    static Optional<Tensor> firstValues(String path, Shape shape, Map<String, String> metadata) {
        String scheme = metadata.get(SCHEME + path);
        String fans = metadata.get(FANS + path);
        String key = metadata.get(KEY + path);
        Optional<Initializer> initializer = scheme == null ? Optional.empty() : parse(scheme);
        if (fans == null || key == null || initializer.isEmpty()) {
            return Optional.empty();
        }
        try {
            String[] two = fans.split(" ");
            Tensor values = Tensor.zeros(shape);
            initializer.get().fill(
                    values,
                    new Fans(Double.parseDouble(two[0]), Double.parseDouble(two[1])),
                    Key.parse(key));
            return Optional.of(values);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "what it says of the first values of '" + path + "' cannot be followed: scheme '" + scheme
                            + "', fans '" + fans + "', key '" + key + "' (" + e.getMessage() + ")",
                    e);
        }
    }

    /** Says what a tensor is made of. */
    static void write(Slot slot, Map<String, String> metadata) {
        for (int i = 0; i < slot.blocks().size(); i++) {
            Slot.Block block = slot.blocks().get(i);
            String dims = Arrays.stream(block.shape().dims())
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining("x"));
            metadata.put(BLOCK + i + "/" + slot.name(), block.form() + " " + dims + " " + block.path());
        }
    }

    /** What a tensor is made of: a parameter of its own name, unless the file says something else. */
    static Slot slot(String name, Shape shape, Map<String, String> metadata) {
        List<Slot.Block> blocks = new ArrayList<>();
        try {
            while (metadata.containsKey(BLOCK + blocks.size() + "/" + name)) {
                String[] parts = metadata.get(BLOCK + blocks.size() + "/" + name).split(" ", 3);
                int[] dims = parts[1].isEmpty()
                        ? new int[0]
                        : Arrays.stream(parts[1].split("x")).mapToInt(Integer::parseInt).toArray();
                blocks.add(new Slot.Block(parts[2], Shape.of(dims), Form.valueOf(parts[0])));
            }
            Slot slot = blocks.isEmpty()
                    ? Slot.of(name, new Slot.Block(name, shape, Form.PLAIN))
                    : new Slot(name, blocks);
            long size = slot.blocks().stream().mapToLong(block -> block.shape().size()).sum();
            if (slot.shape().equals(shape) && size == shape.size()) { // else memory is taken for what a text claims
                return slot;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "what it says of the parts of '" + name + "' cannot be followed (" + e.getMessage() + ")", e);
        }
        throw new IllegalArgumentException("what it says of the parts of '" + name + "' does not make " + shape);
    }
}
