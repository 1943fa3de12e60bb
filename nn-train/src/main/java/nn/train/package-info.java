/**
 * Training: a {@link nn.train.Trainer} takes a model, a {@link nn.train.Loss} and an {@link nn.train.Optimizer}, and
 * makes steps; its {@link nn.train.Observer observers} watch.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(1e-3), Key.of(1).child("training"));
 * History history = trainer.fit(Batches.shuffled(split.train(), 32, Key.of(1).child("order")), 10);
 * double accuracy = Metrics.accuracy(model, split.test().x(), split.test().y());
 * }</pre>
 *
 * <p>Losses and optimizers are immutable values that say what to do; what changes in training (weights, moments, the
 * number of steps) is in the model's parameters and in the trainer. Float arithmetic here is + - * / and sqrt in a
 * fixed order, and powers and logarithms come from {@link java.lang.StrictMath}, so that a training run has the same
 * bits everywhere. Nothing in this package prints.
 */
package nn.train;
