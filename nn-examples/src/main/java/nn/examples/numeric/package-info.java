/**
 * Statistics of repetitions, functions of matrices, and numbers as text. Everything here is a pure function; it knows
 * nothing of claims and experiments.
 */
package nn.examples.numeric;
