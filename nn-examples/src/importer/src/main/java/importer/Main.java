package importer;

import nn.init.Initializer;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;

/**
 * Checks the gradients of {@link Scale}, and trains a network with it, and with an initializer that is a lambda, on
 * XOR.
 */
public final class Main {
    private Main() {}

    /**
     * Fails with an exception if the check or the training does.
     *
     * @param args none
     */
    public static void main(String[] args) {
        Key key = Key.of(7);

        Tensor probe = Tensor.zeros(4, 3);
        key.child("probe").normal(probe, 0f, 1f);
        GradientCheck.Result result = GradientCheck.standard().check(Scale.of(3, key), probe);
        result.throwIfFailed();
        System.out.printf("importer: the gradients of Scale are right to %.1e%n", result.worstError());

        Initializer sparse = (out, fans, k) -> {
            k.normal(out, 0f, (float) Math.sqrt(4.0 / fans.in()));
            out.mapInto(w -> Math.abs(w) < 0.5 ? 0 : w, out);
        };
        Network network = Network.builder(key.child("network"))
                .input(2)
                .dense("hidden", 16, sparse)
                .tanh()
                .layer("scale", (in, k) -> Scale.of(in.dim(-1), k))
                .dense("out", 2)
                .build();
        System.out.print(network.summary());

        Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
        Tensor labels = Tensor.of(new float[] {0, 1, 1, 0}, 4);
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(0.02), key.child("trainer"));
        double loss = 0;
        for (int step = 0; step < 300; step++) {
            loss = trainer.step(x, labels).loss();
        }
        double accuracy = Metrics.accuracy(network, x, labels);
        System.out.printf("importer: XOR with loss %.5f, accuracy %.0f %%%n", loss, 100 * accuracy);
        if (accuracy < 1) {
            throw new IllegalStateException("XOR was not learned");
        }
    }
}
