package nn.examples.museum;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import nn.examples.museum.Exhibit.Finder;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.TruncatedNormal;
import nn.init.VarianceScaling;
import nn.init.testing.CheckFinding;
import nn.init.testing.CheckFinding.Verdict;
import nn.init.testing.Conformance;
import nn.init.testing.ExpectedDistribution;
import nn.init.testing.Property;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;

/** Mistakes of single initializers, which a {@link Conformance} names. */
final class Schemes {
    private static final Function<Fans, ExpectedDistribution> HE =
            fans -> ExpectedDistribution.normal(0, Math.sqrt(2 / fans.in()));
    private static final Function<Fans, ExpectedDistribution> HE_OUT =
            fans -> ExpectedDistribution.normal(0, Math.sqrt(2 / fans.out()));
    private static final Function<Fans, ExpectedDistribution> XAVIER = fans -> uniform(xavierBound(fans));
    private static final Function<Fans, ExpectedDistribution> XAVIER_NORMAL =
            fans -> ExpectedDistribution.normal(0, Math.sqrt(2 / (fans.in() + fans.out())));
    private static final Function<Fans, ExpectedDistribution> TABLE = fans -> ExpectedDistribution.normal(0, 0.1);

    /** A standard deviation of 0.02 before a cut at two of them. */
    private static final double CUT = 0.02 * 0.87962566103423978;

    private Schemes() {}

    private static ExpectedDistribution uniform(double bound) {
        return ExpectedDistribution.uniform(-bound, bound);
    }

    private static double xavierBound(Fans fans) {
        return Math.sqrt(6 / (fans.in() + fans.out()));
    }

    /** A mistake, its repair, and the promise that both are measured by. */
    private record Trial(
            Shape shape,
            Fans fans,
            UnaryOperator<Conformance> promise,
            Property property,
            Initializer broken,
            Initializer repaired) {
        /** What is said, beginning with the property that is expected to fail; empty if that holds. */
        List<String> ofBroken(long seed) {
            List<CheckFinding> failures = failures(broken, seed);
            List<String> said = new ArrayList<>();
            failures.stream()
                    .filter(f -> f.property() == property)
                    .map(CheckFinding::toString)
                    .forEach(said::add);
            if (!said.isEmpty()) {
                failures.stream()
                        .filter(f -> f.property() != property)
                        .map(CheckFinding::toString)
                        .forEach(said::add);
            }
            return said;
        }

        List<String> ofRepaired(long seed) {
            return failures(repaired, seed).stream().map(CheckFinding::toString).toList();
        }

        private List<CheckFinding> failures(Initializer initializer, long seed) {
            return promise.apply(Conformance.of(initializer))
                    .check(shape, fans, seed, seed + 1)
                    .findings(Verdict.FAILS);
        }
    }

    private static Exhibit exhibit(String name, List<String> sources, String story, Trial trial) {
        return new Exhibit(name, sources, story, Finder.CONFORMANCE, trial::ofBroken, trial::ofRepaired);
    }

    private static UnaryOperator<Conformance> promise(Function<Fans, ExpectedDistribution> distribution) {
        return conformance -> conformance.expecting(distribution);
    }

    private static UnaryOperator<Conformance> promise(ExpectedDistribution distribution) {
        return conformance -> conformance.expecting(distribution);
    }

    /** The scheme with the fans that a kernel [taps ... x inputs x units] has by its shape. */
    private static Initializer byShape(Initializer scheme) {
        return (out, fans, key) -> {
            int rows = out.size() / out.dim(-1);
            scheme.fill(out, new Fans(rows, (double) rows / out.dim(-2) * out.dim(-1)), key);
        };
    }

    private static Initializer swapped(Initializer scheme) {
        return (out, fans, key) -> scheme.fill(out, new Fans(fans.out(), fans.in()), key);
    }

    private static Initializer normal(Function<Fans, Double> stddev) {
        return (out, fans, key) -> key.normal(out, 0, stddev.apply(fans).floatValue());
    }

    private static Initializer uniformOf(Function<Fans, Double> bound) {
        return (out, fans, key) -> {
            float b = bound.apply(fans).floatValue();
            key.uniform(out, -b, b);
        };
    }

    /** One seed, whatever the key is. */
    private static Initializer ofOneSeed(Initializer scheme) {
        return (out, fans, key) -> scheme.fill(out, fans, Key.of(13));
    }

