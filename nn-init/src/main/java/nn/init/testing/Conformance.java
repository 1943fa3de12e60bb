package nn.init.testing;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.testing.Finding.Verdict;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/**
 * Measures whether an initializer does what it promises. Immutable; each method that adds a promise returns a changed
 * copy.
 *
 * <p>What every initializer owes is always checked: finite values, all of them written, the same bits for the same key,
 * no hidden state. With a {@link Law}, values are checked to be independent and of that distribution; with {@link
 * #expectingOrthogonal}, matrices to be orthogonal and uniformly so.
 *
 * <p>A check draws one tensor for each seed, some more with other keys, and judges by limits that follow from the
 * number of values and the rate of false alarms, shared out among all its statistics. So a right initializer fails once
 * in a million checks ({@link #falseAlarms} asks for another rate), whatever the shape; what a shape cannot tell is
 * reported as undecided, with the smallest factor of the variance that would be noticed. About 2,000 values are needed
 * for the 1.29 of a truncation that is not corrected, and fans that differ to tell them apart.
 */
public final class Conformance {
    private static final double FALSE_ALARMS = 1e-6;

    /** Statistics share the rate of false alarms equally; there are some fewer. */
    private static final int STATISTICS = 16;

    private final Initializer initializer;
    private final Function<Fans, Law> law;
    private final double gain;
    private final int gates;
    private final double falseAlarms;

    private Conformance(
            Initializer initializer, Function<Fans, Law> law, double gain, int gates, double falseAlarms) {
        this.initializer = initializer;
        this.law = law;
        this.gain = gain;
        this.gates = gates;
        this.falseAlarms = falseAlarms;
    }

    /**
     * Begins with an initializer of which nothing is promised but what every one owes.
     *
     * @param initializer the one to check
     * @return without expectations
     */
    public static Conformance of(Initializer initializer) {
        return new Conformance(Objects.requireNonNull(initializer, "initializer"), null, 0, 0, FALSE_ALARMS);
    }

    /**
     * This, with independent values of a law that depends on the fans.
     *
     * @param expected the law for given fans
     * @return a changed copy
     */
    public Conformance expecting(Function<Fans, Law> expected) {
        return new Conformance(initializer, Objects.requireNonNull(expected, "law"), 0, 0, falseAlarms);
    }

    /**
     * This, with independent values of one law, whatever the fans are.
     *
     * @param expected the law
     * @return a changed copy
     */
    public Conformance expecting(Law expected) {
        Objects.requireNonNull(expected, "law");
        return expecting(fans -> expected);
    }

    /**
     * This, with an orthogonal matrix of all dimensions but the last by the last.
     *
     * @param expected every singular value, finite, above 0
     * @return a changed copy
     * @throws IllegalArgumentException if the gain is out of its range
     */
    public Conformance expectingOrthogonal(double expected) {
        return expectingOrthogonal(expected, 1);
    }

    /**
     * This, with an orthogonal matrix for each gate of a recurrent kernel [... x gates * units].
     *
     * @param expected every singular value of each gate's matrix, finite, above 0
     * @param blocks the number of gates, at least 1; they lie side by side along the last axis
     * @return a changed copy
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Conformance expectingOrthogonal(double expected, int blocks) {
        if (!(expected > 0 && expected < Double.POSITIVE_INFINITY) || blocks < 1) {
            throw new IllegalArgumentException("conformance: gain " + expected + " must be finite and above 0, gates "
                    + blocks + " at least 1");
        }
        return new Conformance(initializer, null, expected, blocks, falseAlarms);
    }

    /**
     * This, with another rate of false alarms.
     *
     * @param rate the share of checks of a right initializer that may fail, above 0 and at most 0.01
     * @return a changed copy
     * @throws IllegalArgumentException if the rate is out of its range
     */
    public Conformance falseAlarms(double rate) {
        if (!(rate > 0 && rate <= 0.01)) {
            throw new IllegalArgumentException("conformance: rate of false alarms " + rate
                    + " must be above 0 and at most 0.01");
        }
        return new Conformance(initializer, law, gain, gates, rate);
    }

