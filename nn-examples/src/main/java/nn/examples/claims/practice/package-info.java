/** Claims of the text's practice problems and quiz answers. */
@Family(order = 9, title = "Practice and quiz")
package nn.examples.claims.practice;

import nn.examples.claims.Family;
