/**
 * Reports on a network before it is trained, and in training: {@link nn.train.diagnose.InitReport} runs a batch through
 * it, forward and backward, and reports how its weights change signal and gradient, what is wrong, and what would help.
 * {@link nn.train.diagnose.Jacobian} counts the directions in which signals pass.
 *
 * <pre>{@code
 * InitReport report = InitReport.of(network, batch, Key.of(1));
 * System.out.print(report);
 * report.throwIfFailed();      // in a test of your model
 * }</pre>
 *
 * <p>{@link nn.train.diagnose.TrainingWatch} reports on a network in training, and {@link nn.train.diagnose.Rehearsal}
 * takes a few steps to judge a learning rate, and takes them back.
 *
 * <p>{@link nn.train.diagnose.Symptom} lists the faults that are found, with their limits. Nothing here changes a
 * model.
 */
@NullMarked
package nn.train.diagnose;

import org.jspecify.annotations.NullMarked;
