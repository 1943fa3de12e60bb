/**
 * Layers, and {@link nn.layers.network.Network}, which chains them.
 *
 * <p>A layer makes {@linkplain nn.layers.Pass passes}, objects with a forward and a backward method next to each other.
 * A pass saves the tensors that its backward method reads, and adds each parameter's gradient to a {@link
 * nn.layers.Gradients}. A layer itself keeps no state, so one layer may be used twice in a network, and several passes
 * may be under way at a time. A trainer runs the same passes at every step in a {@link nn.layers.Workspace}, which
 * hands out the same tensors, so a steady step creates no objects. All layers are written this way, custom ones
 * included.
 *
 * <p>A batch is [batch x features], a sequence [time x batch x features], a dense weight [inputs x outputs].
 *
 * <table>
 * <caption>The layers, their shapes and parameters</caption>
 * <tr><th>layer</th><th>input</th><th>output</th><th>parameters</th></tr>
 * <tr><td>{@link nn.layers.dense.Dense}</td><td>[... x inputs]</td><td>[... x units]</td><td>weight, bias</td></tr>
 * <tr><td>{@link nn.layers.dense.GatedDense}</td><td>[... x inputs]</td><td>[... x units]</td><td>those of its dense
 * layers</td></tr>
 * <tr><td>{@link nn.layers.activation.Activation}</td><td>any</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.activation.PRelu}</td><td>[... x features]</td><td>the same</td><td>slope</td></tr>
 * <tr><td>{@link nn.layers.activation.Softmax}</td><td>[... x n]</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.regularization.Dropout}</td><td>any</td><td>the same</td><td></td></tr>
 * <tr><td>{@link nn.layers.normalization.LayerNorm}</td><td>[... x features]</td><td>the same</td><td>scale,
 * bias</td></tr>
 * <tr><td>{@link nn.layers.normalization.BatchNorm}</td><td>[... x features]</td><td>the same</td><td>scale, bias;
 * statistics: mean,
 *     variance</td></tr>
 * <tr><td>{@link nn.layers.normalization.GroupNorm}</td><td>[batch x ... x channels]</td><td>the same</td><td>scale,
 * bias</td></tr>
 * <tr><td>{@link nn.layers.normalization.RmsNorm}</td><td>[... x features]</td><td>the same</td><td>scale</td></tr>
 * <tr><td>{@link nn.layers.network.Residual}</td><td>any</td><td>the same, or that of its layers</td><td>those of its
 * layers; gain</td></tr>
 * <tr><td>{@link nn.layers.dense.Embedding}</td><td>[...], indices</td><td>[... x units]</td><td>weight</td></tr>
 * <tr><td>{@link nn.layers.shape.Flatten}</td><td>[batch x ...]</td><td>[batch x product]</td><td></td></tr>
 * <tr><td>{@link nn.layers.shape.Reshape}</td><td>[batch x ...]</td><td>[batch x ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.recurrent.Rnn}</td><td>[time x batch x inputs]</td><td>[time x batch x
 * units]*</td><td>input, recurrent,
 *     bias</td></tr>
 * <tr><td>{@link nn.layers.recurrent.Lstm}, {@link nn.layers.recurrent.Gru}</td><td>[time x batch x
 * inputs]</td><td>[time x batch x
 *     units]*</td><td>input, recurrent, bias of each {@linkplain nn.layers.recurrent.Gate gate}</td></tr>
 * <tr><td>{@link nn.layers.recurrent.LinearRecurrence}</td><td>[time x batch x features]</td><td>[time x batch x
 * features]*</td><td>nu_log, theta_log, gamma_log, B_re, B_im, C_re, C_im, D</td></tr>
 * <tr><td>{@link nn.layers.recurrent.Stacked}</td><td>[time x batch x inputs]</td><td>[time x batch x
 * units]*</td><td>those of its
 *     layers</td></tr>
 * <tr><td>{@link nn.layers.recurrent.Bidirectional}</td><td>[time x batch x inputs]</td><td>[time x batch x units of
 *     both]*</td><td>those of both</td></tr>
 * <tr><td>{@link nn.layers.pooling.LastStep}</td><td>[time x batch x ...]</td><td>[batch x ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.network.LastValidStep}</td><td>[time x batch x ...], padded</td><td>[batch x
 * units]</td><td>those of
 *     its layer</td></tr>
 * <tr><td>{@link nn.layers.pooling.MeanOverTime}, {@link nn.layers.pooling.MaxOverTime}</td><td>[time x batch x
 * ...]</td><td>[batch x
 *     ...]</td><td></td></tr>
 * <tr><td>{@link nn.layers.network.Masking}</td><td>[time x batch x ...], padded</td><td>that of its
 * layers</td><td>those of
 *     its layers</td></tr>
 * <tr><td>{@link nn.layers.convolution.Convolution}, {@link
 * nn.layers.convolution.TransposedConvolution}</td><td>[batch x height x width x channels], or [batch x length x
 * channels]</td><td>the same with other sizes</td><td>weight, bias</td></tr>
 * <tr><td>{@link nn.layers.convolution.Pool}</td><td>[batch x ... x channels]</td><td>the same with other
 * sizes</td><td></td></tr>
 * <tr><td>{@link nn.layers.convolution.GlobalPool}</td><td>[batch x ... x channels]</td><td>[batch x
 * channels]</td><td></td></tr>
 * <tr><td>{@link nn.layers.attention.Attention}</td><td>[batch x time x inputs]</td><td>the same</td><td>query, key,
 *     value, output, and a bias of each</td></tr>
 * <tr><td>{@link nn.layers.attention.LearnedPositions}</td><td>[batch x time x features]</td><td>the
 *     same</td><td>weight</td></tr>
 * <tr><td>{@link nn.layers.attention.SinusoidalPositions}</td><td>[batch x time x features]</td><td>the
 *     same</td><td></td></tr>
 * <tr><td>{@link nn.layers.shape.TimeMajor}</td><td>[batch x time x ...]</td><td>[time x batch x
 * ...]</td><td></td></tr>
 * </table>
 *
 * <p>* or, on demand, the last step [batch x units]. A dense layer, a normalization or an activation after it works
 * step by step, since these treat all axes but the last as rows.
 *
 * <p>{@link nn.layers.Layer#batchAxis} says which axis counts the examples. A network for batch-first data, [batch x
 * time x features], begins with {@link nn.layers.network.Network.Builder#timeMajor}.
 *
 * <p>A layer can also be written forward only, as a {@link nn.layers.graph.Formula}, and a model with branches or
 * several inputs and outputs is a {@link nn.layers.graph.Graph}.
 *
 * <p>A sequence too long for one pass is trained in chunks: a {@link nn.layers.Carry} carries the states of recurrent
 * layers from one pass to the next, but no gradient. With it a text is generated word by word, by transformers too.
 *
 * <p>Networks, reports and checkpoints never look at a layer's class. They use its description of itself: {@link
 * nn.layers.Layer#activation}, {@link nn.layers.Layer#linearMap}, {@link nn.layers.Layer#isTransparent}, {@link
 * nn.layers.Layer#takesIndices}, {@link nn.layers.Layer#isRowwise}, {@link nn.layers.Layer#residualBranches}, {@link
 * nn.layers.Layer#dropoutRate}, {@link nn.layers.Layer#outputNames}, {@link nn.layers.Layer#torchMapping}, {@link
 * nn.layers.Layer#export}. A layer overrides the methods that apply to it.
 *
 * <p>Custom layers implement {@link nn.layers.Layer}, or {@link nn.layers.Recurrent} if they are to be stacked, run in
 * both directions or carried. {@code nn.layers.testing} checks them.
 */
@NullMarked
package nn.layers;

import org.jspecify.annotations.NullMarked;
