/**
 * A network looked at before it is trained: {@link nn.train.diagnose.InitReport} runs a batch through it, forward and
 * backward, and says what the weights it was given do to signal and gradient, what is wrong, and what would help.
 * {@link nn.train.diagnose.Jacobian} counts the directions in which they pass.
 *
 * <pre>{@code
 * InitReport report = InitReport.of(network, batch, Key.of(1));
 * System.out.print(report);
 * report.throwIfFailed();      // in a test of a model of yours
 * }</pre>
 *
 * <p>What is judged, and by which limits, {@link nn.train.diagnose.Symptom} says. Nothing here changes a model.
 */
@NullMarked
package nn.train.diagnose;

import org.jspecify.annotations.NullMarked;
