/**
 * Nonlinearities: formula, derivative and expectations over normal pre-activations, in double, and the kernels that
 * apply them to tensors. The public part is {@link nn.init.nonlinearity.Nonlinearity}, with a constant or a factory for
 * each function of this library, {@link nn.init.nonlinearity.ElementwiseKernel}, and the two records of expectations.
 *
 * <p>Each function is one file of this package. A new one needs
 *
 * <ol>
 *   <li>that file: a record with the name, the function and its derivative, closed-form moments where they exist, a
 *       kernel where speed counts, and the paper;
 *   <li>its name: a constant or a factory in {@link nn.init.nonlinearity.Nonlinearity};
 *   <li>a line in the test fixture {@code EveryNonlinearity}: the tests of this package and the table of gains read it.
 * </ol>
 *
 * <p>Nothing else has to know it: gains and theory are computed from the moments, and layers ask for its kernel. The
 * package depends on no other exported package of the module, and on tensors only.
 */
@NullMarked
package nn.init.nonlinearity;

import org.jspecify.annotations.NullMarked;
