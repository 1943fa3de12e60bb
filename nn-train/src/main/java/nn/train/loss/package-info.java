/**
 * Losses: each is a {@link nn.train.loss.Loss}, an immutable value that computes a number and its gradient for a batch
 * of outputs and targets.
 *
 * <p>A new loss is a class of this package, a record that implements {@link nn.train.loss.DirectLoss}. Its {@link
 * nn.train.loss.Reduction} says whether it is a mean or a sum. A loss that changes another loss, as {@link
 * nn.train.loss.Masked} does, holds that one.
 */
@NullMarked
package nn.train.loss;

import org.jspecify.annotations.NullMarked;
