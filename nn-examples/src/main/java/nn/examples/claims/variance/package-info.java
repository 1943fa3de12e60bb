/**
 * Claims about variances and second moments from layer to layer: Xavier, He, Var(ReLU), vanishing and exploding
 * signals.
 */
package nn.examples.claims.variance;