    private record Case(Shape shape, Fans fans) {}

    /**
     * Chosen by power: some 5,000 to 10,000 values, fans that differ from each other and from the dimensions, rank 1 to
     * 5.
     */
    private List<Case> cases() {
        if (gates > 0) {
            return List.of(
                    new Case(Shape.of(8, 8 * gates), new Fans(8, 8)),
                    new Case(Shape.of(48, 20 * gates), new Fans(48, 20)),
                    new Case(Shape.of(20, 48 * gates), new Fans(20, 48)),
                    new Case(Shape.of(3, 5, 12 * gates), new Fans(15, 12)),
                    new Case(Shape.of(3, 3, 8, 16 * gates), new Fans(72, 144)),
                    new Case(Shape.of(2, 3, 3, 4, 10 * gates), new Fans(72, 180)));
        }
        return List.of(
                new Case(Shape.of(4801), new Fans(50, 7)),
                new Case(Shape.of(96, 101), new Fans(96, 101)),
                new Case(Shape.of(101, 96), new Fans(300, 20)),
                new Case(Shape.of(5, 20, 96), new Fans(100, 480)),
                new Case(Shape.of(3, 3, 12, 96), new Fans(108, 864)),
                new Case(Shape.of(2, 3, 3, 6, 96), new Fans(108, 1728)));
    }

    /**
     * Checks at a set of shapes that together can tell every property: rank 1 to 5 (2 to 5 for orthogonal ones), fans
     * that differ. They share the rate of false alarms.
     *
     * @param seeds one or more
     * @return for each property that fails anywhere, where it fails; for the others, one finding: undecided only if it
     *     is so at every shape
     * @throws IllegalArgumentException if there is no seed
     * @throws ShapeException if the initializer refuses every shape so; some that it refuses are left out
     */
    public Report sweep(long... seeds) {
        List<Case> cases = cases();
        Conformance strict = falseAlarms(falseAlarms / cases.size());
        List<Finding> failures = new ArrayList<>();
        Map<Property, Finding> others = new EnumMap<>(Property.class);
        double factor = Double.POSITIVE_INFINITY;
        ShapeException refusal = null;
        for (Case c : cases) {
            Report report;
            try {
                report = strict.check(c.shape(), c.fans(), seeds);
            } catch (ShapeException e) {
                refusal = e;
                continue;
            }
            factor = Math.min(factor, report.smallestFactor());
            for (Finding f : report.findings()) {
                if (f.verdict() == Verdict.FAILS) {
                    failures.add(f);
                } else {
                    others.merge(f.property(), f, (a, b) -> a.verdict() == Verdict.HOLDS ? a : b);
                }
            }
        }
        if (refusal != null && failures.isEmpty() && others.isEmpty()) {
            throw refusal;
        }
        failures.forEach(f -> others.remove(f.property()));
        List<Finding> all = new ArrayList<>(failures);
        all.addAll(others.values());
        return new Report(Description.of(initializer), all, factor);
    }

    /**
     * Checks at one shape.
     *
     * @param shape of the tensor, every dimension known; may be empty
     * @param fans given to the initializer
     * @param seeds one or more; moments and shape are judged from the values of all together
     * @return a finding for each property
     * @throws IllegalArgumentException if there is no seed
     */
    public Report check(Shape shape, Fans fans, long... seeds) {
        if (seeds.length == 0) {
            throw new IllegalArgumentException("conformance: there is no seed to check with; one will do");
        }
        Draws draws = new Draws(initializer, shape, fans, seeds);
        Findings findings = new Findings(shape);
        boolean usable = new Duties(draws, findings).check();
        double smallestFactor = Double.POSITIVE_INFINITY;
        double p = falseAlarms / STATISTICS;
        if (usable && law != null) {
            smallestFactor = new IndependentValues(draws, findings, law, p).check();
        } else if (usable && gates > 0) {
            new OrthogonalMatrices(draws, findings, gain, gates, p).check();
        }
        return new Report(Description.of(initializer), findings.all(), smallestFactor);
    }
}
