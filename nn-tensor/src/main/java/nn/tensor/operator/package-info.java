/**
 * A computation described by standard operators, those of the <a
 * href="https://onnx.ai/onnx/operators/">ONNX standard</a>, opset {@value nn.tensor.operator.OperatorGraph#OPSET}:
 * layers and nonlinearities describe themselves in it, so that other programs can run them. This package knows the
 * names of operators, but nothing of files and nothing of layers. It is the lowest package that both nonlinearities and
 * layers can use.
 *
 * <p>{@link nn.tensor.operator.OperatorGraph} collects the operators, {@link nn.tensor.operator.Value} is a tensor
 * between them.
 */
@NullMarked
package nn.tensor.operator;

import org.jspecify.annotations.NullMarked;
