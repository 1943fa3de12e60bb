package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks at the scale and the centre of the data, for initializers assume inputs of mean 0 and mean square 1. */
final class InputCheck implements Check {
    /** Mean squares within these limits train as well as 1. */
    private static final double SMALL = 1e-2;

    private static final double LARGE = 10;

    /** Beyond this, and below {@link #SMALL}, inputs are reported even if nothing follows from it. */
    private static final double HUGE = 100;

    /** Largest mean square of a feature, over the median one. */
    private static final double UNEVEN = 100;

    /** Share of the mean square that all rows have in common. */
    private static final double OFFSET = 0.8;

    private static final Remedy STANDARDIZE =
            new Remedy("standardize all data by Standardizer.fit(train.x()), of nn.train.data.", Treatment.ofInputs());

    @Override
    public List<InitFinding> findings(Examination examination) {
        Tensor x = examination.x();
        if (examination.readsIndices()) {
            return table(examination);
        }
        if (RowStatistics.count(x) > 1 && RowStatistics.areEqual(x)) {
            return List.of(InitFinding.of(
                    Severity.FAILURE,
                    Symptom.INPUT_OFFSET,
                    "",
                    1,
                    1,
                    "All " + RowStatistics.count(x) + " rows of the data are equal, so nothing tells them apart.",
                    Remedy.advice("look at how the data are read.")));
        }
        List<InitFinding> findings = new ArrayList<>();
        Tensor judged = normalized(examination).orElse(x);
        offset(judged, findings);
        if (findings.isEmpty()) { // else the scale is that of what all rows have in common
            scale(judged, findings);
        }
        return findings;
    }

    /** What the first layer makes of the data, if it normalizes them: then their own scale does not matter. */
    private static Optional<Tensor> normalized(Examination examination) {
        return examination.places().stream()
                .limit(1)
                .filter(place -> place.isNormalization() && place.input() == examination.x())
                .map(Place::preActivation)
                .findFirst();
    }

    /** The rows that a table holds are drawn, so their size does harm only to what follows. */
    private static List<InitFinding> table(Examination examination) {
        double square = examination.signal().secondMoment();
        Place table = examination.places().getFirst();
        Optional<Parameter> rows = table.layer().parameters().stream()
                .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
                .findFirst();
        if (square == 0 || square >= SMALL && square <= LARGE || rows.isEmpty()) {
            return List.of();
        }
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        initializers.put(Examination.path(table, rows.get()), Init.normal(1));
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.INPUT_SCALE,
                table.reading().path(),
                square,
                square < SMALL ? SMALL : LARGE,
                "The rows that are looked up in " + table.name() + " have the mean square " + Sentences.number(square)
                        + ", but the layers after it assume a value near 1.",
                new Remedy("draw the table by Init.normal(1).", Treatment.of(initializers))));
    }

    private static void scale(Tensor x, List<InitFinding> findings) {
        double square = meanSquare(x);
        boolean isFar = !(square >= SMALL && square <= HUGE);
        Optional<InitFinding> uneven = isFar ? Optional.empty() : uneven(x);
        if (uneven.isPresent()) {
            findings.add(uneven.get());
        } else if (isFar || square > LARGE) {
            findings.add(InitFinding.of(
                    isFar ? Severity.WARNING : Severity.SUSPICION,
                    Symptom.INPUT_SCALE,
                    "",
                    square,
                    square < SMALL ? SMALL : LARGE,
                    "The inputs' mean square is " + Sentences.number(square)
                            + ", but initializers assume a value near 1.",
                    STANDARDIZE));
        }
    }

    /** One feature that is much larger than the others. */
    private static Optional<InitFinding> uneven(Tensor x) {
        double[] squares = squares(x);
        double[] sorted = Arrays.stream(squares).filter(s -> s > 0).sorted().toArray();
        if (sorted.length < 2) {
            return Optional.empty();
        }
        double median = sorted[(sorted.length - 1) / 2];
        double largest = sorted[sorted.length - 1];
        if (!(largest > UNEVEN * median)) {
            return Optional.empty();
        }
        int feature = 0;
        while (squares[feature] != largest) {
            feature++;
        }
        return Optional.of(InitFinding.of(
                Severity.WARNING,
                Symptom.INPUT_SCALE,
                "",
                largest / median,
                UNEVEN,
                "The mean square of feature " + feature + " is " + Sentences.number(largest) + ", "
                        + Sentences.number(largest / median) + " times the median of all features, so it drowns"
                        + " the others.",
                STANDARDIZE));
    }

    /** The mean square of the elements that are not 0, if most are 0: one 1 in a long row is no small row. */
    private static double meanSquare(Tensor x) {
        int zeros = 0;
        for (int i = 0; i < x.size(); i++) {
            zeros += x.array()[x.offset() + i] == 0 ? 1 : 0;
        }
        double square = x.secondMoment();
        return 2L * zeros > x.size() && zeros < x.size() ? square * x.size() / (x.size() - zeros) : square;
    }

    /** The mean square of each feature of [... x features]. */
    private static double[] squares(Tensor x) {
        int units = RowStatistics.units(x);
        double[] squares = new double[units];
        for (int i = 0; i < x.size(); i++) {
            double value = x.array()[x.offset() + i];
            squares[i % units] += value * value * units / x.size();
        }
        return squares;
    }

    private static void offset(Tensor x, List<InitFinding> findings) {
        double common = RowStatistics.correlation(x);
        if (common > OFFSET) {
            findings.add(InitFinding.of(
                    x.secondMoment() > HUGE ? Severity.WARNING : Severity.SUSPICION,
                    Symptom.INPUT_OFFSET,
                    "",
                    common,
                    OFFSET,
                    "The data are not centred: what all rows have in common makes up " + Sentences.percent(common)
                            + " of the inputs' mean square, which is " + Sentences.number(x.secondMoment()) + ".",
                    STANDARDIZE));
        }
    }
}
