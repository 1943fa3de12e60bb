package nn.train.checkpoint;

/** The names and axes of weights in a file. */
public enum Layout {
    /** The names and axes of this library: {@code hidden1.weight} [inputs x outputs]. */
    NN,
    /**
     * The names and axes of PyTorch's {@code state_dict}, for a model whose modules have the same names as the layers
     * here: weights are [outputs x inputs], and gates are stacked. Each layer defines how its parameters are named and
     * stored, by {@link nn.layers.Layer#torchMapping} and {@link nn.layers.Layer#torchName}:
     *
     * <table>
     * <caption>Built-in layers</caption>
     * <tr><th>layer</th><th>here</th><th>in the file</th></tr>
     * <tr><td>{@link nn.layers.dense.Dense}</td><td>weight, bias</td><td>weight, transposed; bias</td></tr>
     * <tr><td>{@link nn.layers.dense.Embedding}</td><td>weight</td><td>the same, also for its tied output</td></tr>
     * <tr><td>{@link nn.layers.convolution.Convolution}, {@link
     * nn.layers.convolution.TransposedConvolution}</td><td>weight, bias</td><td>weight [outputs x inputs / groups x
     * taps], or [inputs x outputs / groups x taps] of a transposed one; bias</td></tr>
     * <tr><td>{@link nn.layers.attention.Attention}</td><td>query, key, value, output and their biases</td><td>those of
     * a MultiheadAttention: in_proj_weight and in_proj_bias, the first three one below the other; out_proj.weight,
     * out_proj.bias. With other sizes of memory, or fewer heads of keys: q_proj_weight, k_proj_weight,
     * v_proj_weight</td></tr>
     * <tr><td>{@link nn.layers.attention.LearnedPositions}</td><td>weight</td><td>the same, as of an
     * Embedding</td></tr>
     * <tr><td>{@link nn.layers.recurrent.Rnn}</td><td>input, recurrent, bias</td><td>weight_ih_l0 and weight_hh_l0,
     * transposed; bias_ih_l0, and bias_hh_l0: zeros when written, added to the other when read</td></tr>
     * <tr><td>{@link nn.layers.recurrent.Lstm}, {@link nn.layers.recurrent.Gru}</td><td>the same of each
     * gate</td><td>the same, one gate below the other; candidate_recurrent_bias of a Gru is the last part of
     * bias_hh_l0</td></tr>
     * <tr><td>{@link nn.layers.recurrent.Stacked}</td><td>layer1.input, layer2.input, ...</td><td>weight_ih_l0,
     * weight_ih_l1, ...; stacks in a stack keep layer1, layer2, ... in their names</td></tr>
     * <tr><td>{@link nn.layers.recurrent.Bidirectional}</td><td>forward.input, backward.input</td><td>weight_ih_l0,
     * weight_ih_l0_reverse; two stacks have no counterpart in PyTorch and keep forward and backward in their
     * names</td></tr>
     * <tr><td>{@link nn.layers.normalization.LayerNorm}, {@link nn.layers.normalization.GroupNorm}, {@link
     * nn.layers.normalization.RmsNorm}, {@link nn.layers.normalization.BatchNorm}</td><td>scale, bias, mean,
     * variance</td><td>weight, bias, running_mean, running_var; num_batches_tracked is not written, and left out
     * when read</td></tr>
     * <tr><td>{@link nn.layers.activation.PRelu}</td><td>slope</td><td>weight</td></tr>
     * </table>
     *
     * <p>Inputs and outputs keep the axes of this library, with the channels of an image last. A dense layer after a
     * flattened image therefore has its rows in another order than in PyTorch, which no layout changes.
     *
     * <p>A custom layer that gives its {@linkplain nn.layers.Layer#linearMap linear map} is stored as a {@code
     * torch.nn.Linear}. All other parameters are stored unchanged, under their names here, unless their layer defines a
     * mapping: a weight [inputs x units] of a layer without one is not transposed. A model in which two tensors would
     * have the same name is refused.
     */
    TORCH
}
