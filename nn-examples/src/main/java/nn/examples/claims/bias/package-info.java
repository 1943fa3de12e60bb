/** Claims about biases: additivity, activity, random biases. */
@Family(order = 6, title = "Biases")
package nn.examples.claims.bias;

import nn.examples.claims.Family;
