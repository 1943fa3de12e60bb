package nn.examples;

import nn.examples.data.DigitImages;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;

/** Learns 1,797 handwritten digits of 8 x 8 pixels and classifies a held-out fifth of them. */
final class Digits extends Example {
    private static final int SIDE = DigitImages.SIDE;
    private static final int CLASSES = DigitImages.CLASSES;
    private static final int BATCH = 32;
    private static final int EPOCHS = 40;

    Digits() {
        super(
                "digits",
                "learns handwritten digits with a dense or a recurrent network",
                new Option("--rnn", "", "", "read a digit row by row, 8 steps of 8 pixels"),
                new Option("--epochs", "N", "" + EPOCHS, "passes over the training part"),
                new Option("--fingerprint", "", "", "print SHA-256 of every trained parameter"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        Key key = arguments.key();
        int epochs = arguments.number("--epochs", 1, 1_000_000);
        boolean recurrent = arguments.has("--rnn");
        Dataset.Split data = split(recurrent, key);
        Network network = recurrent ? rnn(key.child("network")) : mlp(key.child("network"));
        terminal.line("%s", network.summary());
        terminal.line(
                "%d digits to learn from, %d held out",
                data.train().size(), data.test().size());
        TrainingObserver report = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport epoch) {
                if (epoch.epoch() % 10 == 0 || epoch.epoch() == epochs) {
                    terminal.line(
                            "epoch %3d   loss %.4f   held-out accuracy %.2f %%",
                            epoch.epoch(), epoch.loss(), 100 * accuracy(network, data.test()));
                }
            }
        };
        long start = System.nanoTime();
        train(network, data, epochs, key, terminal.observers(report));
        double accuracy = accuracy(network, data.test());
        terminal.line(
                "%.2f %% of the held-out digits are classified correctly, after %.1f s of training",
                100 * accuracy, (System.nanoTime() - start) * 1e-9);
        if (arguments.has("--fingerprint")) {
            fingerprints(network, terminal);
        }
        double least = recurrent ? 0.94 : 0.97;
        if (epochs >= EPOCHS && accuracy < least) {
            terminal.line("At least %.0f %% were expected.", 100 * least);
            return 1;
        }
        return 0;
    }

    /** Returns the network of this example as it is after its 40 epochs. */
    static Network trained(Key key) {
        Network network = mlp(key.child("network"));
        train(network, split(false, key), EPOCHS, key);
        return network;
    }

    /** Prints the SHA-256 of every parameter. */
    static void fingerprints(Network network, Terminal terminal) {
        network.parametersByPath()
                .forEach((path, parameter) ->
                        terminal.line("%-15s %s", path, parameter.value().sha256()));
    }

    private static void train(Network network, Dataset.Split data, int epochs, Key key, TrainingObserver... observers) {
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(2e-3), key.child("trainer"));
        trainer.fit(Batches.shuffled(data.train(), BATCH, key.child("batches")), epochs, observers);
    }

    private static Dataset.Split split(boolean rows, Key key) {
        return load(rows).split(0.2, key.child("split"));
    }

    private static Network mlp(Key key) {
        return Network.builder(key)
                .input(SIDE * SIDE)
                .dense("hidden1", 128)
                .relu()
                .dense("hidden2", 64)
                .relu()
                .dense("out", CLASSES)
                .build();
    }

    private static Network rnn(Key key) {
        return Network.builder(key)
                .input(Shape.of(Shape.ANY, SIDE, SIDE))
                .layer("rows", new TimeMajor())
                .layer("rnn", Rnn.units(96).last())
                .dense("out", CLASSES)
                .build();
    }

    private static double accuracy(Network network, Dataset data) {
        return Metrics.accuracy(network, data.x(), data.y());
    }

    /** Loads the digits with pixels from 0 to 1: [n x 64], or [n x 8 x 8] in rows. */
    private static Dataset load(boolean rows) {
        Dataset digits = DigitImages.load();
        return rows ? new Dataset(digits.x().reshape(digits.size(), SIDE, SIDE), digits.y()) : digits;
    }
}
