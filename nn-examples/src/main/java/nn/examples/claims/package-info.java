/**
 * Claims about initialization, each with a prediction, an experiment, and the range in which the measurement must fall.
 * One claim is one class; to add one, write it and name it in the example that shows it.
 */
package nn.examples.claims;
