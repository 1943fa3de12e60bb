/**
 * The means of measuring: an {@link nn.examples.experiment.Experiment} gives keys, parts and threads, and collects
 * {@linkplain nn.examples.experiment.Measurement measurements}, raw numbers and drawings.
 *
 * <p>An experiment that claims of several families share stands here too, such as {@link
 * nn.examples.experiment.Chain}. One that a single family uses stands in the package of that family.
 */
package nn.examples.experiment;
