/**
 * Files for <a href="https://www.tensorflow.org/tensorboard">TensorBoard</a>, a program that draws the curves of
 * trainings in a browser: {@link nn.train.tensorboard.TensorBoard} writes them while a model is trained.
 */
@NullMarked
package nn.train.tensorboard;

import org.jspecify.annotations.NullMarked;
