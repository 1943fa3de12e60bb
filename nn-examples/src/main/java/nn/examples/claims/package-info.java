/**
 * The claims lab. A claim is a sentence that a text or a paper says about initialization, with a prediction, an
 * experiment, the range in which the measurement must fall, and a verdict.
 *
 * <p>This package says what a claim is ({@link nn.examples.claims.Claim}, {@link nn.examples.claims.Card}, {@link
 * nn.examples.claims.Family}) and runs claims ({@link nn.examples.claims.Lab}). The packages below it are the families.
 * Around it stand {@code nn.examples.experiment}, the means of measuring; {@code nn.examples.chart}, the drawings; and
 * {@code nn.examples.report}, which prints the results.
 *
 * <h2>To add a claim</h2>
 * <ol>
 *   <li><b>Write one file</b>: a public class that implements {@link nn.examples.claims.Claim}, in the package of its
 *       family. The {@link nn.examples.claims.Lab} finds it; nothing else names it. (A new family is a new package with
 *       {@link nn.examples.claims.Family @Family} in its {@code package-info.java}.) Code that several claims of a
 *       family share is a package-private class next to them.
 *   <li><b>The card</b>: {@code Card.of(List.of("V2", "40", "46"), "the text's sentence.")}, then {@code .isTrue},
 *       {@code .isConditional} or {@code .isFalse} with our statement in plain words and, where the text is wrong, at
 *       most three lines of derivation. The first id is the claim's own; the others are rows that it answers as well.
 *       Write for a reader who has read the text and nothing else: ASCII, no LaTeX, no abbreviations of ours.
 *   <li><b>The experiment</b>: {@code measure(Experiment e)}.
 *       <ul>
 *         <li>Trials go through {@code e.repeat}, {@code e.sample} or {@code e.samples}, which run them on several
 *             threads and return the results in order: a trial is a pure function of its key. Settings (widths, biases)
 *             go through {@code e.each}. No other threads, no clock, no {@code Math.random}.
 *         <li>Every weight, bias, nonlinearity and trained network comes through {@code e.weights} (or {@code
 *             e.weight}), {@code e.biases}, {@code e.nonlinearity} and {@code e.model}: tests exchange them for faulty
 *             ones, and the claim must notice.
 *         <li>{@code e.times(full, quick)} and {@code e.choose(full, quick)} set the amount of work. A quick claim
 *             takes about one second of one core, a full one about ten, training a minute at the most.
 *       </ul>
 *   <li><b>Measurements</b>: {@code e.sampled(quantity, predicted,
 *       sample).over(Over.WEIGHTS).within(times.widen(0.02))}. Compute the prediction by {@code nn.init.theory} or by
 *       the formula; type in a number only where theory gives none. {@code .reference()} marks a prediction that
 *       another experiment measured. Derive the range from an argument: at least four standard errors of the design,
 *       stated in a comment, so that every seed is inside and a fault is not. Say what a variance is taken over.
 *   <li><b>A drawing</b>: {@code e.draw(Chart.of(title, alternative, Axis.linear("layer"), Axis.log("E z^2"))
 *       .sampled("He", Chart.upTo(10), samples).prediction("theory", places, values))}. {@code Chart} draws signals by
 *       depth, training curves, singular values and phase diagrams; {@code Histograms} one histogram for each layer;
 *       {@code Heatmap} a matrix. A drawing holds data only, at most a few thousand numbers; its alternative says in
 *       words what it shows. Every claim that measures more than two numbers has one.
 * </ol>
 *
 * <p>{@code nn claims S4 --quick} runs it. Try three seeds ({@code --seed 1}, 2, 3), quick and full: the verdict must
 * be the same each time.
 */
package nn.examples.claims;
