/** Claims of the papers: what they report, reproduced. */
@Family(order = 10, title = "Papers", source = Source.PAPER)
package nn.examples.claims.papers;

import nn.examples.claims.Family;
import nn.examples.claims.Source;
