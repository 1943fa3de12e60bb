package spark;

import nn.examples.data.DigitImages;
import nn.layers.network.Network;
import nn.layers.pooling.LastStep;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import nn.train.shard.Shards;

/**
 * Networks for the digits. Every member of a group builds its own, and all are alike. They are so wide that threads
 * share out the products of 56 digits.
 */
enum Training {
    /** A dense network with dropout and Adam: it draws at every step. */
    DROPOUT {
        @Override
        Network.Builder hidden(Network.Builder builder) {
            return builder.input(PIXELS).dense("hidden", 256).relu().dropout("drop", 0.25);
        }

        @Override
        Optimizer optimizer() {
            return Adam.of(0.003);
        }
    },

    /** An LSTM that reads the rows of an image. */
    RECURRENT {
        @Override
        Network.Builder hidden(Network.Builder builder) {
            return builder.sequence(DigitImages.SIDE)
                    .timeMajor()
                    .lstm("memory", 56)
                    .layer("last", new LastStep());
        }

        @Override
        Tensor input(Tensor images) {
            return images.reshape(images.dim(0), DigitImages.SIDE, DigitImages.SIDE);
        }
    },

    /** A dense network with batch normalization: it measures statistics. */
    NORMALIZED {
        @Override
        Network.Builder hidden(Network.Builder builder) {
            return builder.input(PIXELS).dense("hidden", 256).batchNorm("norm").relu();
        }
    };

    private static final int PIXELS = DigitImages.SIDE * DigitImages.SIDE;
    private static final Key KEY = Key.of(1);

    /** Adds the layers before the last one. */
    abstract Network.Builder hidden(Network.Builder builder);

    Optimizer optimizer() {
        return Sgd.of(0.1).withMomentum(0.9);
    }

    /** Returns images [n x pixels] in the shape that the network takes. */
    Tensor input(Tensor images) {
        return images;
    }

    Trainer trainer(Shards shards) {
        Network network = hidden(Network.builder(KEY.child("weights")))
                .dense("out", DigitImages.CLASSES)
                .build();
        TrainerOptions options = TrainerOptions.NONE.shards(shards);
        return new Trainer(network, new SoftmaxCrossEntropy(), optimizer(), KEY.child("trainer"), options);
    }

    /** Returns whole batches; the last digits, which do not fill one, are left out. */
    Batches batches(int size) {
        Dataset digits = DigitImages.load();
        int count = digits.size() / size * size;
        Dataset whole = new Dataset(input(digits.x().rows(0, count)), digits.y().rows(0, count));
        return Batches.shuffled(whole, size, KEY.child("batches"));
    }
}
