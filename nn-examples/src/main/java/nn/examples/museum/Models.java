package nn.examples.museum;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import nn.examples.museum.Exhibit.Finder;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.preset.Preset;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.diagnose.InitFinding;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.Symptom;
import nn.train.loss.SoftmaxCrossEntropy;

/** Mistakes that show in a model, drawn for a seed: {@link Preset#differences} or an {@link InitReport} names them. */
final class Models {
    private static final int FEATURES = 64;
    private static final int CLASSES = 10;
    private static final int ROWS = 320;

    private final Key key;

    private Models(long seed) {
        key = Key.of(seed);
    }

    static List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>(presets());
        all.addAll(reports());
        return all;
    }

    // ------------------------------------------------------------------------------------------------ presets

    private static Exhibit ofGpt2(
            String name, List<String> sources, String story, Initializer first, Initializer second) {
        int branches = 8;
        Initializer base = Init.normal(0.02);
        return new Exhibit(
                name,
                sources,
                story,
                Finder.PRESET,
                seed -> Preset.gpt2(branches).differences(new Models(seed).residuals(branches, first, second)),
                seed -> Preset.gpt2(branches)
                        .differences(new Models(seed).residuals(branches, base, Init.residual(base, branches))));
    }

    private Network residuals(int branches, Initializer first, Initializer second) {
        Network.Builder builder = Network.builder(key).input(FEATURES).dense("in", FEATURES, Init.normal(0.02));
        for (int l = 1; l <= branches; l++) {
            builder.layer(
                    "block" + l,
                    Residual.of(b -> b.dense("fc", FEATURES, first).gelu().dense("proj", FEATURES, second)));
        }
        return builder.dense("out", CLASSES, Init.normal(0.02)).build();
    }

    private static List<Exhibit> presets() {
        Initializer base = Init.normal(0.02);
        return List.of(
                ofGpt2(
                        "A scaling that is written and never applied",
                        List.of("huggingface/transformers#47458", "huggingface/transformers#47459"),
                        "The last weights of GPT-2's residual branches were to be divided by the root of their number."
                                + " The code asked for parameters of the name 'c_proj.weight' where names are longer,"
                                + " so it never ran.",
                        base,
                        base),
                ofGpt2(
                        "The scaling of residual branches on the wrong matrix",
                        List.of("karpathy/llama2.c#579"),
                        "The list of last weights named w3, which begins a branch, in place of w2, which ends it.",
                        Init.residual(base, 8),
                        base));
    }

    // ------------------------------------------------------------------------------------------------ reports

    /** A model with its data. */
    private record Patient(Layer model, Tensor x, Tensor y) {
        InitReport report(Key key) {
            return InitReport.of(model, new SoftmaxCrossEntropy(), x, y, key.child("report"));
        }
    }

    private static Exhibit exhibit(
            String name,
            List<String> sources,
            String story,
            Symptom symptom,
            Function<Models, Patient> broken,
            Function<Models, Patient> repaired) {
        return new Exhibit(
                name,
                sources,
                story,
                Finder.REPORT,
                seed -> {
                    List<InitFinding> findings = findings(broken, seed);
                    return !findings.isEmpty() && findings.getFirst().symptom() == symptom
                            ? findings.stream().map(InitFinding::toString).toList()
                            : List.of();
                },
                seed -> findings(repaired, seed).stream()
                        .map(InitFinding::toString)
                        .toList());
    }

    private static List<InitFinding> findings(Function<Models, Patient> patient, long seed) {
        Models models = new Models(seed);
        return patient.apply(models).report(models.key).findings();
    }

    private Tensor normal(String name, double stddev, int... dims) {
        Tensor t = Tensor.zeros(dims);
        key.child(name).normal(t, 0f, (float) stddev);
        return t;
    }

    /** Ten clusters with mean square 1. */
    private Patient classifier(Network.Builder builder) {
        return classifier(builder, Init.lecunNormal());
    }

    private Patient classifier(Network.Builder builder, Initializer head) {
        Tensor centres = normal("centres", 0.8, CLASSES, FEATURES);
        Tensor x = normal("noise", 0.6, ROWS, FEATURES);
        for (int i = 0; i < ROWS; i++) {
            x.row(i).addInPlace(centres.row(i % CLASSES));
        }
        return new Patient(builder.dense("out", CLASSES, head).build(), x, labels(ROWS));
    }

    private static Tensor labels(int rows) {
        Tensor y = Tensor.zeros(rows);
        for (int i = 0; i < rows; i++) {
            y.set(i % CLASSES, i);
        }
        return y;
    }

    private Network.Builder input() {
        return Network.builder(key.child("network")).input(FEATURES);
    }

    private Patient deep(int layers, Initializer weights) {
        Network.Builder builder = input();
        for (int l = 1; l <= layers; l++) {
            builder.dense("hidden" + l, FEATURES, weights).relu();
        }
        return classifier(builder);
    }

    private Patient constant(double c) {
        Initializer weights = Init.constant(c);
        return classifier(
                input().dense("hidden1", FEATURES, weights)
                        .relu()
                        .dense("hidden2", FEATURES, weights)
                        .relu(),
                weights);
    }

    private Patient head(double stddev) {
        return classifier(input().dense("hidden", 512).relu().layerNorm("norm"), Init.normal(stddev));
    }

    private Patient normalized(boolean exchanged) {
        Network.Builder builder = input().dense("hidden1", FEATURES)
                .tanh()
                .layerNorm("norm")
                .dense("hidden2", FEATURES)
                .tanh();
        Patient patient = classifier(builder);
        if (exchanged) {
            patient.model().parameter("norm.scale").value().fill(0f);
            patient.model().parameter("norm.bias").value().fill(1f);
        }
        return patient;
    }

    private Patient fusion(Initializer first) {
        return classifier(input().dense("hidden", FEATURES)
                .relu()
                .layer(
                        "fuse",
                        Residual.of(b -> b.dense("fc1", FEATURES, first).relu().dense("fc2", FEATURES, Init.zeros()))));
    }

    private Patient memory(Initializer forget) {
        int steps = 100;
        int rows = 64;
        Tensor x = normal("sequences", 1, steps, rows, 8);
        for (int b = 0; b < rows; b++) {
            for (int t = 0; t < 5; t++) {
                x.set(x.get(t, b, b % 8) + 3, t, b, b % 8);
            }
        }
        Network network = Network.builder(key.child("network"))
                .sequence(8)
                .layer("lstm", Lstm.units(32).bias("forget", forget).last())
                .dense("out", CLASSES)
                .build();
        return new Patient(network, x, labels(rows).map(v -> v % 8));
    }

    private static List<Exhibit> reports() {
        return List.of(
                exhibit(
                        "The square root of 5",
                        List.of("pytorch/pytorch#15314"),
                        "kaiming_uniform_ with a = sqrt(5), the default of PyTorch's linear layers, has a sixth of the"
                                + " variance that ReLU needs. Twelve layers of it, without biases.",
                        Symptom.WEIGHTS,
                        models -> models.deep(12, Init.torchDefault()),
                        models -> models.deep(12, Init.heNormal())),
                exhibit(
                        "Two layers of zeros in a row",
                        List.of("yz93/LAVT-RIS#25"),
                        "A last weight of zeros begins to learn at once. Two weights of zeros in a row keep each"
                                + " other's gradient at zero for ever.",
                        Symptom.SYMMETRY,
                        models -> models.fusion(Init.zeros()),
                        models -> models.fusion(Init.heNormal())),
                exhibit(
                        "One constant for all weights",
                        List.of("HomericIntelligence/Mnemosyne#1987"),
                        "Weights filled with one number, in tests whether a network learns: no gradient passed the"
                                + " output layer, and the loss stayed at ln(classes).",
                        Symptom.SYMMETRY,
                        models -> models.constant(0.01),
                        models -> models.deep(2, Init.heNormal())),
                exhibit(
                        "Scale and bias of a normalization exchanged",
                        List.of("google/objax#94"),
                        "The scale began with zeros and the bias with ones, so the layer's output was 1 whatever its"
                                + " input.",
                        Symptom.NO_GRADIENT,
                        models -> models.normalized(true),
                        models -> models.normalized(false)),
                exhibit(
                        "An output of variance 1 for each weight",
                        List.of("huggingface/transformers#26441", "Modalities/modalities#456"),
                        "Scores are sums of as many products as there are units. With weights of N(0, 1), as tables of"
                                + " embeddings have, the first loss was about 110 in place of 11.",
                        Symptom.LOSS,
                        models -> models.head(1),
                        models -> models.head(1 / Math.sqrt(512))),
                exhibit(
                        "A forget gate without its bias",
                        List.of("pytorch/pytorch#20102"),
                        "With a bias of 0 an LSTM keeps half of its state at every step, so after 100 steps nothing is"
                                + " left.",
                        Symptom.MEMORY,
                        models -> models.memory(Init.zeros()),
                        models -> models.memory(Init.ones())));
    }
}
