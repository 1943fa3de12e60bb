/**
 * Layers, and {@link nn.layers.Network}, which chains them.
 *
 * <p>A {@linkplain nn.layers.Layer#forward forward pass} returns its output together with a {@linkplain
 * nn.layers.Pullback pullback}, the function that takes the gradient at the output back to the input and adds each
 * parameter's share to a {@link nn.layers.Gradients}. What the pullback needs it has captured; a layer keeps no state
 * between the two. So one layer may stand in a network twice, two passes may be in flight, and forward and backward are
 * read side by side. A pullback is called once; {@link nn.layers.Pass} sees to that for every layer. Most layers here
 * are {@link nn.layers.Propagating}: they go both ways by one object, which a {@link nn.layers.Workspace} uses again at
 * every step of training, so that none is made anew.
 *
 * <p>A batch is [batch x features], a sequence [time x batch x features], a dense weight [inputs x outputs].
 *
 * <table>
 * <caption>The layers, their shapes and parameters</caption>
 * <tr><th>layer</th><th>input</th><th>output</th><th>parameters</th></tr>
 * <tr><td>{@link nn.layers.Dense}</td><td>[... x inputs]</td><td>[... x units]</td><td>weight, bias</td></tr>
 * <tr><td>{@link nn.layers.Activation}</td><td>any</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.PRelu}</td><td>[... x features]</td><td>the same</td><td>slope</td></tr>
 * <tr><td>{@link nn.layers.Softmax}</td><td>[... x n]</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.Dropout}</td><td>any</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.LayerNorm}</td><td>[... x features]</td><td>the same</td><td>scale, bias</td></tr>
 * <tr><td>{@link nn.layers.BatchNorm}</td><td>[... x features]</td><td>the same</td><td>scale, bias; statistics: mean,
 *     variance</td></tr>
 * <tr><td>{@link nn.layers.Residual}</td><td>any</td><td>the same</td><td>those of its layers</td></tr>
 * <tr><td>{@link nn.layers.Embedding}</td><td>[...], indices</td><td>[... x units]</td><td>weight</td></tr>
 * <tr><td>{@link nn.layers.Flatten}</td><td>[batch x ...]</td><td>[batch x product]</td><td></td></tr>
 * <tr><td>{@link nn.layers.Reshape}</td><td>[batch x ...]</td><td>[batch x ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.Rnn}</td><td>[time x batch x inputs]</td><td>[time x batch x units]*</td><td>input,
 * recurrent,
 *     bias</td></tr>
 * <tr><td>{@link nn.layers.Lstm}, {@link nn.layers.Gru}</td><td>[time x batch x inputs]</td><td>[time x batch x
 *     units]*</td><td>input, recurrent, bias of each {@linkplain nn.layers.Gate gate}</td></tr>
 * <tr><td>{@link nn.layers.Stacked}</td><td>[time x batch x inputs]</td><td>[time x batch x units]*</td><td>those of
 * its
 *     layers</td></tr>
 * <tr><td>{@link nn.layers.Bidirectional}</td><td>[time x batch x inputs]</td><td>[time x batch x units of
 *     both]*</td><td>those of both</td></tr>
 * <tr><td>{@link nn.layers.LastStep}</td><td>[time x batch x ...]</td><td>[batch x ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.LastValidStep}</td><td>[time x batch x ...], padded</td><td>[batch x units]</td><td>those of
 *     its layer</td></tr>
 * <tr><td>{@link nn.layers.MeanOverTime}, {@link nn.layers.MaxOverTime}</td><td>[time x batch x ...]</td><td>[batch x
 *     ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.Masking}</td><td>[time x batch x ...], padded</td><td>that of its layers</td><td>those of
 *     its layers</td></tr>
 * <tr><td>{@link nn.layers.TimeMajor}</td><td>[batch x time x ...]</td><td>[time x batch x ...]</td><td></td></tr>
 * </table>
 *
 * <p>* or, on demand, the last step [batch x units]. A dense layer, a normalization or an activation after it works
 * step by step, since they take all axes but the last for rows.
 *
 * <p>{@link nn.layers.Layer#batchAxis} says which axis counts the examples. Data that are batch-first, [batch x time x
 * features], go through {@link nn.layers.Network.Builder#timeMajor} at the start of a network.
 *
 * <p>A sequence too long for one pass is trained in chunks: a {@link nn.layers.Carry} takes the states of recurrent
 * layers from one pass to the next, and no gradient.
 *
 * <p>Layers of your own implement {@link nn.layers.Layer}, or {@link nn.layers.Recurrent} to be stacked, run in both
 * directions and carried; {@code nn.layers.testing} checks them.
 */
package nn.layers;
