/** Claims about orthogonal weights: norms, QR, rectangular shapes, recurrent nets. */
@Family(order = 5, title = "Orthogonal weights")
package nn.examples.claims.orthogonal;

import nn.examples.claims.Family;