    static List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>();
        all.addAll(fans());
        all.addAll(formulas());
        all.addAll(randomness());
        all.addAll(tables());
        all.addAll(orthogonal());
        return all;
    }

    // ------------------------------------------------------------------------------------------------ fans

    private static List<Exhibit> fans() {
        VarianceScaling heOut = new VarianceScaling(Math.sqrt(2), Fan.OUT, nn.init.Distribution.NORMAL);
        Initializer sumOfDimensions = (out, fans, key) -> {
            int sum = 0;
            for (int dimension : out.shape().dims()) {
                sum += dimension;
            }
            float bound = (float) Math.sqrt(6.0 / sum);
            key.uniform(out, -bound, bound);
        };
        return List.of(
                exhibit(
                        "Groups forgotten in the fan out",
                        List.of("pytorch/pytorch#23854", "huggingface/pytorch-image-models#84"),
                        "A depthwise convolution of 3 x 3 feeds 9 products from each input, but its fan out was counted"
                                + " as if there were no groups: 9 times the number of channels.",
                        new Trial(
                                Shape.of(3, 3, 1, 64),
                                Fans.convolution(64, 64, 9, 1, 64),
                                promise(HE_OUT),
                                Property.SECOND_MOMENT,
                                byShape(heOut),
                                heOut)),
                exhibit(
                        "Fans of a transposed convolution swapped",
                        List.of("pytorch/pytorch#30079", "tensorflow/tensorflow#31192"),
                        "The kernel of a transposed convolution is stored with its channels exchanged, and the fans"
                                + " were read off the axes as for a convolution.",
                        new Trial(
                                Shape.of(4, 4, 8, 24),
                                Fans.transposedConvolution(24, 8, 16, 4, 1),
                                promise(HE),
                                Property.SECOND_MOMENT,
                                swapped(Init.heNormal()),
                                Init.heNormal())),
                exhibit(
                        "Query, key and value drawn as one matrix",
                        List.of("pytorch/pytorch#166378", "NVIDIA/apex#910"),
                        "Xavier's formula saw one matrix with three times the outputs, so packed projections began with"
                                + " half of the variance of separate ones.",
                        new Trial(
                                Shape.of(32, 96),
                                Fans.gated(32, 96, 3),
                                promise(XAVIER),
                                Property.SECOND_MOMENT,
                                byShape(Init.xavierUniform()),
                                Init.gates(3, Init.xavierUniform()))),
                exhibit(
                        "Glorot over all gates of an LSTM",
                        List.of("clab/dynet#348", "keras-team/keras#9149"),
                        "The matrices of four gates were one parameter, and the fan out was that of all four.",
                        new Trial(
                                Shape.of(48, 192),
                                Fans.gated(48, 192, 4),
                                promise(XAVIER),
                                Property.SECOND_MOMENT,
                                byShape(Init.xavierUniform()),
                                Init.gates(4, Init.xavierUniform()))),
                exhibit(
                        "The sum of all dimensions as the sum of the fans",
                        List.of("FluxML/Flux.jl#442"),
                        "For a matrix, rows plus columns are fan in plus fan out. For the kernel of a convolution the"
                                + " taps multiply the fans and must not be added.",
                        new Trial(
                                Shape.of(3, 3, 16, 32),
                                Fans.convolution(16, 32, 9, 1, 1),
                                promise(XAVIER),
                                Property.SECOND_MOMENT,
                                sumOfDimensions,
                                Init.xavierUniform())),
                exhibit(
                        "The outputs taken for the fan in",
                        List.of("udacity/deep-reinforcement-learning#14"),
                        "The first dimension of PyTorch's weight is the number of outputs; the bound of a uniform draw"
                                + " was taken from it.",
                        new Trial(
                                Shape.of(24, 400),
                                new Fans(24, 400),
                                promise(fans -> uniform(1 / Math.sqrt(fans.in()))),
                                Property.FANS,
                                uniformOf(fans -> 1 / Math.sqrt(fans.out())),
                                uniformOf(fans -> 1 / Math.sqrt(fans.in())))));
    }

    // ------------------------------------------------------------------------------------------------ formulas

    private static List<Exhibit> formulas() {
        Shape shape = Shape.of(96, 32);
        Fans fans = new Fans(96, 32);
        Function<Fans, Double> xavier = f -> Math.sqrt(2 / (f.in() + f.out()));
        return List.of(
                exhibit(
                        "The variance taken for the standard deviation",
                        List.of("mlpack/mlpack#3651"),
                        "Glorot's 2 / (in + out) is a variance; it was given to a generator that takes a standard"
                                + " deviation.",
                        new Trial(
                                shape,
                                fans,
                                promise(XAVIER_NORMAL),
                                Property.SECOND_MOMENT,
                                normal(f -> 2 / (f.in() + f.out())),
                                normal(xavier))),
                exhibit(
                        "Missing brackets",
                        List.of("mlverse/torch#555"),
                        "Xavier's standard deviation was sqrt(2 / in + out).",
                        new Trial(
                                shape,
                                fans,
                                promise(XAVIER_NORMAL),
                                Property.SECOND_MOMENT,
                                normal(f -> Math.sqrt(2 / f.in() + f.out())),
                                normal(xavier))),
                exhibit(
                        "A standard deviation as the bound of a uniform draw",
                        List.of("keras-team/keras#372"),
                        "The uniform versions of Glorot, LeCun and He drew from (-s, s) with s the standard deviation;"
                                + " the bound has to be sqrt(3) s.",
                        new Trial(
                                shape,
                                fans,
                                promise(XAVIER),
                                Property.SECOND_MOMENT,
                                uniformOf(xavier),
                                uniformOf(Schemes::xavierBound))),
                exhibit(
                        "He without its factor 2",
                        List.of("LBANN/lbann#316"),
                        "The He initializer was LeCun's, of variance 1 / in.",
                        new Trial(
                                shape, fans, promise(HE), Property.SECOND_MOMENT, Init.lecunNormal(), Init.heNormal())),
                exhibit(
                        "Uniform by name only",
                        List.of("LBANN/lbann#316"),
                        "The uniform versions of He and Glorot did not draw from uniform distributions. Here they draw"
                                + " normal numbers.",
                        new Trial(
                                shape,
                                fans,
                                promise(XAVIER),
                                Property.SHAPE,
                                Init.xavierNormal(),
                                Init.xavierUniform())),
                exhibit(
                        "Truncation not corrected",
                        List.of("tensorflow/tensorflow#16344", "keras-team/keras#8048", "tensorflow/tfjs#8594"),
                        "A normal distribution of the promised standard deviation was cut at two of them, which leaves"
                                + " 0.774 of the variance.",
                        new Trial(
                                shape,
                                fans,
                                promise(f -> ExpectedDistribution.truncatedNormal(0, Math.sqrt(1 / f.in()), 2)),
                                Property.SECOND_MOMENT,
                                (out, f, key) ->
                                        new TruncatedNormal(0, CUT / 0.02 * Math.sqrt(1 / f.in()), 2).fill(out, f, key),
                                (out, f, key) -> new TruncatedNormal(0, Math.sqrt(1 / f.in()), 2).fill(out, f, key))),
                exhibit(
                        "A cut in the wrong unit",
                        List.of(
                                "huggingface/pytorch-image-models#1286",
                                "foundation-model-stack/foundation-model-stack#289"),
                        "trunc_normal_ of PyTorch takes its bounds, by default -2 and 2, in units of the values. With a"
                                + " standard deviation of 0.02 that is a cut at a hundred of them, which cuts nothing.",
                        new Trial(
                                shape,
                                fans,
                                promise(ExpectedDistribution.truncatedNormal(0, CUT, 2)),
                                Property.BOUNDS,
                                Init.normal(0.02),
                                new TruncatedNormal(0, CUT, 2))),
                exhibit(
                        "The mean added too early",
                        List.of("deepjavalibrary/djl#1022"),
                        "A truncated normal was (z + mean) times the standard deviation in place of z times it, plus"
                                + " the mean.",
                        new Trial(
                                shape,
                                fans,
                                promise(ExpectedDistribution.truncatedNormal(1, 0.5, 2)),
                                Property.MEAN,
                                new TruncatedNormal(0.5, 0.5, 2),
                                new TruncatedNormal(1, 0.5, 2))),
                exhibit(
                        "The first layer of a SIREN drawn like the others",
                        List.of("lucidrains/siren-pytorch#1"),
                        "Its weights are U(1 / in), which sets the frequencies; with the formula of the later layers it"
                                + " converged more slowly and less accurately.",
                        new Trial(
                                Shape.of(2, 1024),
                                new Fans(2, 1024),
                                promise(f -> uniform(1 / f.in())),
                                Property.SECOND_MOMENT,
                                Init.siren(30),
                                Init.sirenFirst())));
    }

    // ------------------------------------------------------------------------------------------------ randomness

    /** Keeps the second number of a pair for the next draw, also when that begins with another seed. */
    private static final class SpareKept implements Initializer {
        private float spare = Float.NaN;

        @Override
        public void fill(Tensor out, Fans fans, Key key) {
            Tensor pairs = Tensor.zeros(out.size() + 1);
            key.normal(pairs, 0, 1);
            System.arraycopy(pairs.array(), 0, out.array(), out.offset(), out.size());
            if (!Float.isNaN(spare)) {
                out.array()[out.offset()] = spare;
            }
            spare = pairs.array()[out.size()];
        }
    }

    private static List<Exhibit> randomness() {
        Shape shape = Shape.of(64, 48);
        Fans fans = new Fans(64, 48);
        AtomicLong clock = new AtomicLong();
        return List.of(
                exhibit(
                        "One seed for all layers",
                        List.of("netket/netket#241", "marian-nmt/marian-dev#77"),
                        "Every layer started a new generator with the same seed, so layers of one size began with equal"
                                + " weights.",
                        new Trial(
                                shape,
                                fans,
                                promise(HE),
                                Property.LAYERS,
                                ofOneSeed(Init.heNormal()),
                                Init.heNormal())),
                exhibit(
                        "One initializer object, used twice",
                        List.of("keras-team/keras-hub#352", "deel-ai/deel-lip#64"),
                        "Since Keras 2.10 or so an initializer returns the same values at every call; layers that"
                                + " shared one object began with equal matrices.",
                        new Trial(
                                shape,
                                fans,
                                conformance -> conformance.expectingOrthogonal(1),
                                Property.LAYERS,
                                ofOneSeed(Init.orthogonal()),
                                Init.orthogonal())),
                exhibit(
                        "A seed that is ignored",
                        List.of("tensorflow/tfjs#7104"),
                        "Uniform initializers drew other values at every run, whatever seed was given.",
                        new Trial(
                                shape,
                                fans,
                                promise(HE),
                                Property.SAME_KEY_SAME_BITS,
                                (out, f, key) -> Init.heNormal().fill(out, f, Key.of(clock.incrementAndGet())),
                                Init.heNormal())),
                exhibit(
                        "A spare number of an earlier seed",
                        List.of("intel/torch-xpu-ops#3239"),
                        "Box and Muller's method gives numbers in pairs, and the second one was kept for the next call."
                                + " A new seed did not clear it, so the first value came from the old one.",
                        new Trial(
                                shape,
                                fans,
                                promise(ExpectedDistribution.normal(0, 1)),
                                Property.ORDER_INDEPENDENCE,
                                new SpareKept(),
                                Init.normal(1))),
                exhibit(
                        "Parameters that nobody fills",
                        List.of("openai/CLIP#15", "gordicaleksa/pytorch-GAT#11"),
                        "Parameters were made by torch.empty or torch.Tensor, which leave whatever the memory held,"
                                + " NaN included.",
                        new Trial(
                                shape,
                                fans,
                                promise(HE),
                                Property.FILLS_EVERYTHING,
                                (out, f, key) -> {},
                                Init.heNormal())));
    }

    // ------------------------------------------------------------------------------------------------ tables, scales

    private static List<Exhibit> tables() {
        Shape table = Shape.of(50, 24);
        Fans fans = Fans.embedding(50, 24);
        Initializer chrono = (out, f, key) -> Init.chronoKeep(100, key).fill(out, f, key);
        return List.of(
                exhibit(
                        "The row for padding overwritten",
                        List.of("pytorch/pytorch#6495", "microsoft/Graphormer#41"),
                        "An embedding zeroes the row for padding when it is made; drawing the table again by a scheme"
                                + " of one's own filled that row too.",
                        new Trial(
                                table,
                                fans,
                                c -> c.expecting(TABLE).withPaddingRow(3),
                                Property.ZEROS,
                                Init.normal(0.1),
                                Init.paddingRow(Init.normal(0.1), 3))),
                exhibit(
                        "No row for padding: the whole table zero",
                        List.of("facebookresearch/fairseq#4076", "clab/dynet#88"),
                        "weight[None] = 0 sets every row. In another library, lookup parameters began with zeros by"
                                + " oversight.",
                        new Trial(table, fans, promise(TABLE), Property.SECOND_MOMENT, Init.zeros(), Init.normal(0.1))),
                exhibit(
                        "Scales of a normalization drawn like weights",
                        List.of("huggingface/transformers#143", "NVIDIA/TransformerEngine#2528"),
                        "Code that draws all parameters of a model again drew the scales of layer normalization too,"
                                + " from N(0, 0.02^2) in place of 1.",
                        new Trial(
                                Shape.of(64),
                                new Fans(1, 1),
                                promise(ExpectedDistribution.normal(1, 0)),
                                Property.SECOND_MOMENT,
                                Init.normal(0.02),
                                Init.ones())),
                exhibit(
                        "A gate with two biases, both set",
                        List.of("chainer/chainer#4647", "pytorch/pytorch#750"),
                        "cuDNN's LSTM adds two biases in every gate. What is meant as the bias of a gate goes to one of"
                                + " them; filling both doubles it. Here the chrono biases of a forget gate.",
                        new Trial(
                                Shape.of(600),
                                new Fans(28, 600),
                                promise(ExpectedDistribution.chrono(100)),
                                Property.MEAN,
                                (out, f, key) -> {
                                    chrono.fill(out, f, key);
                                    out.scaleInPlace(2);
                                },
                                chrono)));
    }

    // ------------------------------------------------------------------------------------------------ orthogonal

    /**
     * The Q of a square matrix as reflections leave it: R's diagonal has the sign that avoids cancellation, opposite to
     * that of the element before.
     */
    private static void householder(Tensor out, Tensor random) {
        int n = random.dim(0);
        double[][] r = new double[n][n];
        double[][] q = new double[n][n]; // transposed
        for (int i = 0; i < n; i++) {
            q[i][i] = 1;
            for (int j = 0; j < n; j++) {
                r[i][j] = random.get(i, j);
            }
        }
        for (int k = 0; k < n; k++) {
            double[] v = new double[n];
            double square = 0;
            for (int i = k; i < n; i++) {
                v[i] = r[i][k];
                square += v[i] * v[i];
            }
            v[k] += Math.copySign(Math.sqrt(square), v[k]);
            reflect(r, v);
            reflect(q, v);
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                out.set((float) q[j][i], i, j);
            }
        }
    }

    /** Columns of m without twice their part along v. */
    private static void reflect(double[][] m, double[] v) {
        double square = 0;
        for (double x : v) {
            square += x * x;
        }
        for (int j = 0; j < v.length && square > 0; j++) {
            double dot = 0;
            for (int i = 0; i < v.length; i++) {
                dot += v[i] * m[i][j];
            }
            for (int i = 0; i < v.length; i++) {
                m[i][j] -= 2 * dot * v[i] / square;
            }
        }
    }

    private static List<Exhibit> orthogonal() {
        Shape shape = Shape.of(16, 16);
        Fans fans = new Fans(16, 16);
        UnaryOperator<Conformance> promise = conformance -> conformance.expectingOrthogonal(1);
        Initializer right = (out, f, key) -> {
            Tensor random = Tensor.zeros(out.shape());
            key.normal(random, 0, 1);
            out.copyFrom(Qr.of(random).q()); // which has the signs
        };
        return List.of(
                exhibit(
                        "Orthogonal from QR without the signs of R",
                        List.of("tensorflow/tensorflow#9429", "chainer/chainer#5615"),
                        "Q alone is orthogonal but not uniformly distributed: the factorization chooses the signs of"
                                + " its columns.",
                        new Trial(
                                shape,
                                fans,
                                promise,
                                Property.HAAR_SIGNS,
                                (out, f, key) -> {
                                    Tensor random = Tensor.zeros(out.shape());
                                    key.normal(random, 0, 1);
                                    householder(out, random);
                                },
                                right)),
                exhibit(
                        "Orthogonal from numbers between 0 and 1",
                        List.of("tensorflow/tensorflow#10719"),
                        "The random matrix was not centred, so the elements of its first direction are all nearly"
                                + " equal, in every layer.",
                        new Trial(
                                shape,
                                fans,
                                promise,
                                Property.HAAR_SIGNS,
                                (out, f, key) -> {
                                    Tensor random = Tensor.zeros(out.shape());
                                    key.uniform(random, 0, 1);
                                    out.copyFrom(Qr.of(random).q());
                                },
                                right)),
                exhibit(
                        "One orthogonal matrix over four gates",
                        List.of("vwxyzjn/cleanrl#358", "keras-team/keras#9149"),
                        "The recurrent matrices of the gates were one parameter: together they are orthogonal, none of"
                                + " them is.",
                        new Trial(
                                Shape.of(16, 64),
                                Fans.gated(16, 64, 4),
                                conformance -> conformance.expectingOrthogonal(1, 4),
                                Property.ORTHOGONALITY,
                                Init.orthogonal(),
                                Init.gates(4, Init.orthogonal()))));
    }
}
