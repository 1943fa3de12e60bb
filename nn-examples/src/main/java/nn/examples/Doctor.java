package nn.examples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.examples.chart.Axis;
import nn.examples.chart.Chart;
import nn.examples.chart.Drawing;
import nn.examples.chart.Histograms;
import nn.examples.data.CircleModel;
import nn.examples.data.DigitImages;
import nn.examples.experiment.CriticalLine;
import nn.examples.report.DoctorReport;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.Check;
import nn.train.diagnose.Examination;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.LayerReading;
import nn.train.diagnose.TrainingWatch;
import nn.train.diagnose.WatchReport;
import nn.train.loss.Loss;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;

/** Says what is wrong with a network before it is trained, and what helps. */
final class Doctor extends Example {
    private static final int ROWS = 512;
    private static final int DRAWS = 20; // of the weights, for the drawings
    private static final int HISTOGRAMS = 8; // layers at most
    private static final int BATCH = 32;
    private static final double RATE = 1e-3;

    private static final int MOST_EPOCHS = 10_000;

    /** The options that describe a network and its data. */
    private static final List<String> DESCRIPTION = List.of("--net", "--act", "--init", "--biases", "--data");

    Doctor() {
        super(
                "doctor",
                "what is wrong with a network before training",
                new Option("--net", "SIZES", "64-64x20-10", "inputs, layers and outputs: 64-32-64x20-10"),
                new Option("--act", "NAME", "relu", "of the hidden layers, such as tanh, gelu, selu"),
                new Option("--init", "SCHEME", "xavier_normal", "such as he_normal, constant(0.1), normal(1)"),
                new Option("--biases", "SCHEME", "zeros", "of the hidden layers"),
                new Option("--data", "NAME", "digits", "digits (64 inputs, 10 outputs) or circle (2 and 1)"),
                new Option("--weights", "FILE", "", "take the weights from a checkpoint of such a network"),
                new Option("--case", "ID", "", "a network of the set Circle, such as model_0ae2cd88"),
                new Option("--report", "FILE", "", "write a report with drawings, in HTML"),
                new Option("--json", "FILE", "", "write the findings and the layers, in JSON"),
                new Option("--watch", "EPOCHS", "0", "then train by Adam, watch, and report on that, too"),
                new Option("--benchmark", "", "", "judge the doctor by published networks"),
                Option.SEED);
    }

