/** Claims of mean-field theory: critical lines, fixed points, depth scales. */
@Family(order = 11, title = "Criticality", claimant = Claimant.PAPER)
package nn.examples.claims.criticality;

import nn.examples.claims.Claimant;
import nn.examples.claims.Family;
