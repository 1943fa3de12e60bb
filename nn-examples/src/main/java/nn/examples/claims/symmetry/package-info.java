/** Claims about zero and constant weights, and what breaks their symmetry. */
@Family(order = 1, title = "Units that begin alike")
package nn.examples.claims.symmetry;

import nn.examples.claims.Family;
