/**
 * Many short trainings over a grid of settings: {@link nn.examples.sweep.Grid} lists the trials, a {@link
 * nn.examples.sweep.TrialExecutor} runs them by {@link nn.examples.sweep.TrialRunner}, a {@link
 * nn.examples.sweep.TrialLog} keeps what is finished, and {@link nn.examples.sweep.Summary} is the table.
 *
 * <p>A trial is a pure function of its {@linkplain nn.examples.sweep.Trial coordinates} and of the {@linkplain
 * nn.examples.sweep.Recipe recipe}. So an executor may run it anywhere, in any order and more than once, and the table
 * is the same to the byte.
 */
package nn.examples.sweep;
