/**
 * Optimizers, and everything else that changes a gradient or a parameter in a step: {@link
 * nn.train.optimizer.Optimizer}, {@link nn.train.optimizer.ParameterGroups}, {@link nn.train.optimizer.Chain},
 * {@link nn.train.optimizer.Clipping}, {@link nn.train.optimizer.Penalty}.
 *
 * <p>A new optimizer is a class of this package: a record with its hyperparameters, and a rule that extends {@link
 * nn.train.optimizer.ElementRule} if it treats every element alike, or {@link nn.train.optimizer.TensorRule} if it
 * computes with a matrix as a whole. {@link nn.train.optimizer.Optimizers} lists it by name. An {@link
 * nn.train.optimizer.UpdateLoop} applies the rules of all parameters. Changes of the learning rate over time are in
 * {@code nn.train.schedule}.
 */
@NullMarked
package nn.train.optimizer;

import org.jspecify.annotations.NullMarked;
