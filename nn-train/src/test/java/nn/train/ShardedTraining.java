package nn.train;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.layers.pooling.LastStep;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Schedule;
import nn.train.shard.ShardExecutor;
import nn.train.shard.ShardWorker;
import nn.train.shard.Shards;

/** The models of the promise, each with what depends on the order of additions or on random numbers. */
public enum ShardedTraining {
    DROPOUT_AND_ADAM("284c4eeec608c634f9696a46b27cbcb0c0906960f39fbc4d08d930e07c12e7a2") {
        @Override
        public Network model() {
            return Network.builder(Key.of(1))
                    .input(FEATURES)
                    .dense("hidden", 16)
                    .relu()
                    .dropout("drop", 0.25)
                    .dense("out", 3)
                    .build();
        }

        @Override
        public Optimizer optimizer() {
            return Adam.of(0.01);
        }
    },
    RECURRENT("e01eb9b6610e47b8590c809292c7f8b8616e2e770ae55bd9ec66d11dde04fb71") {
        @Override
        public Network model() {
            return Network.builder(Key.of(1))
                    .sequence(FEATURES)
                    .timeMajor()
                    .lstm("memory", 7)
                    .layer("last", new LastStep())
                    .dense("out", 3)
                    .build();
        }

        @Override
        public Optimizer optimizer() {
            return Sgd.of(0.1).withMomentum(0.9);
        }
    },
    BATCH_NORMALIZATION("94ea5649fb71e3ce6020d95fa0c44d33fc4755a1717ff191ef872868906a7146") {
        @Override
        public Network model() {
            return Network.builder(Key.of(1))
                    .input(FEATURES)
                    .dense("hidden", 16)
                    .batchNorm("norm")
                    .relu()
                    .dense("out", 3)
                    .build();
        }

        @Override
        public Optimizer optimizer() {
            return Sgd.of(0.1).withMomentum(0.9);
        }
    };

    public static final int FEATURES = 5;
    public static final int TIME = 4;
    public static final int EXAMPLES = 50; // in batches of 21: the last one has 8
    public static final int SHARDS = 4;
    public static final Key KEY = Key.of(2);

    /** The SHA-256 of its training, on any number of workers and threads, and every machine. */
    private final String bits;

    ShardedTraining(String bits) {
        this.bits = bits;
    }

    public String bits() {
        return bits;
    }

    public abstract Network model();

    public abstract Optimizer optimizer();

    public ShardWorker worker() {
        return new ShardWorker(model(), new SoftmaxCrossEntropy(), KEY, SHARDS);
    }

    public Batches batches() {
        return batches(21);
    }

    public Batches batches(int size) {
        boolean isSequence = this == RECURRENT;
        Tensor x = isSequence ? Tensor.zeros(EXAMPLES, TIME, FEATURES) : Tensor.zeros(EXAMPLES, FEATURES);
        Key.of(3).uniform(x, -1f, 1f);
        return Batches.shuffled(new Dataset(x, labels(EXAMPLES)), size, Key.of(4));
    }

    public Trainer trainer(ShardExecutor executor) {
        return trainer(new Shards(SHARDS, executor));
    }

    public Trainer trainer(Shards shards) {
        TrainerOptions options = TrainerOptions.NONE
                .schedule(Schedule.warmUp(4))
                .clipping(Clipping.norm(0.5))
                .penalty(Penalty.of(1e-4, 1e-3))
                .shards(shards);
        return new Trainer(model(), new SoftmaxCrossEntropy(), optimizer(), KEY, options);
    }

    /** Returns labels of three classes, drawn at random: [n]. */
    public static Tensor labels(int n) {
        Tensor labels = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            labels.set(Math.floorMod(Key.of(8).word(i), 3), i);
        }
        return labels;
    }

    /** Trains for four epochs, and returns the SHA-256 of weights, optimizer state and history. */
    public String straight(ShardExecutor executor) {
        Trainer trainer = trainer(executor);
        return print(trainer, trainer.fit(batches(), 4).epochs());
    }

    /** The SHA-256 of weights, optimizer state and history. */
    public static String print(Trainer trainer, List<EpochReport> history) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            trainer.state()
                    .tensors()
                    .forEach(
                            (name, tensor) -> digest.update((name + tensor.sha256()).getBytes(StandardCharsets.UTF_8)));
            history.forEach(epoch -> digest.update(
                    (epoch.epoch() + " " + epoch.loss() + " " + epoch.rate() + "\n").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the SHA-256 of each parameter. */
    public static List<String> prints(Network model) {
        return model.parametersByPath().values().stream()
                .map(Parameter::value)
                .map(Tensor::sha256)
                .toList();
    }
}
