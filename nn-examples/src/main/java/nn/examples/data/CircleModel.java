package nn.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Csv;
import nn.train.data.Dataset;

/**
 * A network of the set Circle of AUTOTRAINER (Zhang, Zhai, Ma and Shen, <i>AUTOTRAINER: an automatic DNN training
 * problem detection and repair system</i>, ICSE 2021): 20 networks whose training fails and 10 that can be trained, for
 * points of two classes, one around the other. Each has 5 to 17 hidden layers of 5 units, and one logit as the output:
 * the published networks end with a sigmoid, which {@link nn.train.loss.SigmoidCrossEntropy} has.
 *
 * @param name as published
 * @param layers in the order in which data reaches them; the last one returns the logit
 */
public record CircleModel(String name, List<DenseLayer> layers) {
    private static final int FEATURES = 2;

    /** The names of networks that can be trained. */
    private static final Pattern HEALTHY = Pattern.compile("simplednn|model_(mi|ma|al)_.*");

    /**
     * A dense layer.
     *
     * @param units of the layer
     * @param weights of the layer
     * @param biases of the layer
     * @param activation applied to its output
     */
    public record DenseLayer(int units, Initializer weights, Initializer biases, Nonlinearity activation) {}

    /** Takes an unmodifiable copy. */
    public CircleModel {
        layers = List.copyOf(layers);
    }

    /**
     * Whether the authors call it healthy.
     *
     * @return false for the 20 networks whose training fails
     */
    public boolean isHealthy() {
        return HEALTHY.matcher(name).matches();
    }

    /**
     * The network, with weights of its initializers.
     *
     * @param key names the weights
     * @return from [batch x 2] to [batch x 1], the logits
     */
    public Network network(Key key) {
        Network.Builder builder = Network.builder(key).input(FEATURES);
        for (int i = 0; i < layers.size(); i++) {
            DenseLayer layer = layers.get(i);
            builder.dense("dense" + (i + 1), layer.units(), layer.weights(), layer.biases());
            if (i < layers.size() - 1) {
                builder.activation(layer.activation());
            }
        }
        return builder.build();
    }

    /**
     * All networks of the set.
     *
     * @return 20 sick ones, then 10 healthy ones
     */
    public static List<CircleModel> all() {
        List<CircleModel> models = new ArrayList<>();
        String name = "";
        List<DenseLayer> layers = new ArrayList<>();
        List<String[]> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i);
            switch (words[0]) {
                case "MODEL" -> name = words[1].substring(words[1].indexOf('/') + 1);
                case "dense" ->
                    layers.add(new DenseLayer(
                            Integer.parseInt(words[1]),
                            initializer(words[2]),
                            initializer(words[3]),
                            activation(lines.get(i + 1)[1])));
                case "act" -> {
                    if (i + 1 == lines.size() || lines.get(i + 1)[0].equals("MODEL")) {
                        models.add(new CircleModel(name, layers));
                        layers.clear();
                    }
                }
                default -> throw new IllegalStateException("models.txt: '" + words[0] + "' is not known");
            }
        }
        return List.copyOf(models);
    }

    /**
     * The points to train with.
     *
     * @return coordinates, [700 x 2], and classes 0 and 1, [700 x 1]
     */
    public static Dataset train() {
        return points("train.csv");
    }

    /**
     * The points to test with.
     *
     * @return coordinates, [300 x 2], and classes 0 and 1, [300 x 1]
     */
    public static Dataset test() {
        return points("test.csv");
    }

    private static Dataset points(String name) {
        try (InputStream in = resource(name)) {
            Tensor values = Csv.withoutHeader().read(in, name).values();
            Tensor x = Tensor.zeros(values.dim(0), FEATURES);
            Tensor y = Tensor.zeros(values.dim(0), 1);
            for (int i = 0; i < values.dim(0); i++) {
                x.set(values.get(i, 0), i, 0);
                x.set(values.get(i, 1), i, 1);
                y.set(values.get(i, 2), i, 0);
            }
            return new Dataset(x, y);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static List<String[]> lines() {
        try (InputStream in = resource("models.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> line.split(" ", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("models.txt", e);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(CircleModel.class.getResourceAsStream("circle/" + name), name);
    }

    /** Reads an initializer such as {@code zeros}, {@code normal:0.05} or {@code vs:SCALE:MODE:DISTRIBUTION}. */
    private static Initializer initializer(String text) {
        String[] parts = text.split(":", -1);
        return switch (parts[0]) {
            case "zeros" -> Init.zeros();
            case "uniform" -> Init.uniform(Double.parseDouble(parts[1]));
            case "normal" -> Init.normal(Double.parseDouble(parts[1]));
            case "trunc" -> Init.truncatedNormal(Double.parseDouble(parts[1]));
            case "vs" -> new VarianceScaling(Math.sqrt(Double.parseDouble(parts[1])), fan(parts[2]), shape(parts[3]));
            default -> throw new IllegalStateException("models.txt: initializer '" + text + "' is not known");
        };
    }

    private static Fan fan(String text) {
        return switch (text) {
            case "fan_in" -> Fan.IN;
            case "fan_out" -> Fan.OUT;
            case "fan_avg" -> Fan.AVERAGE;
            default -> throw new IllegalStateException("models.txt: fan '" + text + "' is not known");
        };
    }

    private static Distribution shape(String text) {
        return switch (text) {
            case "uniform" -> Distribution.UNIFORM;
            case "normal" -> Distribution.NORMAL;
            case "truncated_normal" -> Distribution.TRUNCATED_NORMAL;
            default -> throw new IllegalStateException("models.txt: distribution '" + text + "' is not known");
        };
    }

    private static Nonlinearity activation(String name) {
        return switch (name) {
            case "relu" -> Nonlinearity.RELU;
            case "tanh" -> Nonlinearity.TANH;
            case "sigmoid" -> Nonlinearity.SIGMOID;
            case "exponential" -> Nonlinearity.of("exponential", StrictMath::exp, StrictMath::exp);
            default -> throw new IllegalStateException("models.txt: activation '" + name + "' is not known");
        };
    }
}
