/**
 * Training: a {@link nn.train.Trainer} takes steps with a model, a {@link nn.train.loss.Loss} and an {@link
 * nn.train.optimizer.Optimizer}; {@link nn.train.TrainingObserver observers} are notified.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(1e-3), Key.of(1).child("training"));
 * History history = trainer.fit(Batches.shuffled(split.train(), 32, Key.of(1).child("order")), 10);
 * double accuracy = Metrics.accuracy(model, split.test().x(), split.test().y());
 * }</pre>
 *
 * <p>{@link nn.train.TrainerOptions} add schedules, clipping, penalties, micro-batches and checks of every layer to the
 * steps; {@link nn.train.FitOptions} add validation, metrics, early stopping and the best weights to a fit:
 *
 * <pre>{@code
 * TrainerOptions options = TrainerOptions.NONE.schedule(Schedule.warmUp(500)).clipping(Clipping.norm(1));
 * Trainer trainer = new Trainer(model, loss, AdamW.of(1e-3), key, options);
 * History history = trainer.fit(batches, FitOptions.epochs(100).validation(held).patience(10).keepBest());
 * }</pre>
 *
 * <h2>Training on a model that somebody else has trained</h2>
 *
 * <p>Load its weights ({@link nn.train.checkpoint.Checkpoint#loadWeights(java.nio.file.Path, nn.layers.Layer,
 * nn.train.Difference...) loadWeights}), freeze what is to stay as it is, statistics of normalizations included, and
 * give the new part a learning rate of its own. Parameters are named by patterns of their paths:
 *
 * <pre>{@code
 * AdamW slow = AdamW.of(1e-4);
 * Optimizer optimizer = ParameterGroups.others(slow).with("head.", slow.withRate(1e-3));
 * Trainer trainer = new Trainer(model, loss, optimizer, key);
 * trainer.freeze("trunk.");
 * trainer.fit(batches, 3);
 * trainer.unfreeze("trunk.fc3.");
 * }</pre>
 *
 * <p>One cycle of the learning rate, which rises and falls once:
 *
 * <pre>{@code
 * TrainerOptions.NONE.schedule(Schedule.oneCycle(10L * batches.perEpoch()).rise(0.2))
 * }</pre>
 *
 * <p>A moving average of the weights is kept beside them. Here epochs are compared by it, and the fit ends with the
 * average of the best epoch, by any measure of the validation data:
 *
 * <pre>{@code
 * TrainerOptions options = TrainerOptions.NONE.averaging(Averaging.exponential(0.999));
 * Trainer trainer = new Trainer(model, loss, AdamW.of(1e-3), key, options);
 * History history = trainer.fit(
 *         batches,
 *         FitOptions.epochs(100)
 *                 .validation(held)
 *                 .metric("accuracy", Metrics::accuracy)
 *                 .earlyStopping(EarlyStopping.of(10).monitor(Monitor.highest("accuracy")))
 *                 .validateAverage()
 *                 .keepBest());
 * }</pre>
 *
 * <p>Stochastic weight averaging is the mean over the epochs from the 75th on. The running statistics of batch
 * normalizations are then measured again:
 *
 * <pre>{@code
 * TrainerOptions options = TrainerOptions.NONE.averaging(Averaging.equalFrom(75));
 * Trainer trainer = new Trainer(model, loss, AdamW.of(1e-3), key, options);
 * trainer.fit(batches, 100);
 * trainer.adoptAverage();
 * trainer.measureStatistics(batches);
 * }</pre>
 *
 * <p>An optimizer can be made of parts, and matrices can have one of their own:
 *
 * <pre>{@code
 * Chain lamb = Chain.of(1e-2, Transform.adam(0.9, 0.999, 1e-6), Transform.decay(0.01), Transform.trustRatio());
 * Optimizer muon = ParameterGroups.others(AdamW.of(1e-3)).with("hidden.*.weight", Muon.of(0.02));
 * }</pre>
 *
 * <h2>The packages</h2>
 *
 * <p>This package holds the trainer, its options, reports and state. The parts of a training have their own packages,
 * and a new one belongs there: {@code nn.train.loss}, {@code nn.train.optimizer}, {@code nn.train.schedule}, {@code
 * nn.train.metric}, {@code nn.train.data}. Parts of a batch that may be computed anywhere are in {@code
 * nn.train.shard}, and processes that train together in {@code nn.train.group}. Files of models are in {@code
 * nn.train.checkpoint}, reports on an untrained model in {@code nn.train.diagnose}, curves of a training in {@code
 * nn.train.tensorboard}.
 *
 * <p>Training can run unattended: a number that is not finite fails its step, with the layer and the row where it
 * arose, and the step changes nothing; {@link nn.train.Trainer#state} holds everything that is needed to resume, bit
 * for bit, from any position in an epoch.
 *
 * <p><b>Flight Recorder.</b> Where the JDK has the module {@code jdk.jfr}, a recording of the JVM holds what is
 * trained, without a change of the program. {@code -XX:StartFlightRecording} adds the module; a program on the module
 * path that is to be recorded later, by {@code jcmd}, is started with {@code --add-modules jdk.jfr}. Settings have a
 * plus before them, because these events are not known when the JVM starts: {@code
 * -XX:StartFlightRecording:filename=training.jfr,+nn.Layer#enabled=true}.
 *
 * <table>
 * <caption>Events</caption>
 * <tr><th>event</th><th>fields</th><th>recorded</th></tr>
 * <tr><td>{@code nn.Step}</td><td>step, loss, gradientNorm, rate, batchSize, and its duration</td><td>steps of 100
 * microseconds and more; all with {@code +nn.Step#threshold=0s}</td></tr>
 * <tr><td>{@code nn.Epoch}</td><td>epoch, loss, validationLoss, steps, examples, seconds</td><td>at the end of each
 * epoch</td></tr>
 * <tr><td>{@code nn.Layer}</td><td>path, layer, backward, and the duration of that pass; the first of a step that runs
 * backward has the loss in it</td><td>with {@code +nn.Layer#enabled=true}</td></tr>
 * <tr><td>{@code nn.Product}</td><td>rows, columns, inner, and the duration of a product of matrices</td><td>with
 * {@code +nn.Product#enabled=true}</td></tr>
 * </table>
 *
 * <p>Losses and optimizers are immutable; the state of a training (weights, moments, the number of steps) is in the
 * model's parameters and in the trainer. Float arithmetic is + - * / and sqrt in a fixed order, and powers and
 * logarithms come from {@link java.lang.StrictMath}, so a training has the same bits everywhere. Nothing in this
 * package prints.
 */
@NullMarked
package nn.train;

import org.jspecify.annotations.NullMarked;
