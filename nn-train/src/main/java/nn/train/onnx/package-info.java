/**
 * Models as files in the <a href="https://onnx.ai">ONNX</a> format, which other frameworks, compilers and runtimes read
 * and write. {@link nn.train.onnx.OnnxModel} is the only class to know.
 *
 * <p>The operators of the standard, who writes them here, and what they are read as. A file that has any other
 * operator, or an attribute that is not read, is refused with a list of all of them.
 *
 * <table>
 * <caption>Operators</caption>
 * <tr><th>operator</th><th>written by</th><th>read as</th></tr>
 * <tr><td>Identity</td><td>an output that is an input</td><td>passed over</td></tr>
 * <tr><td>Dropout</td><td></td><td>passed over: in inference it does nothing</td></tr>
 * <tr><td>Cast</td><td>{@link nn.layers.dense.Embedding} of a computed index</td><td>passed over where numbers stay
 * numbers</td></tr>
 * <tr><td>Constant</td><td></td><td>a constant</td></tr>
 * <tr><td>ConstantOfShape</td><td>recurrent layers by Scan</td><td>zeros as a first state, ones as a causal mask, any
 * constant of known shape</td></tr>
 * <tr><td>Shape</td><td>where a size differs from run to run</td><td>a size</td></tr>
 * <tr><td>Range</td><td>positions of unknown number</td><td>positions</td></tr>
 * <tr><td>Trilu</td><td></td><td>a constant, or a causal mask</td></tr>
 * <tr><td>LessOrEqual</td><td>causal attention of any length</td><td>a causal mask</td></tr>
 * <tr><td>Not</td><td>{@link nn.layers.network.Masking}</td><td>of a causal mask</td></tr>
 * <tr><td>Where</td><td>attention, padding</td><td>a causal or constant mask of attention</td></tr>
 * <tr><td>Gemm</td><td>{@link nn.layers.dense.Dense} of rows</td><td>Dense; alpha and beta 1, transA 0</td></tr>
 * <tr><td>MatMul</td><td>Dense of more axes, attention</td><td>Dense if the right side is constant; else a
 * product</td></tr>
 * <tr><td>Add</td><td>biases, residual blocks</td><td>a bias, {@link nn.layers.network.Residual}, {@link
 * nn.layers.attention.LearnedPositions}, or a sum</td></tr>
 * <tr><td>Sub</td><td>formulas</td><td>a difference</td></tr>
 * <tr><td>Mul</td><td>gates, scales</td><td>a product, or part of SiLU, GELU, Mish or hard swish</td></tr>
 * <tr><td>Div</td><td>GELU, {@link nn.layers.normalization.RmsNorm}</td><td>a quotient, or part of GELU, softplus or
 * a normalization</td></tr>
 * <tr><td>Pow</td><td></td><td>exponents 0.5, 2 and 3</td></tr>
 * <tr><td>Neg</td><td>log sigmoid</td><td>times -1</td></tr>
 * <tr><td>Reciprocal</td><td></td><td>1 divided by it</td></tr>
 * <tr><td>Abs</td><td></td><td>max(x, 0) + max(-x, 0)</td></tr>
 * <tr><td>Sqrt</td><td>RmsNorm</td><td>a root, or part of a normalization</td></tr>
 * <tr><td>Exp</td><td>formulas</td><td>the exponential</td></tr>
 * <tr><td>Log</td><td>formulas</td><td>the logarithm; log sigmoid after a Sigmoid</td></tr>
 * <tr><td>Relu</td><td>ReLU</td><td>{@link nn.layers.activation.Activation}</td></tr>
 * <tr><td>Tanh</td><td>tanh, GELU by tanh</td><td>Activation</td></tr>
 * <tr><td>Sigmoid</td><td>logistic function, SiLU</td><td>Activation</td></tr>
 * <tr><td>Erf</td><td>erf, GELU</td><td>Activation</td></tr>
 * <tr><td>Sin</td><td>sine, positions</td><td>Activation</td></tr>
 * <tr><td>Softplus</td><td>softplus, log sigmoid</td><td>Activation, or part of log sigmoid or Mish</td></tr>
 * <tr><td>Softsign</td><td></td><td>x / (1 + |x|)</td></tr>
 * <tr><td>LeakyRelu</td><td>leaky ReLU</td><td>Activation</td></tr>
 * <tr><td>Elu</td><td>ELU</td><td>Activation</td></tr>
 * <tr><td>Selu</td><td>SELU</td><td>Activation; the constants of the paper</td></tr>
 * <tr><td>Gelu</td><td></td><td>Activation</td></tr>
 * <tr><td>Celu</td><td>CELU</td><td>Activation</td></tr>
 * <tr><td>Mish</td><td>Mish</td><td>Activation</td></tr>
 * <tr><td>HardSwish</td><td>hard swish</td><td>Activation</td></tr>
 * <tr><td>HardSigmoid</td><td>hard sigmoid</td><td>Activation for alpha 1/6 and beta 1/2; else bounds of a
 * line</td></tr>
 * <tr><td>Clip</td><td>hard tanh</td><td>hard tanh, ReLU, or bounds</td></tr>
 * <tr><td>PRelu</td><td>{@link nn.layers.activation.PRelu}</td><td>PRelu; one slope for each channel, or for
 * all</td></tr>
 * <tr><td>Softmax</td><td>{@link nn.layers.activation.Softmax}, attention</td><td>Softmax along the last
 * axis</td></tr>
 * <tr><td>LogSoftmax</td><td>formulas</td><td>along the last axis</td></tr>
 * <tr><td>Conv</td><td>{@link nn.layers.convolution.Convolution}</td><td>Convolution over 1 or 2 axes; auto_pad other
 * than SAME_LOWER</td></tr>
 * <tr><td>ConvTranspose</td><td>{@link nn.layers.convolution.TransposedConvolution}</td><td>TransposedConvolution;
 * explicit pads</td></tr>
 * <tr><td>MaxPool</td><td>{@link nn.layers.convolution.Pool}</td><td>Pool; without indices</td></tr>
 * <tr><td>AveragePool</td><td>Pool</td><td>Pool</td></tr>
 * <tr><td>GlobalAveragePool</td><td>{@link nn.layers.convolution.GlobalPool}</td><td>GlobalPool</td></tr>
 * <tr><td>GlobalMaxPool</td><td>GlobalPool</td><td>GlobalPool</td></tr>
 * <tr><td>BatchNormalization</td><td>{@link nn.layers.normalization.BatchNorm}</td><td>BatchNorm; training_mode
 * 0</td></tr>
 * <tr><td>InstanceNormalization</td><td>{@link nn.layers.normalization.GroupNorm}</td><td>GroupNorm</td></tr>
 * <tr><td>LayerNormalization</td><td>{@link nn.layers.normalization.LayerNorm}</td><td>LayerNorm; the last
 * axis</td></tr>
 * <tr><td>GroupNormalization</td><td></td><td>GroupNorm</td></tr>
 * <tr><td>RNN</td><td>{@link nn.layers.recurrent.Rnn}</td><td>Rnn; tanh, ReLU or logistic function</td></tr>
 * <tr><td>LSTM</td><td>{@link nn.layers.recurrent.Lstm}</td><td>Lstm; no peepholes, no lengths, first state
 * 0</td></tr>
 * <tr><td>GRU</td><td>{@link nn.layers.recurrent.Gru}</td><td>Gru; linear_before_reset 1, no lengths, first state
 * 0</td></tr>
 * <tr><td>Flatten</td><td>{@link nn.layers.shape.Flatten}</td><td>Flatten, or another reshape</td></tr>
 * <tr><td>Reshape</td><td>{@link nn.layers.shape.Reshape}, heads</td><td>{@link nn.layers.shape.Reshape}; one size
 * may differ from run to run</td></tr>
 * <tr><td>Squeeze</td><td>recurrent layers</td><td>a reshape</td></tr>
 * <tr><td>Unsqueeze</td><td>positions</td><td>a reshape</td></tr>
 * <tr><td>Transpose</td><td>where channels move</td><td>joined with others, or {@link
 * nn.layers.shape.TimeMajor}</td></tr>
 * <tr><td>Concat</td><td>{@link nn.layers.recurrent.Bidirectional}, formulas</td><td>side by side; Bidirectional of
 * two directions</td></tr>
 * <tr><td>Split</td><td></td><td>parts</td></tr>
 * <tr><td>Slice</td><td>positions, formulas</td><td>a part, in steps of 1</td></tr>
 * <tr><td>Gather</td><td>Embedding, {@link nn.layers.pooling.LastStep}</td><td>Embedding, LastStep, or a
 * part</td></tr>
 * <tr><td>Expand</td><td></td><td>of constants and zeros, or where it changes nothing</td></tr>
 * <tr><td>Pad</td><td>sinusoidal positions</td><td>zeros before a Conv or AveragePool</td></tr>
 * <tr><td>ReduceMean</td><td>RmsNorm, {@link nn.layers.pooling.MeanOverTime}</td><td>a mean, MeanOverTime, or part of
 * a normalization</td></tr>
 * <tr><td>ReduceSum</td><td>formulas</td><td>a sum</td></tr>
 * <tr><td>ReduceMax</td><td>{@link nn.layers.pooling.MaxOverTime}, Masking</td><td>a maximum, MaxOverTime</td></tr>
 * <tr><td>ReduceMin</td><td></td><td>a minimum</td></tr>
 * <tr><td>Scan</td><td>{@link nn.layers.recurrent.LinearRecurrence}, Rnn of other nonlinearities</td><td>Rnn</td></tr>
 * <tr><td>ReverseSequence</td><td>a padded sequence read backwards</td><td>refused</td></tr>
 * <tr><td>Equal</td><td>Masking</td><td>refused</td></tr>
 * <tr><td>Less</td><td>Masking</td><td>refused</td></tr>
 * <tr><td>Cos</td><td>rotary and sinusoidal positions of unknown number</td><td>the same positions</td></tr>
 * <tr><td>Mod</td><td>the same</td><td>the same</td></tr>
 * </table>
 *
 * <p>Some layers are written and not read back. {@link nn.layers.recurrent.LinearRecurrence}: a file has the numbers
 * that its parameters give, from which these cannot be had to the last bit. {@link nn.layers.network.Masking} and
 * {@link nn.layers.network.LastValidStep}: they are layers around others, and a file has only the operators of all of
 * them.
 *
 * <p>The format is a message of Protocol Buffers, which is written and read by hand; nothing is needed at run time.
 */
@NullMarked
package nn.train.onnx;

import org.jspecify.annotations.NullMarked;
