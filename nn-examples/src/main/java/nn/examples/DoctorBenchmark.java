package nn.examples;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import nn.examples.data.CircleModel;
import nn.examples.data.DigitImages;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.data.Dataset;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.Symptom;
import nn.train.loss.Loss;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;

/** The doctor's findings on networks whose state others have published. */
final class DoctorBenchmark {
    /** The expected duration, on two cores. */
    static final double SECONDS = 30;

    private static final int DRAWS = 5;
    private static final int ROWS = 512;

    /**
     * A published network, or one of a published kind.
     *
     * @param set its part of the table
     * @param causes the category: the symptoms of which one must be found; empty if it is healthy
     * @param draw makes it for a key
     * @param loss to be minimized
     * @param data a batch
     */
    private record Case(String set, Set<Symptom> causes, Function<Key, Network> draw, Loss loss, Dataset data) {}

    /**
     * A line of the table.
     *
     * @param set a name
     * @param sick draws of sick networks
     * @param found those with a failure, a warning of a dead start, or the right category
     * @param first those whose first finding is of the right category
     * @param named those with a finding of the right category, as a cause or a consequence
     * @param healthy draws of healthy networks
     * @param alarms those with a failure
     */
    record Row(String set, int sick, int found, int first, int named, int healthy, int alarms) {}

    /**
     * The table.
     *
     * @param rows its lines
     */
    record Table(List<Row> rows) {
        /** Returns the table in lines of at most 80 columns. */
        String text() {
            StringBuilder text =
                    new StringBuilder("set                sick  found  right first  named  healthy  false alarms\n");
            for (Row row : rows) {
                text.append(String.format(
                        Locale.ROOT,
                        "%-17s %5d  %5d  %11d  %5d  %7d  %12d%n",
                        row.set(),
                        row.sick(),
                        row.found(),
                        row.first(),
                        row.named(),
                        row.healthy(),
                        row.alarms()));
            }
            return text.toString().replace("\r", "");
        }
    }

    private DoctorBenchmark() {}

    static Table measure(Key key) {
        List<Row> rows = new ArrayList<>();
        List<Case> all = new ArrayList<>(circle());
        all.addAll(published());
        for (String set : all.stream().map(Case::set).distinct().toList()) {
            int sick = 0;
            int found = 0;
            int first = 0;
            int named = 0;
            int healthy = 0;
            int alarms = 0;
            for (Case one : all.stream().filter(c -> c.set().equals(set)).toList()) {
                for (int draw = 0; draw < DRAWS; draw++) {
                    Key own = key.child("draw").child(draw);
                    InitReport report = InitReport.of(
                            one.draw().apply(own),
                            one.loss(),
                            one.data().x(),
                            one.data().y(),
                            own);
                    if (one.causes().isEmpty()) {
                        healthy++;
                        alarms += report.passed() ? 0 : 1;
                    } else {
                        boolean isNamed = one.causes().stream()
                                .anyMatch(c -> report.finding(c).isPresent());
                        boolean isFirst = !report.findings().isEmpty()
                                && one.causes()
                                        .contains(report.findings().getFirst().symptom());
                        sick++;
                        found += !report.passed() || isNamed ? 1 : 0;
                        first += isFirst ? 1 : 0;
                        named += isNamed ? 1 : 0;
                    }
                }
            }
            rows.add(new Row(set, sick, found, first, named, healthy, alarms));
        }
        return new Table(rows);
    }

    /**
     * The set of AUTOTRAINER. Its sick networks have weights that do not suit the function of their layers: signal and
     * gradient vanish, explode, overflow or saturate, and ReLU units die.
     */
    private static List<Case> circle() {
        Dataset data = CircleModel.train();
        List<Case> cases = new ArrayList<>();
        for (CircleModel model : CircleModel.all()) {
            Set<Symptom> causes = model.isHealthy()
                    ? Set.of()
                    : category(model.layers().getFirst().activation());
            cases.add(new Case("Circle", causes, model::network, new SigmoidCrossEntropy(), data));
        }
        return cases;
    }