    /**
     * A network and its data.
     *
     * @param name says which
     * @param draw makes the network for a key
     * @param loss to be minimized
     * @param data a batch
     */
    record Patient(String name, Function<Key, Network> draw, Loss loss, Dataset data) {}

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        arguments.requireNotWith(
                "--benchmark",
                Stream.concat(DESCRIPTION.stream(), Stream.of("--weights", "--case", "--report", "--json", "--watch"))
                        .toArray(String[]::new));
        arguments.requireNotWith("--case", DESCRIPTION.toArray(String[]::new));
        arguments.requireNotWith("--weights", "--init", "--biases");
        if (arguments.has("--benchmark")) {
            terminal.announce(DoctorBenchmark.SECONDS);
            terminal.print(DoctorBenchmark.measure(key).text());
            return 0;
        }
        int epochs = arguments.number("--watch", 0, MOST_EPOCHS);
        Optional<Destination> page = file(arguments, "--report");
        Optional<Destination> json = file(arguments, "--json");
        if (page.isPresent() && json.isPresent() && page.get().isSameAs(json.get())) {
            throw new UsageException("options --json and --report name the same file, '"
                    + page.get().path() + "', so one would replace the other; name two files");
        }
        Patient patient = arguments.has("--case") ? circle(arguments.text("--case")) : described(arguments);
        Network network = patient.draw().apply(key.child("network"));
        if (arguments.has("--weights")) {
            Checkpoint.loadWeights(arguments.path("--weights"), network);
        }
        Tensor x = patient.data().x();
        InitReport report =
                InitReport.of(network, patient.loss(), x, patient.data().y(), key);
        terminal.line(patient.name());
        terminal.line("");
        terminal.print(report.toString());
        Optional<SignalPropagation> theory = theory(network, report.input()); // of the weights before training
        Optional<Drawing> phases = page.isPresent() ? phases(network) : Optional.empty();
        List<Drawing> histograms = page.isPresent() ? histograms(patient, network, key) : List.of();
        Optional<WatchReport> watched = watch(epochs, patient, network, key);
        watched.ifPresent(seen -> {
            terminal.line("");
            terminal.print(seen.toString());
        });
        if (page.isPresent() || json.isPresent()) {
            List<Drawing> drawings = new ArrayList<>();
            if (page.isPresent()) {
                int draws = arguments.has("--weights") ? 0 : DRAWS;
                drawings.addAll(signals(patient, theory, report, draws, key));
                phases.ifPresent(drawings::add);
                drawings.addAll(histograms);
            }
            DoctorReport written = new DoctorReport(patient.name(), report, drawings, watched);
            if (page.isPresent()) {
                page.get().write(written.html());
            }
            if (json.isPresent()) {
                json.get().write(written.json());
            }
        }
        return 0;
    }

    /** Trains the network, if that is asked for, and reports what was seen. */
    private static Optional<WatchReport> watch(int epochs, Patient patient, Network network, Key key) {
        if (epochs == 0) {
            return Optional.empty();
        }
        TrainingWatch watch = TrainingWatch.of(network, patient.loss(), patient.data());
        Trainer trainer = new Trainer(network, patient.loss(), Adam.of(RATE), key.child("training"));
        try {
            trainer.fit(Batches.shuffled(patient.data(), BATCH, key.child("batches")), epochs, watch);
        } catch (NonFiniteException e) {
            // The report has the steps until then.
        }
        return Optional.of(watch.report());
    }

    private static Optional<Destination> file(Arguments arguments, String option) throws IOException {
        if (!arguments.has(option)) {
            return Optional.empty();
        }
        Destination destination = Destination.of(option, arguments);
        destination.requireFile("doctor");
        return Optional.of(destination);
    }

    // ------------------------------------------------------------------------------------------------ the patient

    private static Patient circle(String id) {
        CircleModel model = CircleModel.all().stream()
                .filter(m -> m.name().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("option --case: no network is called '" + id + "'; there are "
                        + CircleModel.all().stream().map(CircleModel::name).collect(Collectors.joining(", "))));
        String name = String.format(
                Locale.ROOT,
                "Circle/%s: %d layers, published as %s; %d points.",
                id,
                model.layers().size(),
                model.isHealthy() ? "healthy" : "sick",
                CircleModel.train().size());
        return new Patient(name, model::network, new SigmoidCrossEntropy(), CircleModel.train());
    }

    private static Patient described(Arguments arguments) {
        DescribedNetwork net = DescribedNetwork.of(arguments);
        Initializer weights = scheme(arguments, "--init");
        Initializer biases = scheme(arguments, "--biases");
        String data = arguments.text("--data");
        boolean isCircle = data.equals("circle");
        if (!isCircle && !data.equals("digits")) {
            throw new UsageException("option --data is '" + data + "'; it must be digits or circle");
        }
        int inputs = isCircle ? 2 : DigitImages.SIDE * DigitImages.SIDE;
        int outputs = isCircle ? 1 : DigitImages.CLASSES;
        if (net.sizes().getFirst() != inputs || net.sizes().getLast() != outputs) {
            throw new UsageException("option --net is '" + net.text() + "': the " + data + " have " + inputs
                    + " features and need " + outputs + " outputs; write " + inputs + "-...-" + outputs);
        }
        Dataset all = isCircle ? CircleModel.train() : DigitImages.load();
        Dataset batch = new Dataset(all.x().rows(0, ROWS), all.y().rows(0, ROWS));
        String name = net.text() + " with " + net.nonlinearity().name() + ", weights " + weights + ", biases " + biases
                + ", and " + ROWS + " " + (isCircle ? "points" : "digits") + ".";
        return new Patient(
                name,
                key -> net.draw(key, weights, biases),
                isCircle ? new SigmoidCrossEntropy() : new SoftmaxCrossEntropy(),
                batch);
    }

    private static Initializer scheme(Arguments arguments, String option) {
        try {
            return Init.parse(arguments.text(option));
        } catch (IllegalArgumentException e) {
            throw new UsageException("option " + option + ": " + e.getMessage());
        }
    }

    // ------------------------------------------------------------------------------------------------ drawings

    /** Signal and gradient by layer: theory for wide layers, this network, and the spread over draws. */
    private static List<Drawing> signals(
            Patient patient, Optional<SignalPropagation> theory, InitReport report, int draws, Key key) {
        int layers = report.layers().size();
        double[] places = Chart.upTo(layers);
        double[][] signal = new double[layers][draws];
        double[][] gradient = new double[layers][draws];
        for (int draw = 0; draw < draws; draw++) {
            InitReport other = nn.train.diagnose.Doctor.of()
                    .examine(
                            patient.draw().apply(key.child("draw").child(draw)),
                            patient.loss(),
                            patient.data().x(),
                            patient.data().y(),
                            key);
            for (int l = 0; l < layers; l++) {
                signal[l][draw] = other.layers().get(l).preActivation();
                gradient[l][draw] = other.layers().get(l).gradient();
            }
        }
        String spread = draws == 0 ? "" : " The band holds 5 to 95 % of " + draws + " draws of the weights.";
        Chart forward = Chart.of(
                "Mean square of the pre-activations, E z^2",
                "Line: " + (draws == 0 ? "these weights." : "mean over draws; dots: this network.") + spread
                        + " Dashed: theory for wide layers.",
                Axis.linear("layer"),
                Axis.log("E z^2"));
        Chart backward = Chart.of(
                "Squared length of the gradient at z, over that at the output",
                "The gradient on its way back from the output: 1 means that all of it arrives at that layer." + spread,
                Axis.linear("layer"),
                Axis.log("gradient"));
        String line = draws == 0 ? "this network" : "measured";
        double[] here = report.layers().stream()
                .mapToDouble(LayerReading::preActivation)
                .toArray();
        double[] back =
                report.layers().stream().mapToDouble(LayerReading::gradient).toArray();
        if (draws > 0) {
            forward = forward.sampled(line, places, signal).points("this network", places, here);
            backward = backward.sampled(line, places, gradient).points("this network", places, back);
        } else {
            forward = forward.line(line, places, here);
            backward = backward.line(line, places, back);
        }
        if (theory.isPresent()) {
            List<SignalPropagation.LayerMoments> moments = theory.get().layers();
            double[] q = new double[layers];
            double[] g = new double[layers];
            for (int l = 0; l < layers; l++) {
                q[l] = moments.get(l).preActivation();
                g[l] = moments.get(l).preActivationGradient()
                        * report.layers().get(l).units()
                        / report.layers().getLast().units();
            }
            forward = forward.prediction("theory", line, places, q);
            backward = backward.prediction("theory", line, places, g);
        }
        List<Drawing> drawings = new ArrayList<>();
        if (Arrays.stream(here).anyMatch(Double::isFinite)) {
            drawings.add(forward);
        }
        if (Arrays.stream(back).anyMatch(Double::isFinite)) {
            drawings.add(backward);
        }
        return drawings;
    }

    /** The pre-activations of some layers, in units of their own root mean square. */
    private static List<Drawing> histograms(Patient patient, Network network, Key key) {
        List<Histograms> drawn = new ArrayList<>();
        Check draw = examination -> {
            Histograms all = Histograms.of(
                    "Pre-activations by layer",
                    "Shares of the pre-activations z of all rows and units, each layer in units of its own root mean"
                            + " square. Normal weights give a bell.",
                    "z / root mean square of z",
                    -4,
                    4,
                    40);
            List<Examination.Place> places = examination.weighted();
            int shown = Math.min(HISTOGRAMS, places.size());
            for (int i = 0; i < shown; i++) {
                Examination.Place place = places.get(shown == 1 ? 0 : i * (places.size() - 1) / (shown - 1));
                double size = Math.sqrt(place.reading().preActivation());
                if (size > 0 && Double.isFinite(size)) {
                    Tensor z = place.preActivation().map(v -> (float) (v / size));
                    all = all.with(place.reading().path(), z.toArray());
                }
            }
            drawn.add(all);
            return List.of();
        };
        nn.train.diagnose.Doctor.of(draw)
                .examine(
                        network,
                        patient.loss(),
                        patient.data().x(),
                        patient.data().y(),
                        key);
        return drawn.stream()
                .limit(1)
                .filter(d -> !d.groups().isEmpty())
                .map(Drawing.class::cast)
                .toList();
    }

    /** What theory expects of such weights; empty if it says nothing, as of a nonlinearity that overflows. */
    private static Optional<SignalPropagation> theory(Network network, double input) {
        try {
            List<SignalPropagation.DenseLayer> stack = new ArrayList<>();
            List<Layer> layers = List.copyOf(network.children().values());
            for (int i = 0; i < layers.size(); i++) {
                Optional<LinearMap> map = layers.get(i).linearMap();
                if (map.isPresent()) {
                    Nonlinearity f = i + 1 < layers.size()
                            ? layers.get(i + 1).activation().orElse(Nonlinearity.LINEAR)
                            : Nonlinearity.LINEAR;
                    stack.add(new SignalPropagation.DenseLayer(
                            map.get().weight().fans(),
                            map.get().weight().value().secondMoment(),
                            biasVariance(map.get()),
                            f));
                }
            }
            return Optional.of(SignalPropagation.of(stack, input, 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static double biasVariance(LinearMap map) {
        return map.bias().map(b -> b.value().secondMoment()).orElse(0.0);
    }

    /** The edge of chaos of the first nonlinearity, and the place of the hidden layers; empty if it has no edge. */
    private static Optional<Drawing> phases(Network network) {
        List<Layer> layers = List.copyOf(network.children().values());
        List<Double> weights = new ArrayList<>();
        List<Double> biases = new ArrayList<>();
        Optional<Nonlinearity> first = Optional.empty();
        for (int i = 0; i + 1 < layers.size(); i++) {
            Optional<LinearMap> map = layers.get(i).linearMap();
            Optional<Nonlinearity> f = layers.get(i + 1).activation();
            if (map.isPresent() && f.isPresent()) {
                first = first.or(() -> f);
                weights.add(map.get().inputs() * map.get().weight().value().secondMoment());
                biases.add(biasVariance(map.get()));
            }
        }
        if (first.isEmpty()) {
            return Optional.empty();
        }
        Nonlinearity f = first.get();
        double w = weights.stream().mapToDouble(v -> v).average().orElseThrow();
        double b = biases.stream().mapToDouble(v -> v).average().orElseThrow();
        double top = Math.max(0.5, 1.2 * b);
        List<double[]> edge = new ArrayList<>();
        for (int i = 0; i <= 40; i++) {
            double variance = top * i / 40;
            CriticalLine.weightVariance(f, variance).ifPresent(critical -> edge.add(new double[] {critical, variance}));
        }
        if (edge.size() < 10) {
            return Optional.empty();
        }
        double[] x = edge.stream().mapToDouble(p -> p[0]).toArray();
        double[] y = edge.stream().mapToDouble(p -> p[1]).toArray();
        double middle = x[x.length / 2];
        double right = Math.max(w, 2 * middle);
        Chart phases = Chart.of(
                        "Phases of wide networks of " + f.name(),
                        "Left of the line rows become alike and gradients fade with depth; right of it rows grow apart"
                                + " and gradients explode. This network has sigma_w^2 = "
                                + String.format(Locale.ROOT, "%.3g and sigma_b^2 = %.3g.", w, b),
                        Axis.linear("sigma_w^2"),
                        Axis.linear("sigma_b^2"))
                .prediction("edge of chaos", x, y)
                .label("chaotic", (middle + right) / 2, 0.7 * top)
                .mark("this network", w, b);
        boolean isWide = middle > right / 4; // else the words do not fit
        return Optional.of(isWide ? phases.label("ordered", middle / 2, 0.7 * top) : phases);
    }
}
