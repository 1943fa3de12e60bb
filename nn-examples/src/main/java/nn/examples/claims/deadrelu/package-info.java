/** Claims about ReLU units that are zero on every input, and what a positive bias does about them. */
package nn.examples.claims.deadrelu;
