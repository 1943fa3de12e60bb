/** Checks for layers, ours and yours; free of any test framework. */
package nn.layers.testing;
