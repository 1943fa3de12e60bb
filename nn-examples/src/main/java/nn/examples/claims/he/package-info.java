/** Claims about the initialization of He et al.: ReLU, its slopes and its constant. */
@Family(order = 4, title = "He")
package nn.examples.claims.he;

import nn.examples.claims.Family;