    private static Set<Symptom> category(Nonlinearity f) {
        return f.name().equals("relu")
                ? EnumSet.of(Symptom.WEIGHTS, Symptom.DEAD_UNITS, Symptom.BORN_DEAD, Symptom.NO_GRADIENT)
                : EnumSet.of(Symptom.WEIGHTS, Symptom.GRADIENT, Symptom.SIGNAL, Symptom.NOT_FINITE, Symptom.SATURATION);
    }

    /** Kinds of networks that papers call untrainable, or trainable in spite of their depth, on the digits. */
    private static List<Case> published() {
        Dataset all = DigitImages.load();
        Dataset data = new Dataset(all.x().rows(0, ROWS), all.y().rows(0, ROWS));
        Nonlinearity relu = Nonlinearity.RELU;
        Nonlinearity tanh = Nonlinearity.TANH;
        Nonlinearity sigmoid = Nonlinearity.SIGMOID;
        Set<Symptom> weights = EnumSet.of(Symptom.WEIGHTS); // of the wrong size: signal and gradient follow from it
        Set<Symptom> equal = EnumSet.of(Symptom.SYMMETRY, Symptom.NO_GRADIENT);
        Set<Symptom> healthy = Set.of();
        List<Case> cases = new ArrayList<>();
        // He and others 2015: thirty layers do not learn from Xavier's weights
        cases.add(mlp(data, weights, 30, Init.xavierNormal(), relu));
        cases.add(mlp(data, healthy, 30, Init.heNormal(), relu));
        // Glorot and Bengio 2010: sigmoids and the weights that were standard then, uniform within 1 / sqrt(inputs)
        cases.add(mlp(data, weights, 5, Init.torchDefault(), sigmoid));
        // He and others 2015, of the N(0, 0.01^2) of Krizhevsky and others 2012: more than 8 layers hardly converge
        cases.add(mlp(data, weights, 10, Init.normal(0.01), relu));
        // zeros, ones, one constant: after the operator of DeepCrime that changes the initialization (Humbatova and
        // others 2021)
        cases.add(mlp(data, equal, 3, Init.zeros(), relu));
        cases.add(mlp(data, equal, 3, Init.ones(), relu));
        cases.add(mlp(data, equal, 3, Init.constant(0.1), tanh));
        // after Pennington and others 2017: orthogonal weights; after Poole and others 2016: chaos at a gain of 3
        cases.add(mlp(data, healthy, 100, Init.orthogonal(), tanh));
        cases.add(mlp(data, weights, 40, Init.parse("scaled(xavier normal, 3)"), tanh));
        // Klambauer and others 2017: SELU with weights of variance 1 / inputs
        cases.add(mlp(data, healthy, 30, Init.lecunNormal(), Nonlinearity.SELU));
        // the defaults of frameworks in networks of usual depth
        cases.add(mlp(data, healthy, 2, Init.torchDefault(), relu));
        cases.add(mlp(data, healthy, 2, Init.kerasDense(), relu));
        cases.add(mlp(data, healthy, 5, Init.xavierUniform(), tanh));
        return List.copyOf(cases);
    }

    private static Case mlp(Dataset data, Set<Symptom> causes, int layers, Initializer weights, Nonlinearity f) {
        return new Case(
                "Kinds from papers",
                causes,
                key -> {
                    Network.Builder builder = Network.builder(key).input(DigitImages.SIDE * DigitImages.SIDE);
                    for (int l = 1; l <= layers; l++) {
                        builder.dense("hidden" + l, 64, weights, Init.zeros()).activation(f);
                    }
                    return builder.dense("out", DigitImages.CLASSES).build();
                },
                new SoftmaxCrossEntropy(),
                data);
    }
}
