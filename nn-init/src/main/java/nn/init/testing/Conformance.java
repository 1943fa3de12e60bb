package nn.init.testing;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * Checks statistically that an initializer has the distribution it promises. Immutable: a method that adds a promise
 * returns a copy with it.
 *
 * <p>The basic contract is always checked: all values are finite and written, the same key gives the same bits, and no
 * state is hidden. With an {@link ExpectedDistribution}, the values are checked to be independent and to have that
 * distribution; with {@link #expectingOrthogonal}, matrices are checked to be orthogonal and uniformly distributed.
 *
 * <p>A check draws one tensor for each seed and some more with other keys. Its limits follow from the number of values
 * and the rate of false alarms, which is divided among all its statistics. So a correct initializer fails once in a
 * million checks ({@link #falseAlarms} sets another rate), whatever the shape. A property that a shape cannot decide is
 * reported as undecided, with the smallest factor of the variance that would be noticed. Noticing a truncation that is
 * not corrected, a factor of 1.29, takes about 2,000 values; telling the two fans apart takes fans that differ.
 */
public final class Conformance {
    private static final double FALSE_ALARMS = 1e-6;

    /** The rate of false alarms is divided by this; a check has at most this many statistics. */
    private static final int STATISTICS = 16;

    private final Initializer initializer;
    private final @Nullable Function<Fans, ExpectedDistribution> distribution;
    private final double gain;
    private final int gates;
    private final @Nullable Part part; // null: the whole tensor
    private final double falseAlarms;

    private Conformance(
            Initializer initializer,
            @Nullable Function<Fans, ExpectedDistribution> distribution,
            double gain,
            int gates,
            @Nullable Part part,
            double falseAlarms) {
        this.initializer = initializer;
        this.distribution = distribution;
        this.gain = gain;
        this.gates = gates;
        this.part = part;
        this.falseAlarms = falseAlarms;
    }

    /**
     * Creates a check of the basic contract only.
     *
     * @param initializer the initializer to check
     * @return the check, with no further expectations
     */
    public static Conformance of(Initializer initializer) {
        return new Conformance(Objects.requireNonNull(initializer, "initializer"), null, 0, 0, null, FALSE_ALARMS);
    }

    /**
     * Expects independent values of a distribution that depends on the fans.
     *
     * @param expected gives the distribution for given fans
     * @return a copy that expects this
     */
    public Conformance expecting(Function<Fans, ExpectedDistribution> expected) {
        return new Conformance(initializer, Objects.requireNonNull(expected, "distribution"), 0, 0, part, falseAlarms);
    }

    /**
     * Expects independent values of one distribution, whatever the fans are.
     *
     * @param expected the distribution
     * @return a copy that expects this
     */
    public Conformance expecting(ExpectedDistribution expected) {
        Objects.requireNonNull(expected, "distribution");
        return expecting(fans -> expected);
    }

    /**
     * Expects an orthogonal matrix, read as [all dimensions but the last x last].
     *
     * @param expected every singular value, finite, above 0
     * @return a copy that expects this
     * @throws IllegalArgumentException if the gain is out of its range
     */
    public Conformance expectingOrthogonal(double expected) {
        return expectingOrthogonal(expected, 1);
    }

    /**
     * Expects an orthogonal matrix for each gate of a recurrent kernel [... x gates * units].
     *
     * @param expected every singular value of each gate's matrix, finite, above 0
     * @param blocks the number of gates, at least 1; they lie side by side along the last axis
     * @return a copy that expects this
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Conformance expectingOrthogonal(double expected, int blocks) {
        if (!(expected > 0 && expected < Double.POSITIVE_INFINITY) || blocks < 1) {
            throw new IllegalArgumentException(
                    "conformance: gain " + expected + " must be finite and above 0, gates " + blocks + " at least 1");
        }
        return new Conformance(initializer, null, expected, blocks, part, falseAlarms);
    }

    /**
     * Expects a convolution kernel [taps ... x inputs x outputs] that is zero but at the centre of its taps, tap {@code
     * (k - 1) / 2} of k on each axis, rounded down. What else is expected, such as {@link #expectingOrthogonal}, is
     * expected of the matrix there.
     *
     * @return a copy that expects this
     */
    public Conformance atTheCentre() {
        return new Conformance(initializer, distribution, gain, gates, new Part.Centre(), falseAlarms);
    }

    /**
     * Expects a table whose row for padding is zero. What else is expected is expected of the other rows.
     *
     * @param row along the first axis, 0 or more
     * @return a copy that expects this
     * @throws IllegalArgumentException if the row is negative
     */
    public Conformance withPaddingRow(int row) {
        if (row < 0) {
            throw new IllegalArgumentException("conformance: row " + row + " for padding must be 0 or more");
        }
        return new Conformance(initializer, distribution, gain, gates, new Part.AllRowsBut(row), falseAlarms);
    }

    /**
     * Sets another rate of false alarms.
     *
     * @param rate the share of checks of a correct initializer that may fail, above 0 and at most 0.01
     * @return a copy with this rate
     * @throws IllegalArgumentException if the rate is out of its range
     */
    public Conformance falseAlarms(double rate) {
        if (!(rate > 0 && rate <= 0.01)) {
            throw new IllegalArgumentException(
                    "conformance: rate of false alarms " + rate + " must be above 0 and at most 0.01");
        }
        return new Conformance(initializer, distribution, gain, gates, part, rate);
    }

    private record Case(Shape shape, Fans fans) {}

    /**
     * The shapes of {@link #checkAllShapes}, chosen for statistical power: 5,000 to 10,000 values, fans that differ
     * from each other and from the dimensions, rank 1 to 5.
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
                new Case(Shape.of(72, 72), new Fans(72, 151)),
                new Case(Shape.of(5, 20, 96), new Fans(100, 480)),
                new Case(Shape.of(3, 3, 12, 96), new Fans(108, 864)),
                new Case(Shape.of(2, 3, 3, 6, 96), new Fans(108, 1728)));
    }

    /**
     * Checks at a set of shapes that together decide every property: rank 1 to 5 (2 to 5 for orthogonal matrices), with
     * fans that differ. The shapes share the rate of false alarms. Shapes that the initializer refuses are left out.
     *
     * @param seeds one or more
     * @return one finding for each shape at which a property fails; for each other property one finding, undecided only
     *     if it is undecided at every shape
     * @throws IllegalArgumentException if there is no seed
     * @throws ShapeException if the initializer refuses every shape
     */
    public Report checkAllShapes(long... seeds) {
        List<Case> cases = cases();
        Conformance strict = falseAlarms(falseAlarms / cases.size());
        List<CheckFinding> failures = new ArrayList<>();
        Map<Property, CheckFinding> others = new EnumMap<>(Property.class);
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
            for (CheckFinding f : report.findings()) {
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
        List<CheckFinding> all = new ArrayList<>(failures);
        all.addAll(others.values());
        return new Report(Description.of(initializer), all, factor);
    }

    /**
     * Checks at one shape.
     *
     * @param shape of the tensor, every dimension known; may be empty
     * @param fans given to the initializer
     * @param seeds one or more, all different; moments and shape are judged from the values of all together
     * @return a finding for each property
     * @throws IllegalArgumentException if there is no seed or one is given twice, or if all values together are more
     *     than a tensor holds
     * @throws ShapeException if the shape has no taps, or no row for padding, of which something is expected
     */
    public Report check(Shape shape, Fans fans, long... seeds) {
        if (seeds.length == 0) {
            throw new IllegalArgumentException("conformance: no seed to check with; give at least one");
        }
        Set<Long> different = new HashSet<>();
        for (long seed : seeds) {
            if (!different.add(seed)) {
                throw new IllegalArgumentException("conformance: seed " + seed + " is given twice; its values would"
                        + " count as independent ones");
            }
        }
        if (part != null) {
            part.require(shape);
        }
        Samples samples = new Samples(initializer, shape, fans, seeds);
        Findings findings = new Findings(shape);
        boolean usable = new BasicChecks(samples, findings).check();
        if (usable && part != null) {
            usable = zeros(part, samples, findings);
            samples = new Samples(part.of(initializer, shape), part.shape(shape), fans, seeds);
        }
        double smallestFactor = Double.POSITIVE_INFINITY;
        double p = falseAlarms / STATISTICS;
        if (usable && distribution != null) {
            smallestFactor = new IndependentValues(samples, findings, distribution, p).check();
        } else if (usable && gates > 0) {
            new OrthogonalMatrices(samples, findings, gain, gates, p).check();
        }
        if (usable && samples.notFinite() > 0) {
            findings.revise(
                    Property.FINITE,
                    "all of " + samples.drawn() + " values with several keys finite",
                    samples.notFinite() + " are not",
                    "none",
                    "rare values overflow, such as the logarithm of 0 or a division by a number that is rarely 0");
        }
        return new Report(Description.of(initializer), findings.all(), smallestFactor);
    }

    /** Judges what must be zero; returns whether it is. */
    private static boolean zeros(Part part, Samples samples, Findings findings) {
        boolean[] members = part.members(samples.shape);
        int others = 0;
        for (int i = 0; i < samples.values.length; i++) {
            others += !members[i % samples.size] && samples.values[i] != 0 ? 1 : 0;
        }
        findings.judge(Property.ZEROS, others == 0, part.rest(), others + " are not", "none", part.mistake());
        return others == 0;
    }
}
