// A JShell session with nn ready. After the first command of README, in its folder:
//   jshell --module-path nn-examples/target/modules --add-modules nn.train -R--add-modules=jdk.incubator.vector DEFAULT nn-examples/start/nn.jsh
import module nn.train;
import nn.tensor.Key; // the session has java.security.Key, too
Key key = Key.of(1);
Dataset.Split data = SyntheticDatasets.twoSpirals(400, 1, 0.02, key.child("data")).split(0.25, key.child("split"));
Network network = Network.builder(key.child("network")).input(2).dense("hidden1", 32).tanh().dense("hidden2", 32).tanh().dense("out", 2).build();
Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(0.01), key.child("trainer"));
trainer.fit(Batches.shuffled(data.train(), 32, key.child("batches")), 100);
System.out.printf("%.1f %% of the held-out points are classified correctly%n", 100 * Metrics.accuracy(network, data.test().x(), data.test().y()));
