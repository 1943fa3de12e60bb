/** Data that come with the examples. */
package nn.examples.data;
