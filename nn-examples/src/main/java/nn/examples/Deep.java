package nn.examples;

import nn.examples.claims.papers.DeepTanh;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.network.Network;
import nn.tensor.Key;

/** Ten thousand plain tanh layers learn the digits with orthogonal weights, and do not with Gaussian ones. */
final class Deep extends Example {
    // per layer, on two cores
    private static final double SECONDS_TO_DRAW = 3e-4;
    private static final double SECONDS_PER_STEP = 8e-5;

    Deep() {
        super(
                "deep",
                "ten thousand plain tanh layers learn, with orthogonal weights",
                new Option("--depth", "N", "10000", "hidden layers"),
                new Option("--steps", "N", "40", "of training, with 128 digits each"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        int depth = arguments.number("--depth", 1, 100_000);
        int steps = arguments.number("--steps", 1, 1_000_000);
        Key key = arguments.key();
        terminal.announce(2 * depth * (SECONDS_TO_DRAW + steps * SECONDS_PER_STEP));
        DeepTanh task = DeepTanh.of(depth, key.child("split"));
        terminal.line("%d tanh layers of 64 units: no skips, no normalization, no biases.", depth);
        double orthogonal = trained("orthogonal", task, Init.orthogonal(), steps, key, terminal);
        double gaussian = trained("Gaussian", task, Init.lecunNormal(), steps, key, terminal);
        if (depth < 2000 || steps < 40) {
            return 0; // no prediction: Gaussian weights learn in shallow nets, and nothing learns in a few steps
        }
        terminal.line("");
        Expectations expectations = new Expectations(terminal);
        expectations.expect("orthogonal: digits classified correctly", 0.9, orthogonal, 0.8, 1);
        expectations.expect("Gaussian: the same (chance)", 0.1, gaussian, 0, 0.17);
        return expectations.code();
    }

    private static double trained(
            String name, DeepTanh task, Initializer weights, int steps, Key key, Terminal terminal) {
        terminal.line("");
        terminal.line("%s weights", name);
        long start = System.nanoTime();
        Network network = task.network(weights, key.child("network"));
        terminal.line("  %d weights drawn in %.1f s", 4096L * task.depth() + 640, seconds(start));
        long begin = System.nanoTime();
        task.train(network, steps, key.child("training"), (step, loss) -> {
            if (step == 1 || step % 10 == 0) {
                terminal.line("  step %3d   loss %.4f   %.1f s", step, loss, seconds(begin));
            }
        });
        double accuracy = task.accuracy(network);
        terminal.line("  %.1f %% of the held-out digits are classified correctly", 100 * accuracy);
        return accuracy;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }
}
