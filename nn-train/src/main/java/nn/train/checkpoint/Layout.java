package nn.train.checkpoint;

/** Which names and axes weights have in a file. */
public enum Layout {
    /** Those of this library: {@code hidden1.weight} [inputs x outputs]. */
    NN,
    /**
     * Those of PyTorch's {@code state_dict}, for a model whose modules have the names of the layers here: what
     * multiplies is [outputs x inputs], and gates are stacked.
     *
     * <table>
     * <caption>Layers that are translated</caption>
     * <tr><th>layer</th><th>here</th><th>in the file</th></tr>
     * <tr><td>{@link nn.layers.Dense}</td><td>weight, bias</td><td>weight, transposed; bias</td></tr>
     * <tr><td>{@link nn.layers.Rnn}</td><td>input, recurrent, bias</td><td>weight_ih_l0 and weight_hh_l0, transposed;
     * bias_ih_l0, and bias_hh_l0: zeros when written, added to the other when read</td></tr>
     * <tr><td>{@link nn.layers.Lstm}, {@link nn.layers.Gru}</td><td>the same of each gate</td><td>the same, one gate
     * below the other; candidate_recurrent_bias of a Gru is the last part of bias_hh_l0</td></tr>
     * <tr><td>{@link nn.layers.Stacked}</td><td>layer1.input, layer2.input, ...</td><td>weight_ih_l0, weight_ih_l1,
     * ...; your own layers and stacks in a stack keep layer1, layer2, ... in their names</td></tr>
     * <tr><td>{@link nn.layers.Bidirectional}</td><td>forward.input, backward.input</td><td>weight_ih_l0,
     * weight_ih_l0_reverse; two stacks, or your own layers, have no counterpart in PyTorch and keep forward and
     * backward in their names</td></tr>
     * <tr><td>{@link nn.layers.LayerNorm}, {@link nn.layers.BatchNorm}</td><td>scale, bias, mean,
     * variance</td><td>weight, bias, running_mean, running_var; num_batches_tracked is not written, and left out when
     * read</td></tr>
     * <tr><td>{@link nn.layers.PRelu}</td><td>slope</td><td>weight</td></tr>
     * </table>
     *
     * <p>The parameters of other layers are stored as they are, under their names here. A model in which two tensors
     * would have one name is refused.
     */
    TORCH
}
