package nn.examples;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.LayerFactory;
import nn.layers.network.Network;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Ring;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.data.Dataset;
import nn.train.data.SyntheticDatasets;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;

/**
 * Recurrent layers remember symbols over a delay, or forget them, by the values that they begin with.
 *
 * <p>The task is {@link SyntheticDatasets#copyMemory}; only the answers count. The biases of the gates are those of
 * {@link nn.init.Chrono} or the usual ones. The eigenvalues of a linear recurrence lie anywhere in the unit disk, as by
 * default, or on a ring whose magnitudes forget to a share of 1 / e within one to ten delays.
 */
final class Memory extends Example {
    private static final String USUAL = "LSTM, forget bias 1";
    private static final String CHRONO = "LSTM, chrono biases";
    private static final String LRU = "LRU, eigenvalues anywhere";
    private static final String LONG_LRU = "LRU, eigenvalues near 1";
    private static final double ANY_PHASE = 2 * Math.PI;
    private static final int SYMBOLS = 4;
    private static final int LENGTH = 2;
    private static final int UNITS = 32;
    private static final int BATCH = 32;
    private static final int TESTED = 256;
    private static final double RATE = 0.01;
    private static final double SECONDS_PER_STATE = 1.5e-4; // of a batch, forward and backward, on two cores

    Memory() {
        super(
                "memory",
                "recurrent layers remember by the values that they begin with",
                new Option("--delay", "N", "100", "steps between the symbols and the question"),
                new Option("--steps", "N", "300", "of training, with 32 sequences each"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        int delay = arguments.number("--delay", 2, 10_000);
        int steps = arguments.number("--steps", 1, 1_000_000);
        Key key = arguments.key();
        SequencedMap<String, LayerFactory> layers = layers(delay, key.child("times"));
        terminal.announce(layers.size() * steps * (delay + 2.0 * LENGTH) * SECONDS_PER_STATE);
        terminal.line(
                "%d symbols of %d kinds, %d steps of silence, then the question: which were", LENGTH, SYMBOLS, delay);
        terminal.line("they? Layers of %d units, %d steps of training.", UNITS, steps);
        terminal.line("");
        SequencedMap<String, Double> shares = new LinkedHashMap<>();
        layers.forEach((name, layer) -> shares.put(name, trained(name, layer, delay, steps, key, terminal)));
        if (delay < 50 || steps < 300) {
            return 0; // no prediction: a short delay is no matter, and nothing learns in a few steps
        }
        terminal.line("");
        Expectations expectations = new Expectations(terminal);
        double chance = 1.0 / SYMBOLS;
        expectations.expect(USUAL + " (chance)", chance, shares.get(USUAL), chance - 0.1, chance + 0.15);
        expectations.expect(CHRONO + ": share remembered", 0.64, shares.get(CHRONO), 0.45, 1);
        expectations.expect(LONG_LRU + ": share remembered", 1, shares.get(LONG_LRU), 0.8, 1);
        return expectations.code();
    }

    /** The layers to compare, by name. */
    private static SequencedMap<String, LayerFactory> layers(int delay, Key times) {
        double longest = 1.5 * delay;
        SequencedMap<String, LayerFactory> layers = new LinkedHashMap<>();
        layers.put(USUAL, Lstm.units(UNITS));
        layers.put(
                CHRONO,
                Lstm.units(UNITS)
                        .bias("forget", Init.chronoKeep(longest, times))
                        .bias("input", Init.chronoAdmit(longest, times)));
        layers.put("tanh RNN, LeCun normal", Rnn.units(UNITS).recurrent(Init.lecunNormal()));
        layers.put("tanh RNN, orthogonal", Rnn.units(UNITS).recurrent(Init.orthogonal()));
        layers.put(
                "ReLU RNN, identity",
                Rnn.units(UNITS).activation(Nonlinearity.RELU).recurrent(Init.identity()));
        layers.put(LRU, linear(new Ring(0, 1, ANY_PHASE)));
        layers.put(LONG_LRU, linear(new Ring(1 - 1.0 / delay, 1 - 0.1 / delay, ANY_PHASE)));
        return layers;
    }

    /** A linear recurrence between dense layers, of which the second reads its states by a nonlinearity. */
    private static LayerFactory linear(Ring ring) {
        return Network.chain(body -> body.dense("in", UNITS)
                .layer("lru", LinearRecurrence.states(UNITS).ring(ring))
                .gelu()
                .dense("mix", UNITS)
                .gelu());
    }

    private static double trained(String name, LayerFactory layer, int delay, int steps, Key key, Terminal terminal) {
        Network network = Network.builder(key.child("network"))
                .input(Shape.of(Shape.ANY, Shape.ANY, SYMBOLS + 2))
                .timeMajor()
                .layer("memory", layer)
                .dense("out", SYMBOLS)
                .timeMajor()
                .build();
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy().ignoring(SYMBOLS); // the label of silence
        TrainerOptions options = TrainerOptions.NONE.clipping(Clipping.norm(1));
        Trainer trainer = new Trainer(network, loss, Adam.of(RATE), key.child("training"), options);
        long start = System.nanoTime();
        double last = 0;
        for (int step = 1; step <= steps; step++) {
            Dataset batch = SyntheticDatasets.copyMemory(
                    BATCH, SYMBOLS, LENGTH, delay, key.child("batch").child(step));
            last = trainer.step(batch.x(), batch.y()).loss();
        }
        Dataset test = SyntheticDatasets.copyMemory(TESTED, SYMBOLS, LENGTH, delay, key.child("test"));
        double share = Metrics.accuracy(network, test.x(), test.y(), loss.ignored());
        terminal.line(
                "%-26s loss %.3f   %5.1f %% of the symbols   %.0f s",
                name, last, 100 * share, (System.nanoTime() - start) * 1e-9);
        return share;
    }
}
