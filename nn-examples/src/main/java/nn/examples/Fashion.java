package nn.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.data.Idx;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;

/** Learns 60,000 pictures of clothes and classifies 10,000 others into ten kinds. */
final class Fashion extends Example {
    private static final String[] FILES = {
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
    };
    private static final double SECONDS_PER_EPOCH = 2; // on two cores
    private static final int SIDE = 28;
    private static final float BRIGHTEST = 255;
    private static final int CLASSES = 10;

    Fashion() {
        super(
                "fashion",
                "learns Fashion-MNIST, pictures of clothes, from IDX files",
                new Option("--data", "DIR", "/usr/share/datasets/fashion-mnist", "folder of the files"),
                new Option("--epochs", "N", "10", "passes over the training part"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        int epochs = arguments.number("--epochs", 1, 1_000_000);
        Path folder = arguments.path("--data");
        Path[] files = new Path[FILES.length];
        for (int i = 0; i < FILES.length; i++) {
            files[i] = Files.exists(folder.resolve(FILES[i]))
                    ? folder.resolve(FILES[i])
                    : folder.resolve(FILES[i] + ".gz");
            if (!Files.isRegularFile(files[i])) {
                throw missing(files[i]);
            }
        }
        Dataset train = load(files[0], files[1]);
        Dataset test = load(files[2], files[3]);
        terminal.announce(epochs * SECONDS_PER_EPOCH);

        Network network = Network.builder(key.child("network"))
                .input(SIDE * SIDE)
                .dense("hidden1", 256)
                .relu()
                .dense("hidden2", 128)
                .relu()
                .dense("out", CLASSES)
                .build();
        terminal.line("%s", network.summary());
        // A high rate finds a minimum, a low one settles in it: the last third of the epochs has a fifth of the rate.
        int settling = epochs / 3;
        train(network, train, test, 1e-3, epochs - settling, key.child("first"), terminal);
        if (settling > 0) {
            train(network, train, test, 2e-4, settling, key.child("then"), terminal);
        }
        double accuracy = Metrics.accuracy(network, test.x(), test.y());
        terminal.line("%.2f %% of %d test pictures are classified correctly", 100 * accuracy, test.size());
        return epochs >= 10 && accuracy < 0.88 ? 1 : 0;
    }

    private static void train(
            Network network, Dataset train, Dataset test, double rate, int epochs, Key key, Terminal terminal) {
        terminal.line("%d epochs at rate %s", epochs, rate);
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(rate), key.child("trainer"));
        TrainingObserver report = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport epoch) {
                terminal.line(
                        "epoch %2d   loss %.4f   test accuracy %.2f %%   %.1f s",
                        epoch.epoch(),
                        epoch.loss(),
                        100 * Metrics.accuracy(network, test.x(), test.y()),
                        epoch.seconds());
            }
        };
        trainer.fit(Batches.shuffled(train, 128, key.child("batches")), epochs, terminal.observers(report));
    }

    private static Dataset load(Path images, Path labels) throws IOException {
        Tensor x = Idx.read(images, Shape.of(Shape.ANY, SIDE, SIDE));
        Tensor y = Idx.read(labels, Shape.of(Shape.ANY));
        if (x.dim(0) != y.dim(0)) {
            throw new UsageException(images + " has " + x.dim(0) + " pictures, " + labels + " has " + y.dim(0)
                    + " labels: they do not belong together");
        }
        x.scaleInPlace(1 / BRIGHTEST);
        return new Dataset(x.reshape(x.dim(0), SIDE * SIDE), y);
    }

    private static UsageException missing(Path file) {
        return new UsageException("no file " + file + ". Fashion-MNIST is 70,000 pictures of clothes, 28 x 28 pixels in"
                + " ten kinds, by Zalando (MIT licence), in four IDX files, which may be compressed (.gz): "
                + String.join(", ", FILES) + ". On Debian or Ubuntu: apt install dataset-fashion-mnist. Elsewhere:"
                + " download them from github.com/zalandoresearch/fashion-mnist (data/fashion) into a folder, and name"
                + " it: nn fashion --data FOLDER");
    }
}
