/** Claims about ReLU units that are zero on every input, and what a positive bias does about them. */
@Family(order = 7, title = "Dead ReLUs")
package nn.examples.claims.deadrelu;

import nn.examples.claims.Family;
