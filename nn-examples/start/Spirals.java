///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS nn:nn-train:0.1.0-SNAPSHOT
//RUNTIME_OPTIONS --add-modules=jdk.incubator.vector

import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.FitOptions;
import nn.train.Trainer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.data.SyntheticDatasets;
import nn.train.diagnose.InitReport;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;

/**
 * Learns two spirals. After {@code mvn -DskipTests -DskipITs install} in the root of nn: {@code jbang
 * nn-examples/start/Spirals.java}.
 */
public class Spirals {
    public static void main(String[] args) {
        Key key = Key.of(1);
        Dataset.Split data = SyntheticDatasets.twoSpirals(400, 1, 0.02, key.child("data")).split(0.25, key.child("split"));
        Network network = Network.builder(key.child("network")).input(2)
                .dense("hidden1", 32).tanh()
                .dense("hidden2", 32).tanh()
                .dense("out", 2)
                .build();
        System.out.println(InitReport.of(network, data.train().x(), key.child("report")));
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(0.01), key.child("trainer"));
        trainer.fit(
                Batches.shuffled(data.train(), 32, key.child("batches")),
                FitOptions.epochs(100));
        double accuracy = Metrics.accuracy(network, data.test().x(), data.test().y());
        System.out.printf("%.1f %% of the held-out points are classified correctly%n", 100 * accuracy);
    }
}
