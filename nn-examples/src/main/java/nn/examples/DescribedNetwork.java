package nn.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.examples.experiment.Nonlinearities;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.tensor.Key;

/**
 * A network of dense layers that options describe: {@code --net} its inputs, layers and outputs, {@code --act} what
 * follows each hidden layer.
 *
 * @param text such as {@code 64-32x2-10}
 * @param sizes what that says: 64, 32, 32, 10
 * @param nonlinearity of the hidden layers
 */
record DescribedNetwork(String text, List<Integer> sizes, Nonlinearity nonlinearity) {
    private static final Pattern NET = Pattern.compile("(\\d{1,9})((?:-\\d{1,9}(?:x\\d{1,9})?)*)-(\\d{1,9})");
    private static final int LARGEST = 10_000; // layers, and units of one

    DescribedNetwork {
        sizes = List.copyOf(sizes);
    }

    /** Reads the two options. */
    static DescribedNetwork of(Arguments arguments) {
        String net = arguments.text("--net");
        return new DescribedNetwork(net, sizes(net), Nonlinearities.named(arguments.text("--act")));
    }

    private static List<Integer> sizes(String net) {
        Matcher matcher = NET.matcher(net);
        if (!matcher.matches()) {
            throw new UsageException("option --net is '" + net + "'; it must be inputs, layers and outputs, such as"
                    + " 64-32-64x20-10");
        }
        List<Integer> sizes = new ArrayList<>();
        for (String part : net.split("-", -1)) {
            String[] words = part.split("x", -1);
            int units = Integer.parseInt(words[0]);
            int times = words.length == 1 ? 1 : Integer.parseInt(words[1]);
            if (units < 1 || times < 1 || units > LARGEST || times > LARGEST - sizes.size()) {
                throw new UsageException("option --net is '" + net + "': layers have 1 to " + LARGEST
                        + " units, and there are at most " + LARGEST);
            }
            for (int i = 0; i < times; i++) {
                sizes.add(units);
            }
        }
        return sizes;
    }

    /** Makes the network: layers hidden1, hidden2, ... and out. */
    Network draw(Key key, Initializer weights, Initializer biases) {
        Network.Builder builder = Network.builder(key).input(sizes.getFirst());
        for (int l = 1; l < sizes.size() - 1; l++) {
            builder.dense("hidden" + l, sizes.get(l), weights, biases).activation(nonlinearity);
        }
        return builder.dense("out", sizes.getLast(), weights).build();
    }
}
