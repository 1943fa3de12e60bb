/**
 * Reports on a network before it is trained, and in training: {@link nn.train.diagnose.InitReport} runs a batch through
 * it, forward and backward, and reports how its weights change signal and gradient, what is wrong, and what would help.
 * {@link nn.train.diagnose.Jacobian} counts the directions in which signals pass.
 *
 * <pre>{@code
 * InitReport report = InitReport.of(network, batch, Key.of(1));
 * System.out.print(report);
 * report.throwIfFailed();                       // in a test of your model
 * System.out.print(report.fixed().changes());   // or let it be repaired
 * }</pre>
 *
 * <p>{@link nn.train.diagnose.TrainingWatch} reports on a network in training, and {@link nn.train.diagnose.Rehearsal}
 * takes a few steps to judge a learning rate, and takes them back.
 *
 * <p>A {@link nn.train.diagnose.Doctor} asks its {@linkplain nn.train.diagnose.Check checks}, in the order of causes:
 * the data, then the parameters, then what they do. It tries each {@linkplain nn.train.diagnose.Remedy remedy} on the
 * model, whose bits it writes back: a finding whose remedy makes others vanish is their cause. A check of your own
 * sees the same {@link nn.train.diagnose.Examination} as the others. {@link nn.train.diagnose.Symptom} lists the
 * faults, with their limits.
 */
@NullMarked
package nn.train.diagnose;

import org.jspecify.annotations.NullMarked;
