package nn.train;

import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;

/** Trains a small network, and prints the number of its steps; without a Flight Recorder, too. */
final class TrainUnrecorded {
    private TrainUnrecorded() {}

    static Trainer trainer() {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .dense("hidden", 5)
                .relu()
                .dense("out", 2)
                .build();
        return new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), Key.of(2));
    }

    static Tensor x() {
        return Tensor.full(0.5f, 4, 3);
    }

    static Tensor y() {
        return Tensor.full(0.25f, 4, 2);
    }

    /** Three steps an epoch. */
    static History fit(Trainer trainer, int epochs) {
        Dataset data = new Dataset(Tensor.full(0.5f, 12, 3), Tensor.full(0.25f, 12, 2));
        return trainer.fit(Batches.inOrder(data, 4), epochs);
    }

    public static void main(String[] arguments) {
        Trainer trainer = trainer();
        fit(trainer, 2);
        System.out.println(trainer.steps());
        System.out.println(ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? 1 : 0);
    }
}
