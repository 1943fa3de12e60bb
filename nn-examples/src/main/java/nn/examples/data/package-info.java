/** Data sets that are part of the examples. */
package nn.examples.data;
