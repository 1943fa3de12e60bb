/**
 * Metrics: measures of a model on data, in inference. Each is a {@link nn.train.metric.Metric}, usually a method of
 * {@link nn.train.metric.Metrics}.
 *
 * <p>A new metric is a static method of {@link nn.train.metric.Metrics}; a result of several numbers is a class of this
 * package, such as {@link nn.train.metric.ConfusionMatrix}.
 */
@NullMarked
package nn.train.metric;

import org.jspecify.annotations.NullMarked;
