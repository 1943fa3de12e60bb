package nn.train.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import nn.layers.network.Network;
import nn.layers.normalization.BatchNorm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;

/**
 * Trains one network with each optimizer, all at once and step by step, with everything that makes training hard to
 * resume: dropout, batch normalization, a schedule, a plateau, and shuffling. After every step, each writes its state,
 * and the number of the step is printed. After the last step it waits to be killed, in the middle of the training.
 */
final class TrainUntilKilled {
    /** Of four steps each. */
    static final int EPOCHS = 10;

    /** The last of 40 steps that is run. */
    static final long LAST_STEP = 30;

    /** An epoch has four batches of up to 16. */
    private static final int EXAMPLES = 50;

    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withMomentum(0.9).withDampening(0.1).withWeightDecay(1e-3),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01).withWeightDecay(1e-3),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01),
            RmsProp.of(0.01),
            RmsProp.of(0.01).withMomentum(0.9).withCentering(),
            Adagrad.of(0.1).withRateDecay(0.01));

    private static final TrainerOptions OPTIONS = TrainerOptions.NONE
            .schedule(Schedule.cosine(40, 0.1))
            .plateau(Plateau.of(0.5, 1))
            .clipping(Clipping.norm(1));

    private TrainUntilKilled() {}

    static Trainer trainer(Optimizer optimizer) {
        Network network = Network.builder(Key.of(1))
                .input(5)
                .dense("hidden", 8)
                .layer("norm", BatchNorm.standard())
                .relu()
                .dropout("dropout", 0.3)
                .dense("out", 2)
                .build();
        return new Trainer(
                network, new SoftmaxCrossEntropy(), optimizer, Key.of(1).child("training"), OPTIONS);
    }

    static Batches batches() {
        Tensor x = Tensor.zeros(EXAMPLES, 5);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(EXAMPLES);
        for (int i = 0; i < EXAMPLES; i++) {
            y.set(x.row(i).sum() > 0 ? 1 : 0, i);
        }
        return Batches.shuffled(new Dataset(x, y), 16, Key.of(4));
    }

    static Path file(Path folder, int optimizer) {
        return folder.resolve("training" + optimizer + ".safetensors");
    }

    /** Waits until this process is killed; ends if the test dies first. */
    private static void waitForTheEndOfTheParent() {
        try {
            System.in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        long[] step = {0};
        CyclicBarrier everyone = new CyclicBarrier(OPTIMIZERS.size(), () -> {
            System.out.println(++step[0]);
            if (step[0] == LAST_STEP) {
                waitForTheEndOfTheParent();
            }
        });
        for (int i = 0; i < OPTIMIZERS.size(); i++) {
            Trainer trainer = trainer(OPTIMIZERS.get(i));
            Path file = file(folder, i);
            Thread.ofPlatform()
                    .start(() -> trainer.fit(batches(), EPOCHS, new TrainingObserver() {
                        @Override
                        public void onStep(StepReport report) {
                            try {
                                Checkpoint.save(file, trainer);
                                everyone.await();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            } catch (InterruptedException | BrokenBarrierException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }));
        }
    }
}
