/** Claims about the initialization of Glorot and Bengio: fans, harmonic mean, tanh and sigmoid. */
@Family(order = 3, title = "Xavier")
package nn.examples.claims.xavier;

import nn.examples.claims.Family;
