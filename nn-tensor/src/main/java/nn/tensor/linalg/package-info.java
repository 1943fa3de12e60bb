/** Orthogonal factorizations in double precision: Householder QR and singular values. */
package nn.tensor.linalg;
