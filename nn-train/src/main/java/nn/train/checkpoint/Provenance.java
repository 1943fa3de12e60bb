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

/** Texts of a file that describe the initializer of each parameter, and the parameters that make up each tensor. */
final class Provenance {
    private static final String SCHEME = "scheme/";
    private static final String FANS = "fans/";
    private static final String KEY = "key/";
    private static final String BLOCK = "block/";
    private static final String OWN = "own: "; // prefix of the scheme of an initializer that no text can restore

    private Provenance() {}

    static void write(String path, Parameter parameter, Map<String, String> metadata) {
        Initializer initializer = parameter.initializer();
        String scheme = Description.of(initializer);
        boolean known = parse(scheme).filter(initializer::equals).isPresent();
        metadata.put(SCHEME + path, known ? scheme : OWN + scheme);
        metadata.put(
                FANS + path,
                number(parameter.fans().in()) + " " + number(parameter.fans().out()));
        metadata.put(KEY + path, parameter.key().hex());
    }

    /** Returns all digits of a fan, usually a whole number. */
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

    /** Draws the initial values again; empty if the file does not describe them. */
    static Optional<Tensor> initialValues(String path, Shape shape, Map<String, String> metadata) {
        String scheme = metadata.get(SCHEME + path);
        String fans = metadata.get(FANS + path);
        String key = metadata.get(KEY + path);
        Optional<Initializer> initializer = scheme == null ? Optional.empty() : parse(scheme);
        if (fans == null || key == null || initializer.isEmpty()) {
            return Optional.empty();
        }
        try {
            String[] two = split(fans, 2, "fans are two numbers, such as '64 10'");
            Tensor values = Tensor.zeros(shape);
            initializer
                    .get()
                    .fill(values, new Fans(Double.parseDouble(two[0]), Double.parseDouble(two[1])), Key.parse(key));
            return Optional.of(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the initializer of '" + path + "' is invalid: scheme '" + scheme + "', fans '" + fans + "', key '"
                            + key + "' (" + e.getMessage() + ")",
                    e);
        }
    }

    /** Splits a text at spaces. Without the check, compiled code would throw an exception without a message. */
    private static String[] split(String text, int count, String rule) {
        String[] parts = text.split(" ", count);
        if (parts.length < count) {
            throw new IllegalArgumentException("'" + text + "' is incomplete: " + rule);
        }
        return parts;
    }

    /** Writes the parameters that make up a tensor. */
    static void write(StoredTensor tensor, Map<String, String> metadata) {
        for (int i = 0; i < tensor.blocks().size(); i++) {
            StoredTensor.Block block = tensor.blocks().get(i);
            String dims = Arrays.stream(block.shape().dims())
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining("x"));
            metadata.put(blockName(i, tensor.name()), block.form() + " " + dims + " " + block.path());
        }
    }

    private static String blockName(int index, String tensor) {
        return BLOCK + index + "/" + tensor;
    }

    /** Returns the parameters that make up a tensor: one with its name, unless the file states others. */
    static StoredTensor storedTensor(String name, Shape shape, Map<String, String> metadata) {
        List<StoredTensor.Block> blocks = new ArrayList<>();
        try {
            String text = metadata.get(blockName(0, name));
            while (text != null) {
                String[] parts = split(text, 3, "a block is a form, dimensions and a path, such as 'PLAIN 64x10 out'");
                int[] dims = parts[1].isEmpty()
                        ? new int[0]
                        : Arrays.stream(parts[1].split("x"))
                                .mapToInt(Integer::parseInt)
                                .toArray();
                blocks.add(new StoredTensor.Block(parts[2], Shape.of(dims), Form.valueOf(parts[0])));
                text = metadata.get(blockName(blocks.size(), name));
            }
            StoredTensor stored = blocks.isEmpty()
                    ? StoredTensor.of(name, new StoredTensor.Block(name, shape, Form.PLAIN))
                    : new StoredTensor(name, blocks);
            long size = stored.blocks().stream()
                    .mapToLong(block -> block.shape().size())
                    .sum();
            if (stored.shape().equals(shape) && size == shape.size()) { // else memory would be allocated for any claim
                return stored;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException("the blocks of '" + name + "' are invalid (" + e.getMessage() + ")", e);
        }
        throw new IllegalArgumentException("the blocks of '" + name + "' do not make up " + shape);
    }
}
