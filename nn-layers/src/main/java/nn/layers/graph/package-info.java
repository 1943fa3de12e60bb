/**
 * Layers that are written forward only: {@link nn.layers.graph.Formula} builds its output of {@linkplain
 * nn.layers.graph.Node nodes}, and gets its backward pass from their operations.
 */
@NullMarked
package nn.layers.graph;

import org.jspecify.annotations.NullMarked;
