package nn.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import nn.layers.Layer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.data.Idx;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.schedule.Schedule;

/**
 * Learns 60,000 pictures of clothes and classifies 10,000 others into ten kinds, by one of three {@linkplain FashionNet
 * models}.
 */
final class Fashion extends Example {
    private static final String[] FILES = {
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
    };
    private static final int EPOCHS = 10; // for which an accuracy is predicted
    private static final int BATCH = 128;
    private static final float BRIGHTEST = 255;

    Fashion() {
        super(
                "fashion",
                "learns Fashion-MNIST, pictures of clothes, from IDX files",
                new Option("--net", "NAME", "mlp", FashionNet.names()),
                new Option("--data", "DIR", "/usr/share/datasets/fashion-mnist", "folder of the files"),
                new Option("--epochs", "N", "10", "passes over the training part"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        FashionNet net = FashionNet.named(arguments.text("--net"));
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
        terminal.announce(epochs * net.secondsPerEpoch());

        Layer model = net.create(key.child("network"));
        terminal.line("%s", model.summary());
        Batches batches = Batches.shuffled(train, BATCH, key.child("batches"));
        // The rate rises and falls once: a high one finds a wide minimum, a low one settles in it.
        TrainerOptions cycle = TrainerOptions.NONE.schedule(Schedule.oneCycle(epochs * (long) batches.perEpoch()));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), net.optimizer(), key.child("trainer"), cycle);
        TrainingObserver report = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport epoch) {
                terminal.line(
                        "epoch %2d   loss %.4f   test accuracy %.2f %%   %.1f s",
                        epoch.epoch(),
                        epoch.loss(),
                        100 * Metrics.accuracy(model, test.x(), test.y()),
                        epoch.seconds());
            }
        };
        trainer.fit(batches, epochs, terminal.observers(report));
        double accuracy = Metrics.accuracy(model, test.x(), test.y());
        terminal.line("%.2f %% of %d test pictures are classified correctly", 100 * accuracy, test.size());
        if (epochs < EPOCHS) {
            return 0; // no prediction
        }
        terminal.line("");
        Expectations expectations = new Expectations(terminal);
        expectations.expect(
                net.text() + ": share classified correctly", net.expectedAccuracy(), accuracy, net.leastAccuracy(), 1);
        return expectations.code();
    }

    private static Dataset load(Path images, Path labels) throws IOException {
        Tensor x = Idx.read(images, Shape.of(Shape.ANY, FashionNet.SIDE, FashionNet.SIDE));
        Tensor y = Idx.read(labels, Shape.of(Shape.ANY));
        if (x.dim(0) != y.dim(0)) {
            throw new UsageException(images + " has " + x.dim(0) + " pictures, " + labels + " has " + y.dim(0)
                    + " labels: they do not belong together");
        }
        x.scaleInPlace(1 / BRIGHTEST);
        return new Dataset(x.reshape(x.dim(0), FashionNet.SIDE, FashionNet.SIDE, 1), y);
    }

    private static UsageException missing(Path file) {
        return new UsageException("no file " + file + ". Fashion-MNIST is 70,000 pictures of clothes, 28 x 28 pixels in"
                + " ten kinds, by Zalando (MIT licence), in four IDX files, which may be compressed (.gz): "
                + String.join(", ", FILES) + ". On Debian or Ubuntu: apt install dataset-fashion-mnist. Elsewhere:"
                + " download them from github.com/zalandoresearch/fashion-mnist (data/fashion) into a folder, and name"
                + " it: nn fashion --data FOLDER");
    }
}
