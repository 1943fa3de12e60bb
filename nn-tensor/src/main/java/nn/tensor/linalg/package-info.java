/** Orthogonal matrices in double precision: Householder QR, singular values, and random ones. */
package nn.tensor.linalg;
