/**
 * Training: a {@link nn.train.Trainer} takes a model, a {@link nn.train.loss.Loss} and an {@link
 * nn.train.optimizer.Optimizer}, and makes steps; its {@link nn.train.TrainingObserver observers} watch.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(1e-3), Key.of(1).child("training"));
 * History history = trainer.fit(Batches.shuffled(split.train(), 32, Key.of(1).child("order")), 10);
 * double accuracy = Metrics.accuracy(model, split.test().x(), split.test().y());
 * }</pre>
 *
 * <p>What the plain step does not do is said by {@link nn.train.TrainerOptions} (schedules, clipping, penalties,
 * batches in parts, a look at every layer), and what the plain fit does not by {@link nn.train.FitOptions} (validation,
 * metrics, early stopping, the best weights):
 *
 * <pre>{@code
 * TrainerOptions options = TrainerOptions.NONE.schedule(Schedule.warmUp(500)).clipping(Clipping.norm(1));
 * Trainer trainer = new Trainer(model, loss, AdamW.of(1e-3), key, options);
 * History history = trainer.fit(batches, FitOptions.epochs(100).validation(held).patience(10).keepBest());
 * }</pre>
 *
 * <p>This package holds the trainer, its options, reports and state. The parts that a training is made of have their
 * own packages, and a new one goes there: {@code nn.train.loss}, {@code nn.train.optimizer}, {@code
 * nn.train.schedule}, {@code nn.train.metric}, {@code nn.train.data}. Files of models are in {@code
 * nn.train.checkpoint}, the examination of an untrained model in {@code nn.train.diagnose}.
 *
 * <p>A training can be left alone: a number that goes bad fails the step in which it does, with the layer and the row
 * where it began, and leaves everything as it was; {@link nn.train.Trainer#state} holds all that is needed to continue,
 * to the bit, wherever in an epoch it was taken.
 *
 * <p>Losses and optimizers are immutable values that say what to do; what changes in training (weights, moments, the
 * number of steps) is in the model's parameters and in the trainer. Float arithmetic here is + - * / and sqrt in a
 * fixed order, and powers and logarithms come from {@link java.lang.StrictMath}, so that a training run has the same
 * bits everywhere. Nothing in this package prints.
 */
@NullMarked
package nn.train;

import org.jspecify.annotations.NullMarked;
