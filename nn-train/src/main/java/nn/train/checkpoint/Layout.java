package nn.train.checkpoint;

/** Which names and axes weights have in a file. */
public enum Layout {
    /** Those of this library: {@code hidden1.weight} [inputs x outputs]. */
    NN,
    /**
     * Those of PyTorch's {@code state_dict}, for a model whose modules have the names of the layers here: what multiplies is
     * [outputs x inputs].
     *
     * <table>
     * <caption>Layers that are translated</caption>
     * <tr><th>layer</th><th>here</th><th>in the file</th></tr>
     * <tr><td>{@link nn.layers.Dense}</td><td>weight [in x out], bias</td><td>weight [out x in], bias</td></tr>
     * <tr><td>{@link nn.layers.Rnn}</td><td>input [in x units], recurrent [units x units], bias</td><td>weight_ih_l0 [units x
     * in], weight_hh_l0 transposed, bias_ih_l0, and bias_hh_l0: zeros when written, added when read</td></tr>
     * </table>
     *
     * <p>The parameters of other layers are stored as they are, under their names here.
     */
    TORCH
}
