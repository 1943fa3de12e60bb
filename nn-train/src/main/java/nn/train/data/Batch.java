package nn.train.data;

import nn.tensor.Tensor;

/**
 * Some examples to be learned from at once.
 *
 * @param x the inputs [batch x ...]
 * @param y the targets [batch x ...]
 */
public record Batch(Tensor x, Tensor y) {}
