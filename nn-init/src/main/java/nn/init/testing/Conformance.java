package nn.init.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.testing.Finding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

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

    /** Statistics share the rate of false alarms equally. */
    private static final int STATISTICS = 16;

    /** An uncorrected truncation at 2 deviations, the smallest of the usual mistakes: 1 / 0.774. */
    private static final double FACTOR_OF_INTEREST = 1.292;

    /** Of 999 in 1000, one side, in deviations. */
    private static final double POWER = 3.1;

    private static final int LINES = 64;
    private static final int LAGS = 8;

    /** Draws of small matrices: 2^-64 is beyond every rate of false alarms. */
    private static final int HAAR_DRAWS = 64;

    private static final int HAAR_SIZE = 32 * 32;

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
        return new Report(initializer.toString(), all, factor);
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
        return new Run(shape, fans, seeds).report();
    }

    /** One check. */
    private final class Run {
        private final Shape shape;
        private final Fans fans;
        private final long[] seeds;
        private final double p = falseAlarms / STATISTICS;
        private final List<Finding> findings = new ArrayList<>();
        private final float[] values;
        private final int size;
        private final int columns;
        private final int rows;
        private double smallestFactor = Double.POSITIVE_INFINITY;

        Run(Shape shape, Fans fans, long[] seeds) {
            this.shape = shape;
            this.fans = fans;
            this.seeds = seeds;
            size = shape.size();
            columns = shape.rank() == 0 || size == 0 ? size : shape.dim(-1);
            rows = size == 0 ? 0 : size / columns;
            values = new float[Math.multiplyExact(size, seeds.length)];
        }

        Report report() {
            for (int s = 0; s < seeds.length; s++) {
                System.arraycopy(drawn(Key.of(seeds[s])).array(), 0, values, s * size, size);
            }
            boolean usable = finite();
            fillsEverything();
            sameKeySameBits();
            orderIndependence();
            if (usable && law != null) {
                independent(law.apply(fans));
            } else if (usable && gates > 0) {
                orthogonal();
            }
            return new Report(initializer.toString(), findings, smallestFactor);
        }

        private Tensor drawn(Key key) {
            Tensor out = Tensor.zeros(shape);
            out.fill(Float.NaN);
            initializer.fill(out, fans, key);
            return out;
        }

        private void add(
                Property property, Verdict verdict, String expected, String measured, String allowed, String note) {
            findings.add(new Finding(property, verdict, shape.toString(), expected, measured, allowed, note));
        }

        private void judge(
                Property property, boolean holds, String expected, String measured, String allowed, String mistake) {
            add(property, holds ? Verdict.HOLDS : Verdict.FAILS, expected, measured, allowed, holds ? "" : mistake);
        }

        private void undecided(Property property, String why) {
            add(property, Verdict.UNDECIDED, "", "", "", why);
        }

        private boolean finite() {
            int bad = 0;
            for (float value : values) {
                bad += Float.isFinite(value) ? 0 : 1;
            }
            judge(Property.FINITE, bad == 0, "all of " + values.length + " values finite", bad + " are not", "none",
                    "NaN was there before the fill: elements that stay so were not written; others overflow");
            return bad == 0;
        }

        /** In the middle of a larger array of NaN with a known payload. */
        private void fillsEverything() {
            int margin = 17;
            float[] array = new float[size + 2 * margin];
            Arrays.fill(array, Float.NaN);
            Tensor view = Tensor.wrap(array, margin, shape);
            initializer.fill(view, fans, Key.of(seeds[0]));
            int left = 0;
            int beside = 0;
            int other = 0;
            for (int i = 0; i < array.length; i++) {
                boolean inside = i >= margin && i < margin + size;
                left += inside && Float.isNaN(array[i]) ? 1 : 0;
                beside += !inside && !Float.isNaN(array[i]) ? 1 : 0;
                other += inside && Float.floatToRawIntBits(array[i]) != Float.floatToRawIntBits(values[i - margin]) ? 1 : 0;
            }
            judge(Property.FILLS_EVERYTHING, left == 0 && beside == 0 && other == 0,
                    "all of " + size + " elements of a view written, none beside it",
                    left + " left out, " + beside + " written beside it, " + other + " unlike those of a tensor of its own",
                    "none",
                    beside > 0 || other > left
                            ? "the view's offset() is not added to an index into array()"
                            : "a loop ends early, or a last row or block is forgotten");
        }

        private void sameKeySameBits() {
            Tensor again = Tensor.zeros(shape);
            again.fill(7);
            initializer.fill(again, fans, Key.of(seeds[0]));
            boolean same = same(again);
            judge(Property.SAME_KEY_SAME_BITS, same, "the same bits twice", same ? "the same" : "others", "no difference",
                    "values depend on what the tensor held before, on the clock, or on a random source that is not the key");
        }

        private void orderIndependence() {
            Tensor other = Tensor.zeros(shape);
            initializer.fill(other, new Fans(fans.out(), fans.in()), Key.of(seeds[0]).child("other"));
            boolean same = same(drawn(Key.of(seeds[0])));
            judge(Property.ORDER_INDEPENDENCE, same, "the same bits after another fill", same ? "the same" : "others",
                    "no difference", "the initializer keeps a state from one fill to the next");
        }

        private boolean same(Tensor out) {
            for (int i = 0; i < size; i++) {
                float mine = values[i];
                float its = out.array()[out.offset() + i];
                if (Float.floatToRawIntBits(mine) != Float.floatToRawIntBits(its)) {
                    return false;
                }
            }
            return true;
        }

        private void independent(Law expected) {
            if (expected.deviation() == 0) {
                int off = 0;
                for (float value : values) {
                    off += value == (float) expected.mean() ? 0 : 1;
                }
                judge(Property.SECOND_MOMENT, off == 0, "every value " + number(expected.mean()), off + " others", "none",
                        "a deviation of 0 was promised");
                return;
            }
            if (values.length == 0) {
                undecided(Property.SECOND_MOMENT, "no values");
                return;
            }
            mean(expected);
            secondMoment(expected);
            bounds(expected);
            if (expected.distribution() != null) {
                float[] sorted = values.clone();
                Arrays.sort(sorted);
                shape(expected, sorted);
                tails(expected, sorted);
                distinctValues(sorted);
            }
            lines(Property.ROWS, expected, rows, columns, columns, 1);
            lines(Property.COLUMNS, expected, columns, rows, 1, columns);
            Key key = Key.of(seeds[0]);
            unrelated(Property.LAYERS, expected.mean(), drawn(key.child("a")), drawn(key.child("b")), expected,
                    "the key is ignored, or its path is: one seed for all layers");
            unrelated(Property.SEEDS, expected.mean(), drawn(Key.of(seeds[0])), drawn(Key.of(seeds[0] + 1)), expected,
                    "the seed is ignored, or neighbouring seeds start one sequence at neighbouring places");
        }

        private void mean(Law expected) {
            double sum = 0;
            for (float value : values) {
                sum += value - expected.mean();
            }
            double error = expected.deviation() / Math.sqrt(values.length) * slack(expected) * Bounds.deviations(p);
            double off = sum / values.length;
            judge(Property.MEAN, Math.abs(off) <= error + Math.ulp((float) expected.mean()), number(expected.mean()),
                    number(off + expected.mean()), "+-" + number(error),
                    "the distribution is not centred: a uniform value from 0 to 1 was not shifted, or a bias was added");
        }

        /** Normal, uniform and truncated sums stay within normal limits; of others we know less. */
        private double slack(Law expected) {
            return expected.distribution() == null ? 2 : 1;
        }

        private void secondMoment(Law expected) {
            int n = values.length;
            double sum = 0;
            for (float value : values) {
                double centred = value - expected.mean();
                sum += centred * centred;
            }
            double ratio = sum / n / (expected.deviation() * expected.deviation());
            double z = Bounds.deviations(p);
            double low = lowest(expected, z);
            double high = highest(expected, z);
            smallestFactor = low == 0 ? Double.POSITIVE_INFINITY
                    : Math.max(high / lowest(expected, POWER), highest(expected, POWER) / low);
            String promised = "deviation " + number(expected.deviation());
            String found = "variance " + number(ratio) + " times that";
            String allowed = number(low) + " to " + number(high) + " times";
            boolean holds = ratio >= low && ratio <= high;
            if (holds && !(smallestFactor <= FACTOR_OF_INTEREST)) {
                add(Property.SECOND_MOMENT, Verdict.UNDECIDED, promised, found, allowed, tooSmall());
            } else {
                judge(Property.SECOND_MOMENT, holds, promised, found, allowed, mistake(ratio, expected, low, high));
            }
            fans(expected, ratio, low, high);
        }

        private String tooSmall() {
            return values.length + " values are too few to tell: the smallest factor of the variance that would be noticed is "
                    + number(smallestFactor) + ", and an uncorrected truncation is one of " + FACTOR_OF_INTEREST
                    + "; take a larger shape or more seeds";
        }

        /** The sum of squares is a gamma variable, exactly so for normal values; others have fewer far out. */
        private double lowest(Law expected, double z) {
            int n = values.length;
            double spread = Math.max(0.1, expected.kurtosis() - 1); // random signs have none but rounding
            return n < 100
                    ? Bounds.gamma(n / Math.max(2, spread), -z)
                    : Math.max(0, 1 - z * slack(expected) * Math.sqrt(spread / n));
        }

        private double highest(Law expected, double z) {
            int n = values.length;
            double spread = Math.max(0.1, expected.kurtosis() - 1);
            return Bounds.gamma(n / (n < 100 ? Math.max(2, spread) : spread), z * slack(expected));
        }

        private String mistake(double ratio, Law expected, double low, double high) {
            double in = fans.in();
            double out = fans.out();
            double swapped = law.apply(new Fans(fans.out(), fans.in())).deviation() / expected.deviation();
            Map<String, Double> known = new LinkedHashMap<>();
            known.put("fan in and fan out are swapped", swapped * swapped);
            known.put("the bound of a uniform distribution is taken for its deviation, or the reverse: they differ by"
                    + " sqrt(3)", 3.0);
            known.put("the same, the other way round: deviation / sqrt(3) where the bound is sqrt(3) deviation", 1 / 3.0);
            known.put("a factor 2 too many: the gain of ReLU counted twice, or a bound sqrt(2) too wide", 2.0);
            known.put("a factor 2 is missing: the gain of ReLU, or Xavier's bound sqrt(6 / (in + out)) with 3", 0.5);
            known.put("truncation is not corrected: at 2 deviations it takes the variance to 0.774", 0.7737413);
            known.put("truncation is corrected twice", 1 / 0.7737413);
            known.put("the variance is taken for the deviation", expected.deviation() * expected.deviation());
            known.put("the deviation is taken for the variance", 1 / expected.deviation());
            known.put("the average fan instead of fan in", 2 * in / (in + out));
            known.put("fan in instead of the average fan", (in + out) / (2 * in));
            known.put("the sum of fans instead of the average", 0.5);
            String best = "a wrong formula for the variance";
            double nearest = Double.POSITIVE_INFINITY;
            for (Map.Entry<String, Double> entry : known.entrySet()) {
                double distance = Math.abs(StrictMath.log(ratio / entry.getValue()));
                boolean within = ratio / entry.getValue() >= low && ratio / entry.getValue() <= high;
                if (within && entry.getValue() != 1 && distance < nearest - 1e-12) {
                    nearest = distance;
                    best = entry.getKey();
                }
            }
            return "likely mistake: " + best;
        }

        private void fans(Law expected, double ratio, double low, double high) {
            Law swapped = law.apply(new Fans(fans.out(), fans.in()));
            double factor = swapped.deviation() * swapped.deviation() / (expected.deviation() * expected.deviation());
            boolean wrong = !(ratio >= low && ratio <= high);
            String promised = "variance by fans (in " + fans.in() + ", out " + fans.out() + ")";
            if (fans.in() == fans.out()) {
                undecided(Property.FANS, "fan in and fan out are both " + fans.in()
                        + ": swapping them changes nothing; take fans that differ");
            } else if (Math.abs(factor - 1) < 1e-12) {
                judge(Property.FANS, true, promised, "the law is symmetric in the fans", "any order", "");
            } else if (Math.max(factor, 1 / factor) < smallestFactor && !wrong) {
                undecided(Property.FANS, "swapped fans would change the variance by " + number(factor)
                        + ", which so few values cannot tell; take fans that differ more, or more values");
            } else if (wrong && !(ratio / factor >= low && ratio / factor <= high)) {
                undecided(Property.FANS, "the variance is wrong in another way");
            } else {
                judge(Property.FANS, !wrong, promised, wrong ? "that by the fans swapped" : "that, and not by the fans swapped",
                        "no swap", "fan in and fan out are swapped, or guessed from the shape");
            }
        }

        private void bounds(Law expected) {
            double rounding = 0x1p-22 * Math.max(Math.abs(expected.low()), Math.abs(expected.high()));
            double slack = Double.isFinite(rounding) ? rounding : 0;
            int beyond = 0;
            for (float value : values) {
                beyond += value < expected.low() - slack || value > expected.high() + slack ? 1 : 0;
            }
            judge(Property.BOUNDS, beyond == 0, number(expected.low()) + " to " + number(expected.high()),
                    beyond + " values beyond", "none",
                    "a bound that is too wide, or a distribution without bounds");
        }

        private void shape(Law expected, float[] sorted) {
            int n = sorted.length;
            double largest = 0;
            int classes = Math.min(64, n / 50);
            int[] counts = new int[Math.max(classes, 1)];
            for (int i = 0; i < n; i++) {
                double f = expected.distribution().applyAsDouble(sorted[i]);
                largest = Math.max(largest, Math.max(f - (double) i / n, (i + 1.0) / n - f));
                counts[Math.clamp((int) (f * counts.length), 0, counts.length - 1)]++;
            }
            double distance = Bounds.distance(p, n);
            double squares = 0;
            double each = (double) n / counts.length;
            for (int count : counts) {
                squares += (count - each) * (count - each) / each;
            }
            int degrees = counts.length - 1;
            double limit = degrees == 0 ? 0 : degrees * Bounds.gamma(degrees / 2.0, Bounds.deviations(p));
            boolean holds = largest <= distance && (degrees == 0 || squares <= limit);
            String promised = expected.name() + " distribution";
            String found = "distance " + number(largest) + ", chi-square " + number(squares);
            String allowed = "distance " + number(distance) + ", chi-square " + number(limit) + " of " + degrees + " degrees";
            if (holds && classes < 8) {
                add(Property.SHAPE, Verdict.UNDECIDED, promised, found, allowed,
                        n + " values are too few for a distribution; 400 would do");
            } else {
                judge(Property.SHAPE, holds, promised, found, allowed, "another distribution, or the right one at a wrong scale");
            }
        }

        /** As many values as there should be among the farthest 30, 100 and 300, on both sides together. */
        private void tails(Law expected, float[] sorted) {
            int n = sorted.length;
            boolean holds = true;
            String found = "";
            double least = StrictMath.log(2 / (p / 3)) * 1.5;
            for (double mean : new double[] {least, 4 * least, 16 * least}) {
                if (mean > n / 10.0) {
                    continue;
                }
                double tail = mean / n / 2;
                int count = 0;
                for (int i = 0; i < n && expected.distribution().applyAsDouble(sorted[i]) < tail; i++) {
                    count++;
                }
                for (int i = n - 1; i >= 0 && expected.distribution().applyAsDouble(sorted[i]) > 1 - tail; i--) {
                    count++;
                }
                holds &= !Bounds.unlikely(count, mean, p / 3);
                found += (found.isEmpty() ? "" : ", ") + count + " of " + number(mean);
            }
            if (found.isEmpty()) {
                undecided(Property.TAILS, n + " values have no tails to speak of; " + (int) Math.ceil(10 * least) + " would do");
            } else {
                judge(Property.TAILS, holds, "as many values far out as the law has", found, "by chance " + number(p),
                        "tails are cut off (a normal source that is a sum of uniform ones, a clipped one), or heavy");
            }
        }

        private void distinctValues(float[] sorted) {
            int n = sorted.length;
            int repeats = 0;
            for (int i = 1; i < n; i++) {
                repeats += sorted[i] == sorted[i - 1] ? 1 : 0;
            }
            double pairs = n * (n - 1.0) / 2;
            double mean = pairs * 0x1p-22; // the library's uniform values are of 2^24, float32 has some more
            boolean few = !(repeats > mean && Bounds.unlikely(repeats, Math.max(mean, 1e-300), p));
            String promised = "at most " + number(mean) + " repeated values, as of 2^22 different ones";
            double onBytes = pairs / 256;
            if (few && (onBytes < 16 || mean > n / 4.0)) {
                undecided(Property.DISTINCT_VALUES, onBytes < 16
                        ? n + " values are too few to meet twice even on an 8-bit grid; 100 would do"
                        : n + " values are so many that they repeat anyway; take fewer");
            } else {
                judge(Property.DISTINCT_VALUES, few, promised, String.valueOf(repeats), "by chance " + number(p),
                        "values come from a coarse grid: about " + number(pairs / Math.max(1, repeats))
                                + " different ones; a generator of few bits, or weights that were quantized");
            }
        }

        /** Rows or columns of the first seed's matrix: line i has its elements at i * step + j * stride. */
        private void lines(Property property, Law expected, int count, int length, int step, int stride) {
            if (count < 2 || length < 2) {
                undecided(property, "a matrix of " + rows + " x " + columns + " has none that could be compared");
                return;
            }
            Set<List<Integer>> seen = new HashSet<>();
            int equal = 0;
            int looked = Math.min(length, LINES);
            boolean byChance = 0.5 * count * count * Math.scalb(1.0, -22 * Math.min(looked, 40)) > p / 100;
            for (int i = 0; i < count && !byChance; i++) {
                Integer[] bits = new Integer[looked];
                for (int j = 0; j < bits.length; j++) {
                    bits[j] = Float.floatToRawIntBits(values[i * step + j * stride]);
                }
                equal += seen.add(Arrays.asList(bits)) ? 0 : 1;
            }
            int some = Math.min(count, LINES);
            double[][] line = new double[some][length];
            double[] norms = new double[some];
            for (int i = 0; i < some; i++) {
                for (int j = 0; j < length; j++) {
                    line[i][j] = values[i * step + j * stride] - expected.mean();
                    norms[i] += line[i][j] * line[i][j];
                }
            }
            int pairs = some * (some - 1) / 2;
            double limit = Bounds.deviations(p / pairs) * slack(expected);
            double worst = 0;
            for (int i = 0; i < some; i++) {
                for (int k = 0; k < i; k++) {
                    double dot = 0;
                    for (int j = 0; j < length; j++) {
                        dot += line[i][j] * line[k][j];
                    }
                    // for a fixed line, a sum of independent values of this norm
                    double t = norms[k] == 0 ? 0 : Math.abs(dot) / Math.sqrt(norms[k]) / expected.deviation();
                    worst = Math.max(worst, t);
                }
            }
            if (byChance && worst <= limit) {
                undecided(property, count + " lines of " + length + " values may be equal by chance; take longer ones");
                return;
            }
            judge(property, equal == 0 && worst <= limit, "no two equal or correlated",
                    equal + " equal to another, the largest of " + pairs + " products is " + number(worst) + " deviations",
                    "none, " + number(limit) + " deviations",
                    "values are repeated along an axis, or a generator is started anew for each line");
        }

        /** Products of two tensors' values, the second one shifted by -LAGS to LAGS places. */
        private void unrelated(
                Property property, double centre, Tensor a, Tensor b, Law expected, String mistake) {
            boolean same = a.bitEquals(b);
            double limit = Bounds.deviations(p / (2 * LAGS + 1)) * slack(expected);
            double worst = 0;
            for (int lag = -LAGS; lag <= LAGS; lag++) {
                double dot = 0;
                double norm = 0;
                for (int i = Math.max(0, -lag); i < size && i + lag < size; i++) {
                    double x = a.array()[a.offset() + i] - centre;
                    dot += x * (b.array()[b.offset() + i + lag] - centre);
                    norm += x * x;
                }
                worst = Math.max(worst, norm == 0 ? 0 : Math.abs(dot) / Math.sqrt(norm) / expected.deviation());
            }
            boolean holds = !(same && size > 1) && worst <= limit;
            String found = same ? "the same bits" : "the largest of " + (2 * LAGS + 1) + " products is " + number(worst)
                    + " deviations";
            if (holds && Math.sqrt(size) < limit + POWER) {
                add(property, Verdict.UNDECIDED, "no relation", found, number(limit) + " deviations",
                        size + " values are too few to be correlated; " + (int) Math.ceil((limit + POWER) * (limit + POWER))
                                + " would do");
            } else {
                judge(property, holds, "no relation", found, number(limit) + " deviations", mistake);
            }
        }

        private void orthogonal() {
            if (shape.rank() < 2 || columns % gates != 0 || size == 0) {
                undecided(Property.ORTHOGONALITY, size == 0 ? "no values"
                        : "a tensor of shape " + shape + " is no row of " + gates + " matrices side by side");
                return;
            }
            double worst = 0;
            for (int s = 0; s < seeds.length; s++) {
                for (int gate = 0; gate < gates; gate++) {
                    worst = Math.max(worst, gramError(s * size, gate));
                }
            }
            // rounding elements to float moves an element of the product by at most 2^-23; algorithms in float do worse
            double limit = 0x1p-20;
            boolean holds = worst <= limit;
            judge(Property.ORTHOGONALITY, holds,
                    (rows >= columns / gates ? "W'W" : "W W'") + " = " + number(gain * gain) + " I" + (gates > 1 ? " in each gate" : ""),
                    "an element off by " + number(worst) + " of that", number(limit),
                    gates > 1 && fused()
                            ? "the gates' matrices are orthogonal only together: each needs a fill of its own"
                            : "not orthogonal, another gain, or rows and columns exchanged");
            if (holds) {
                unrelatedMatrices(Property.LAYERS, Key.of(seeds[0]).child("a"), Key.of(seeds[0]).child("b"),
                        "the key is ignored, or its path is: one seed for all layers");
                unrelatedMatrices(Property.SEEDS, Key.of(seeds[0]), Key.of(seeds[0] + 1), "the seed is ignored");
                haar();
            }
        }

        private double gramError(int from, int gate) {
            int width = columns / gates;
            boolean wide = rows < width;
            int n = Math.min(rows, width);
            int length = Math.max(rows, width);
            double[][] vectors = new double[n][length];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < width; j++) {
                    double value = values[from + i * columns + gate * width + j] / gain;
                    vectors[wide ? i : j][wide ? j : i] = value;
                }
            }
            double worst = 0;
            for (int i = 0; i < n; i++) {
                for (int k = 0; k <= i; k++) {
                    double dot = i == k ? -1 : 0;
                    for (int j = 0; j < length; j++) {
                        dot += vectors[i][j] * vectors[k][j];
                    }
                    worst = Math.max(worst, Math.abs(dot));
                }
            }
            return worst;
        }

        /** Whether the whole row of gates is one matrix with orthogonal rows. */
        private boolean fused() {
            double first = 0;
            for (int j = 0; j < columns; j++) {
                first += (double) values[j] * values[j];
            }
            double worst = 0;
            for (int i = 1; i < rows; i++) {
                double dot = 0;
                for (int j = 0; j < columns; j++) {
                    dot += (double) values[j] * values[i * columns + j];
                }
                worst = Math.max(worst, Math.abs(dot));
            }
            return worst < 1e-5 * first;
        }

        /**
         * The sum of products of two independent Haar matrices' elements is nearly normal, of variance short / long
         * side.
         */
        private void unrelatedMatrices(Property property, Key one, Key other, String mistake) {
            Tensor a = drawn(one);
            Tensor b = drawn(other);
            double dot = 0;
            for (int i = 0; i < size; i++) {
                dot += (double) a.array()[i] * b.array()[i] / (gain * gain);
            }
            int width = columns / gates;
            int longer = Math.max(rows, width);
            int shorter = Math.min(rows, width);
            boolean same = a.bitEquals(b);
            // concentration on the orthogonal group: as of a normal variable with longer - 2 for longer
            double deviation = Math.sqrt((double) gates * shorter / Math.max(1, longer - 2));
            double limit = Bounds.deviations(p);
            boolean tells = (double) gates * shorter > (limit + POWER) * deviation;
            boolean holds = !(same && size > 1) && (!tells || Math.abs(dot) <= limit * deviation);
            String found = same ? "the same bits" : "product " + number(dot / deviation) + " deviations";
            if (holds && !tells) {
                add(property, Verdict.UNDECIDED, "no relation", found, number(limit) + " deviations",
                        "a matrix so small says nothing; 100 columns and rows would do");
            } else {
                judge(property, holds, "no relation", found, number(limit) + " deviations", mistake);
            }
        }

        private void haar() {
            int width = columns / gates;
            if (rows * width > HAAR_SIZE || Math.min(rows, width) < 2) {
                undecided(Property.HAAR_SIGNS, "signs need " + HAAR_DRAWS + " draws of a matrix of at least 2 x 2 and at most "
                        + HAAR_SIZE + " elements");
                return;
            }
            int negative = 0;
            double traces = 0;
            int n = Math.min(rows, width);
            for (int draw = 0; draw < HAAR_DRAWS; draw++) {
                Tensor q = drawn(Key.of(seeds[0]).child("haar").child(draw));
                negative += q.array()[0] < 0 ? 1 : 0;
                for (int i = 0; i < n; i++) {
                    traces += q.array()[i * columns + i] / gain;
                }
            }
            // elements have the variance 1 / longer and are uncorrelated; a trace is bounded by n
            double deviation = Math.sqrt(HAAR_DRAWS * (double) n / Math.max(1, Math.max(rows, width) - 2));
            double z = Bounds.deviations(p);
            boolean holds = !Bounds.unlikelyHalf(negative, HAAR_DRAWS, p) && Math.abs(traces) <= z * deviation;
            judge(Property.HAAR_SIGNS, holds, "first element negative in half of " + HAAR_DRAWS + " draws, mean trace 0",
                    negative + ", " + number(traces / HAAR_DRAWS), "by chance " + number(p),
                    "Q of a QR factorization without the signs of R's diagonal is orthogonal but not uniform: multiply"
                            + " each column by the sign of R's diagonal element");
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
