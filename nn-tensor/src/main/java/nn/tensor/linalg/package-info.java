/** Orthogonal matrices in double precision: Householder QR, singular values and random orthogonal matrices. */
@NullMarked
package nn.tensor.linalg;

import org.jspecify.annotations.NullMarked;
