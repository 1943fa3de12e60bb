/** Claims about variances and second moments from layer to layer: vanishing, exploding, and Var(ReLU). */
@Family(order = 2, title = "Signals by depth")
package nn.examples.claims.variance;

import nn.examples.claims.Family;
