/** Claims of mean-field theory: critical lines, fixed points, depth scales. */
@Family(order = 11, title = "Criticality", source = Source.PAPER)
package nn.examples.claims.criticality;

import nn.examples.claims.Family;
import nn.examples.claims.Source;
