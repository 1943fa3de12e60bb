package nn.examples;

import nn.examples.claims.papers.DeepTanh;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.NonFiniteException;

/**
 * Plain tanh nets of any depth learn the digits with orthogonal weights, and do not with Gaussian ones: ten thousand
 * dense layers, or a thousand convolutions with delta-orthogonal kernels (Xiao, Bahri, Sohl-Dickstein, Schoenholz and
 * Pennington, <i>Dynamical isometry and a mean field theory of CNNs</i>, ICML 2018).
 */
final class Deep extends Example {
    private static final int CHANNELS = 8; // of a convolution

    // per layer, on two cores
    private static final double SECONDS_TO_DRAW = 3e-4;
    private static final double SECONDS_PER_STEP = 8e-5;
    private static final double SECONDS_PER_CONVOLUTION = 7e-4; // and step

    Deep() {
        super(
                "deep",
                "ten thousand plain tanh layers learn, with orthogonal weights",
                new Option("--net", "NAME", "dense", "dense, or conv for convolutions"),
                new Option("--depth", "N", "", "hidden layers (dense: 10000, conv: 1000)"),
                new Option("--steps", "N", "40", "of training, with 128 digits each (conv: 32)"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        String net = arguments.text("--net");
        if (!net.equals("dense") && !net.equals("conv")) {
            throw new UsageException("option --net is '" + net + "'; there are dense, conv");
        }
        boolean isDense = net.equals("dense");
        int usual = isDense ? 10_000 : 1_000;
        int depth = arguments.has("--depth") ? arguments.number("--depth", 1, 100_000) : usual;
        int steps = arguments.number("--steps", 1, 1_000_000);
        Key key = arguments.key();
        double perStep = isDense ? SECONDS_PER_STEP : SECONDS_PER_CONVOLUTION;
        terminal.announce(2 * depth * (SECONDS_TO_DRAW + steps * perStep));
        DeepTanh task = DeepTanh.of(depth, key.child("split"));
        return isDense ? dense(task, steps, key, terminal) : convolutional(task, steps, key, terminal);
    }

    private static int dense(DeepTanh task, int steps, Key key, Terminal terminal) {
        terminal.line("%d tanh layers of 64 units: no skips, no normalization, no biases.", task.depth());
        double orthogonal = trained("orthogonal", task, Init.orthogonal(), true, steps, key, terminal);
        double gaussian = trained("Gaussian", task, Init.lecunNormal(), true, steps, key, terminal);
        if (task.depth() < 2000 || steps < 40) {
            return 0; // no prediction: Gaussian weights learn in shallow nets, and nothing learns in a few steps
        }
        Expectations expectations = new Expectations(terminal);
        terminal.line("");
        expectations.expect("orthogonal: digits classified correctly", 0.9, orthogonal, 0.8, 1);
        expectations.expect("Gaussian: the same (chance)", 0.1, gaussian, 0, 0.17);
        return expectations.code();
    }

    private static int convolutional(DeepTanh task, int steps, Key key, Terminal terminal) {
        terminal.line(
                "%d tanh convolutions of 3 x 3 taps and %d channels on 8 x 8 pixels, zeros", task.depth(), CHANNELS);
        terminal.line("around them: no skips, no normalization, no pooling, no biases.");
        double orthogonal = trained("delta-orthogonal", task, Init.deltaOrthogonal(), false, steps, key, terminal);
        double he = trained("He", task, Init.heNormal(), false, steps, key, terminal);
        if (task.depth() < 500 || steps < 40) {
            return 0; // as above
        }
        Expectations expectations = new Expectations(terminal);
        terminal.line("");
        expectations.expect("delta-orthogonal: digits right", 0.77, orthogonal, 0.6, 1);
        expectations.expect("He: the same (chance)", 0.1, he, 0, 0.17);
        return expectations.code();
    }

    private static double trained(
            String name, DeepTanh task, Initializer weights, boolean isDense, int steps, Key key, Terminal terminal) {
        terminal.line("");
        terminal.line("%s weights", name);
        long start = System.nanoTime();
        Key named = key.child("network");
        Network network = isDense ? task.network(weights, named) : task.convolutional(CHANNELS, weights, named);
        long count =
                network.parameters().stream().mapToLong(p -> p.value().size()).sum();
        terminal.line("  %d weights drawn in %.1f s", count, seconds(start));
        long begin = System.nanoTime();
        DeepTanh.Listener listener = (step, loss) -> {
            if (step == 1 || step % 10 == 0) {
                terminal.line("  step %3d   loss %.4f   %.1f s", step, loss, seconds(begin));
            }
        };
        try {
            if (isDense) {
                task.train(network, steps, key.child("training"), listener);
            } else {
                task.trainOnSmallBatches(network, steps, key.child("training"), listener);
            }
        } catch (NonFiniteException e) {
            terminal.line("  step %3d is refused: the %s is %s", e.step(), e.quantity(), e.value());
        }
        double accuracy = task.accuracy(network);
        terminal.line("  %.1f %% of the held-out digits are classified correctly", 100 * accuracy);
        return accuracy;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }
}
