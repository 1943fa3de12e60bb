/**
 * The claims lab: what texts and papers say about initialization, each sentence with a prediction, an experiment, the
 * range in which the measurement must fall, and a verdict.
 *
 * <h2>To add a claim</h2>
 * <ol>
 *   <li><b>Write one file</b>: a public class that implements {@link nn.examples.claims.Claim}, in the package of its
 *       family. The {@link nn.examples.claims.Lab} finds it; nothing else names it. (A new family is a new package with
 *       {@link nn.examples.claims.Family @Family} in its {@code package-info.java}.) What several claims of a family
 *       share is a package-private class beside them.
 *   <li><b>The card</b>: {@code Card.of(List.of("V2", "40", "46"), "the text's sentence.")}, then {@code .isTrue},
 *       {@code .isConditional} or {@code .isFalse} with our statement in plain words and, where the text is wrong, at
 *       most three lines of derivation. The first id is the claim's own; the others are rows it answers as well. Words
 *       a reader understands who has only read the text: ASCII, no LaTeX, no abbreviations of ours.
 *   <li><b>The experiment</b>: {@code measure(Experiment e)}.
 *       <ul>
 *         <li>Trials go through {@code e.repeat}, {@code e.sample} or {@code e.samples}, which run them on several
 *             threads and give results in order: a trial is a pure function of its key. Settings (widths, biases) go
 *             through {@code e.each}. No other threads, no clock, no {@code Math.random}.
 *         <li>Every weight, bias, nonlinearity and trained network comes through {@code e.weights} (or {@code
 *             e.weight}), {@code e.biases}, {@code e.nonlinearity} and {@code e.model}: tests exchange them for faulty
 *             ones, and the claim must notice.
 *         <li>{@code e.times(full, quick)} and {@code e.choose(full, quick)} say how much is done. A quick claim takes
 *             about one second of one core, a full one about ten, training a minute at the most.
 *       </ul>
 *   <li><b>Findings</b>: {@code e.sampled(quantity, predicted, sample).over(Over.WEIGHTS).within(times.widen(0.02))}.
 *       The prediction is computed by {@code nn.init.theory} or by the formula, never typed in where theory gives it;
 *       {@code .reference()} marks one that another experiment measured. The range comes from an argument: at least
 *       four standard errors of the design, told in a comment, so that every seed is inside and a fault is not. A
 *       variance says what it is over.
 *   <li><b>A drawing</b>: {@code e.draw(Chart.of(title, alternative, Axis.linear("layer"), Axis.log("E z^2"))
 *       .sampled("He", Chart.upTo(10), samples).prediction("theory", places, values))}. {@link
 *       nn.examples.chart.Chart} has lines, bands, points, marks and labels (signals by depth, training curves,
 *       singular values, phase diagrams), {@link nn.examples.chart.Histograms} one histogram for each layer, {@link
 *       nn.examples.chart.Heatmap} a matrix (symmetry, dead units). Data only, at most a few thousand numbers; the
 *       alternative says in words what is to be seen. Every claim that measures more than two numbers has one.
 * </ol>
 *
 * <p>{@code nn claims S4 --quick} runs it. Try three seeds ({@code --seed 1}, 2, 3), quick and full: the same verdict
 * each time.
 */
package nn.examples.claims;
