/** Claims of the papers: what they report, reproduced. */
@Family(order = 10, title = "Papers", claimant = Claimant.PAPER)
package nn.examples.claims.papers;

import nn.examples.claims.Claimant;
import nn.examples.claims.Family;
