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

/** The origin of the first values of parameters, and their place in a file, as the texts of the file have it. */
final class Provenance {
    private static final String SCHEME = "scheme/";
    private static final String FANS = "fans/";
    private static final String KEY = "key/";
    private static final String BLOCK = "block/";
    private static final String OWN = "own: "; // before the scheme of an initializer that no text can bring back

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
            initializer
                    .get()
                    .fill(values, new Fans(Double.parseDouble(two[0]), Double.parseDouble(two[1])), Key.parse(key));
            return Optional.of(values);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "what it says of the first values of '" + path + "' cannot be followed: scheme '" + scheme
                            + "', fans '" + fans + "', key '" + key + "' (" + e.getMessage() + ")",
                    e);
        }
    }

    /** Says what a tensor is made of. */
    static void write(StoredTensor slot, Map<String, String> metadata) {
        for (int i = 0; i < slot.blocks().size(); i++) {
            StoredTensor.Block block = slot.blocks().get(i);
            String dims = Arrays.stream(block.shape().dims())
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining("x"));
            metadata.put(blockName(i, slot.name()), block.form() + " " + dims + " " + block.path());
        }
    }

    private static String blockName(int index, String tensor) {
        return BLOCK + index + "/" + tensor;
    }

    /** Returns the parts of a tensor: a parameter of its own name, unless the file says something else. */
    static StoredTensor slot(String name, Shape shape, Map<String, String> metadata) {
        List<StoredTensor.Block> blocks = new ArrayList<>();
        try {
            String text = metadata.get(blockName(0, name));
            while (text != null) {
                String[] parts = text.split(" ", 3);
                int[] dims = parts[1].isEmpty()
                        ? new int[0]
                        : Arrays.stream(parts[1].split("x"))
                                .mapToInt(Integer::parseInt)
                                .toArray();
                blocks.add(new StoredTensor.Block(parts[2], Shape.of(dims), Form.valueOf(parts[0])));
                text = metadata.get(blockName(blocks.size(), name));
            }
            StoredTensor slot = blocks.isEmpty()
                    ? StoredTensor.of(name, new StoredTensor.Block(name, shape, Form.PLAIN))
                    : new StoredTensor(name, blocks);
            long size = slot.blocks().stream()
                    .mapToLong(block -> block.shape().size())
                    .sum();
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
