/**
 * A conformance kit for initializers, for your own as for those of this library; it depends on no test framework.
 *
 * <pre>{@code
 * Conformance.of(myInitializer)
 *         .expecting(fans -> ExpectedDistribution.normal(0, Math.sqrt(2.0 / fans.in())))
 *         .checkAllShapes(1)
 *         .throwIfFailed();
 * }</pre>
 *
 * <p>{@link nn.init.testing.ExpectedDistribution} states the promise, {@link nn.init.testing.Conformance} measures, and
 * {@link nn.init.testing.Report} says which property holds, fails, or needs more values to be decided, and names the
 * likely mistake. Tolerances are derived from the number of values and a stated rate of false alarms: one in a million
 * checks, unless another is asked for.
 */
@NullMarked
package nn.init.testing;

import org.jspecify.annotations.NullMarked;
