package nn.train.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.DataFormatException;

/** How a stored tensor got its first values, as the texts of a file have it. */
final class Origin {
    private static final String SCHEME = "scheme/";
    private static final String FANS = "fans/";
    private static final String KEY = "key/";
    private static final String FORM = "form/";
    private static final String OWN = "own: "; // before the scheme of an initializer that no text can bring back

    private static final List<Initializer> KNOWN = List.of(
            Init.zeros(), Init.ones(), Init.constant(0.01), Init.identity(), Init.orthogonal(), Init.xavierNormal(),
            Init.xavierUniform(), Init.heNormal(), Init.heUniform(), Init.lecunNormal(), Init.lecunUniform());

    private Origin() {}

    static void write(Slots.Slot slot, String name, Map<String, String> metadata) {
        Parameter parameter = slot.parameter();
        Initializer initializer = parameter.initializer();
        String scheme = initializer.getClass().isHidden() ? "a lambda" : initializer.toString();
        boolean known = parse(scheme).filter(initializer::equals).isPresent();
        metadata.put(SCHEME + name, known ? scheme : OWN + scheme);
        metadata.put(FANS + name, parameter.fans().in() + " " + parameter.fans().out());
        metadata.put(KEY + name, String.format("%016x%016x", parameter.key().hi(), parameter.key().lo()));
        if (slot.form() != Slots.Form.PLAIN) {
            metadata.put(FORM + name, slot.form().name());
        }
    }

    private static Optional<Initializer> parse(String scheme) {
        return KNOWN.stream().filter(known -> known.toString().equals(scheme)).findFirst();
    }

    /** The first values again, as they would be stored; empty if the file does not say enough. */
    static Optional<Tensor> firstValues(String name, Tensor stored, Safetensors file, String source)
            throws DataFormatException {
        String scheme = file.metadata().get(SCHEME + name);
        String fans = file.metadata().get(FANS + name);
        String key = file.metadata().get(KEY + name);
        Optional<Initializer> initializer = scheme == null ? Optional.empty() : parse(scheme);
        if (fans == null || key == null || initializer.isEmpty()) {
            return Optional.empty();
        }
        String form = file.metadata().getOrDefault(FORM + name, Slots.Form.PLAIN.name());
        try {
            Tensor values = Tensor.zeros(
                    form.equals(Slots.Form.TRANSPOSED.name()) ? stored.transpose().shape() : stored.shape());
            if (form.equals(Slots.Form.ADDEND.name())) {
                return Optional.of(values);
            }
            String[] two = fans.split(" ");
            initializer.get().fill(
                    values,
                    new Fans(Integer.parseInt(two[0]), Integer.parseInt(two[1])),
                    new Key(Long.parseUnsignedLong(key, 0, 16, 16), Long.parseUnsignedLong(key, 16, 32, 16)));
            return Optional.of(form.equals(Slots.Form.TRANSPOSED.name()) ? values.transpose() : values);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new DataFormatException(
                    source, 8, "header: what it says of the first values of '" + name + "' cannot be followed: scheme '"
                            + scheme + "', fans '" + fans + "', key '" + key + "' (" + e.getMessage() + ")");
        }
    }
}
