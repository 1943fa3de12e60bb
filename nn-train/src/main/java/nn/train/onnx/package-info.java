/**
 * Models as files in the <a href="https://onnx.ai">ONNX</a> format, which other frameworks, compilers and runtimes read
 * and write.
 */
@NullMarked
package nn.train.onnx;

import org.jspecify.annotations.NullMarked;
