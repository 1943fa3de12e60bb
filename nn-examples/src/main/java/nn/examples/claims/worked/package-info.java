/** Claims of the text's worked examples 1 to 3, step by step. */
@Family(order = 8, title = "Worked examples")
package nn.examples.claims.worked;

import nn.examples.claims.Family;
