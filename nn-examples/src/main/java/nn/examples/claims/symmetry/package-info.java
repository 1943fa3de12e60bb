/** Claims about units that begin alike: constant and zero weights, and what breaks the symmetry. */
package nn.examples.claims.symmetry;
