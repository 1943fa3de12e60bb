/** Orthogonal matrices in double precision: Householder QR, singular values and random orthogonal matrices. */
package nn.tensor.linalg;
