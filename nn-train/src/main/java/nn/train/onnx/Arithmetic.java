package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.attention.LearnedPositions;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.onnx.Meaning.Flow;
import nn.train.onnx.Meaning.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * Sums, differences, products and quotients, and the layers that exporters write as several of them: a bias, smooth
 * nonlinearities, normalizations, positions.
 */
final class Arithmetic {
    private static final double TOLERANCE = 1e-5; // of constants such as sqrt(2), which exporters round differently

    private Arithmetic() {}

    static void read(Importer i, NodeReader n, String type) {
        char sign = "+-*/".charAt(List.of("Add", "Sub", "Mul", "Div").indexOf(type));
        if (n.isSizes(0) && n.isSizes(1)) {
            i.spend(Math.max(n.sizes(0).numbers().length, n.sizes(1).numbers().length));
            i.give(n, Folding.arithmetic(type, n.sizes(0), n.sizes(1), i));
        } else if (n.meaning(0) instanceof Meaning.Positions && sign == '+' && isZero(n, 1)) {
            i.give(n, n.meaning(0));
        } else if (n.isFlow(0) && n.meaning(1) instanceof Meaning.Wave wave) {
            i.give(n, withWave(i, n, sign, n.flow(0), wave));
        } else if (n.isFlow(1) && n.meaning(0) instanceof Meaning.Wave wave) {
            i.give(n, withWave(i, n, sign, n.flow(1), wave));
        } else if (n.isFlow(0) && n.meaning(1) instanceof Meaning.Corner corner && sign == '+') {
            i.give(n, withCorner(i, n, i.plain(n.flow(0)).step(), corner));
        } else if (n.meaning(1) instanceof Meaning.FirstRows rows && sign == '+') {
            i.give(n, positions(i, n, n.flow(0), rows));
        } else if (n.meaning(0) instanceof Meaning.FirstRows rows && sign == '+') {
            i.give(n, positions(i, n, n.flow(1), rows));
        } else if (n.isFlow(0) && n.isFlow(1)) {
            i.give(n, binary(i, n, sign, n.flow(0), n.flow(1)));
        } else if (n.isFlow(0)) {
            i.give(n, withConstant(i, n, sign, n.flow(0), n.floats(1), false));
        } else if (n.isFlow(1)) {
            i.give(n, withConstant(i, n, sign, n.flow(1), n.floats(0), true));
        } else {
            i.spend(Math.max(n.floats(0).size(), n.floats(1).size()));
            i.give(n, Folding.numbers(folded(sign, n.floats(0), n.floats(1))));
        }
    }

    /** A sum with sinusoidal positions, or a product that is part of rotary ones. */
    private static Flow withWave(Importer i, NodeReader n, char sign, Flow x, Meaning.Wave wave) {
        return switch (sign) {
            case '+' -> Waves.sum(i, n, x, wave);
            case '*' -> {
                Step step = i.plain(x).step();
                Step waves = i.step(n, "", new Step.Kind.Waves(wave), step.dims);
                yield Flow.of(i.step(n, "", new Step.Kind.Binary('*'), step.dims, step, waves));
            }
            default -> throw new UnreadableNode("positions that are neither added nor part of rotary ones");
        };
    }

    /** Scores of attention, and a mask of which each run takes a part. */
    private static Flow withCorner(Importer i, NodeReader n, Step scores, Meaning.Corner corner) {
        int rank = scores.rank();
        boolean fits = rank > 2
                && Sizes.of(scores.dims[rank - 1]) == corner.size()
                && Sizes.of(scores.dims[rank - 2]) == corner.size()
                && corner.mask().dim(0) == corner.mask().dim(1);
        if (!fits) {
            throw new UnreadableNode("a part of " + corner.mask().shape() + " that is no mask of " + scores.shape());
        }
        int size = Sizes.dim(corner.size());
        Step mask = i.step(n, "", new Step.Kind.Corner(corner.mask()), new int[] {size, size});
        return Flow.of(i.step(n, "", new Step.Kind.Binary('+'), scores.dims, scores, mask));
    }

    private static boolean isZero(NodeReader n, int input) {
        return n.isSizes(input) && Arrays.stream(n.sizes(input).numbers()).allMatch(number -> number == 0);
    }

    /** Constants of the same shape, or one of them a number. */
    private static Tensor folded(char sign, Tensor a, Tensor b) {
        if (!a.shape().equals(b.shape()) && a.size() != 1 && b.size() != 1) {
            throw new UnreadableNode("constants of shapes " + a.shape() + " and " + b.shape());
        }
        Tensor result = (a.size() == 1 ? b : a).copy();
        for (int k = 0; k < result.size(); k++) {
            float x = a.array()[a.offset() + (a.size() == 1 ? 0 : k)];
            float y = b.array()[b.offset() + (b.size() == 1 ? 0 : k)];
            result.array()[result.offset() + k] = switch (sign) {
                case '+' -> x + y;
                case '-' -> x - y;
                case '*' -> x * y;
                default -> x / y;
            };
        }
        return result;
    }

    /** -x; log(sigmoid x) for -softplus(-x). */
    static void negation(Importer i, NodeReader n) {
        Flow x = n.flow(0);
        boolean isLogSigmoid = isOf(x.step(), Nonlinearity.SOFTPLUS)
                && x.step().in.getFirst().kind instanceof Step.Kind.Times(float factor)
                && factor == -1;
        if (isLogSigmoid) {
            Step z = x.step().in.getFirst().in.getFirst();
            i.give(n, i.unary(n, new Flow(z, x.axes()), new Step.Kind.Elementwise(Nonlinearity.LOG_SIGMOID)));
        } else {
            i.unary(n, new Step.Kind.Times(-1));
        }
    }

    static void logarithm(Importer i, NodeReader n) {
        Flow x = n.flow(0);
        if (isOf(x.step(), Nonlinearity.SIGMOID)) { // as PyTorch writes it; the layer is exact where sigmoid is 0
            Step z = x.step().in.getFirst();
            i.give(n, i.unary(n, new Flow(z, x.axes()), new Step.Kind.Elementwise(Nonlinearity.LOG_SIGMOID)));
        } else {
            i.unary(n, Importer.computed("log", in -> in[0].log()));
        }
    }

    static void reciprocal(Importer i, NodeReader n) {
        i.give(n, withNumber(i, n, '/', n.flow(0), 1, true));
    }

    static void power(Importer i, NodeReader n) {
        Flow x = n.flow(0);
        double exponent = n.isSizes(1) ? n.size(1) : n.number(1);
        if (exponent == 0.5) {
            i.unary(n, new Step.Kind.Sqrt());
        } else if (exponent == 2) {
            i.give(n, binary(i, n, '*', x, x));
        } else if (exponent == 3) {
            i.give(n, binary(i, n, '*', binary(i, n, '*', x, x), x));
        } else {
            throw new UnreadableNode("a power of " + exponent + "; only 0.5, 2 and 3 are read");
        }
    }

    /** An operation of two computed values, of which one may be repeated to the other. */
    private static Flow binary(Importer i, NodeReader n, char sign, Flow a, Flow b) {
        Flow x = a.hasOrderOf(b) ? a : i.plain(a);
        Flow y = a.hasOrderOf(b) ? b : i.plain(b);
        int[] dims = isRepeatedTo(y.step().dims, x.step().dims) ? x.step().dims : y.step().dims;
        if (!isRepeatedTo(x.step().dims, dims) || !isRepeatedTo(y.step().dims, dims)) {
            throw new UnreadableNode("shapes " + x.step().shape() + " and "
                    + y.step().shape() + ", of which none can be repeated to the other");
        }
        if (dims.length != x.axes().length && !x.isInOrder() || dims.length != y.axes().length && !y.isInOrder()) {
            throw new UnreadableNode("shapes of different rank in different orders");
        }
        Step result = i.step(n, "", new Step.Kind.Binary(sign), dims, x.step(), y.step());
        int[] axes = dims == x.step().dims ? x.axes() : y.axes();
        return new Flow(smooth(i, n, result), axes);
    }

    private static boolean isRepeatedTo(int[] small, int[] large) {
        boolean fits = small.length <= large.length;
        for (int k = 1; fits && k <= small.length; k++) {
            int dim = small[small.length - k];
            fits = dim == 1 || dim == large[large.length - k];
        }
        return fits;
    }

    /** An operation of a computed value and a constant, which is repeated to it. */
    static Flow withConstant(Importer i, NodeReader n, char sign, Flow x, Tensor constant, boolean swapped) {
        if (constant.size() == 1 && constant.shape().rank() <= x.axes().length) {
            return withNumber(i, n, sign, x, constant.array()[constant.offset()], swapped);
        }
        Step step = x.step();
        Tensor numbers = inOrderOf(x, constant);
        Step found = null;
        if (sign == '+') {
            Flow normalized = groupNorm(i, n, x, numbers);
            if (normalized != null) {
                return normalized;
            }
            found = withBias(i, n, step, numbers);
            found = found != null ? found : layerNorm(i, n, step, numbers);
            found = found != null ? found : fixedPositions(i, n, x, numbers);
        } else if (sign == '*') {
            found = rootMeanSquare(i, n, step, numbers);
        }
        if (found == null) {
            Step fixed = i.fixed(n, numbers);
            Step[] in = swapped ? new Step[] {fixed, step} : new Step[] {step, fixed};
            found = i.step(n, "", new Step.Kind.Binary(sign), step.dims, in);
        }
        return found.rank() == x.axes().length ? new Flow(found, x.axes()) : Flow.of(found);
    }

    /** A constant with its axes in the order of a step's result, without axes of size 1 before the others. */
    private static Tensor inOrderOf(Flow x, Tensor constant) {
        int rank = x.axes().length;
        Shape shape = constant.shape();
        while (shape.rank() > rank && shape.dim(0) == 1) {
            shape = shape.withoutFirst();
        }
        if (shape.rank() > rank) {
            throw new UnreadableNode(
                    "a constant " + shape + " has more axes than " + x.step().shape());
        }
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        System.arraycopy(shape.dims(), 0, dims, rank - shape.rank(), shape.rank());
        int[] inverse = new int[rank];
        for (int k = 0; k < rank; k++) {
            inverse[x.axes()[k]] = k;
        }
        Tensor ordered =
                x.isInOrder() ? constant.reshape(dims) : constant.reshape(dims).permute(inverse);
        if (!isRepeatedTo(ordered.shape().dims(), x.step().dims)) {
            throw new UnreadableNode("a constant " + constant.shape() + " cannot be repeated to "
                    + Shape.of(Arrays.stream(x.dims())
                            .map(dim -> Math.max(dim, Shape.ANY))
                            .toArray()));
        }
        Shape least = ordered.shape();
        while (least.rank() > 1 && least.dim(0) == 1) {
            least = least.withoutFirst();
        }
        return ordered.reshape(least);
    }

    private static Flow withNumber(Importer i, NodeReader n, char sign, Flow x, float number, boolean swapped) {
        return switch (sign) {
            case '+' -> i.unary(n, x, new Step.Kind.Plus(number));
            case '-' ->
                swapped
                        ? i.unary(n, i.unary(n, x, new Step.Kind.Times(-1)), new Step.Kind.Plus(number))
                        : i.unary(n, x, new Step.Kind.Plus(-number));
            case '*' ->
                new Flow(smooth(i, n, i.unary(n, x, new Step.Kind.Times(number)).step()), x.axes());
            default -> {
                if (!swapped && isOf(x.step(), Nonlinearity.SOFTPLUS)) {
                    Step inner = x.step().in.getFirst();
                    if (inner.kind instanceof Step.Kind.Times(float factor) && factor == number && number > 0) {
                        Nonlinearity f = Nonlinearity.softplus(Double.parseDouble(Float.toString(number)));
                        Flow z = new Flow(inner.in.getFirst(), x.axes());
                        yield i.unary(n, z, new Step.Kind.Elementwise(f));
                    }
                }
                Step fixed = i.fixed(n, Tensor.full(number));
                Step[] in = swapped ? new Step[] {fixed, x.step()} : new Step[] {x.step(), fixed};
                boolean isExact = !swapped
                        && 1 / number * number == 1
                        && Float.toHexString(Math.abs(number)).contains("x1.0p");
                yield isExact
                        ? i.unary(n, x, new Step.Kind.Times(1 / number))
                        : new Flow(i.step(n, "", new Step.Kind.Binary('/'), x.step().dims, in), x.axes());
            }
        };
    }

    // What exporters write as several operators

    /** A product of numbers and steps. */
    private record Product(double factor, List<Step> steps) {
        static Product of(Step step) {
            List<Step> steps = new ArrayList<>();
            return new Product(collect(step, steps, 0), steps);
        }

        private static double collect(Step step, List<Step> steps, int depth) {
            if (depth < 4 && step.kind instanceof Step.Kind.Times times) {
                return times.factor() * collect(step.in.getFirst(), steps, depth + 1);
            }
            if (depth < 4 && step.kind instanceof Step.Kind.Binary(char sign)) {
                Step a = step.in.getFirst();
                Step b = step.in.getLast();
                if (sign == '*' && Arrays.equals(a.dims, b.dims)) {
                    return collect(a, steps, depth + 1) * collect(b, steps, depth + 1);
                }
                if (sign == '/' && b.kind instanceof Step.Kind.Fixed(Tensor numbers) && numbers.size() == 1) {
                    return collect(a, steps, depth + 1) / numbers.array()[numbers.offset()];
                }
            }
            steps.add(step);
            return 1;
        }
    }

    private static boolean isNear(double a, double b) {
        return Math.abs(a - b) < TOLERANCE;
    }

    /** SiLU, GELU, Mish or hard swish instead of the product that computes it. */
    private static Step smooth(Importer i, NodeReader n, Step product) {
        Product parts = Product.of(product);
        if (parts.steps().size() != 2) {
            return product;
        }
        for (int k = 0; k < 2; k++) {
            Step x = parts.steps().get(k);
            Step other = parts.steps().get(1 - k);
            Nonlinearity f = null;
            if (isNear(parts.factor(), 1) && isOf(other, Nonlinearity.SIGMOID) && other.in.getFirst() == x) {
                f = Nonlinearity.SILU;
            } else if (isNear(parts.factor(), 1)
                    && isOf(other, Nonlinearity.HARD_SIGMOID)
                    && other.in.getFirst() == x) {
                f = Nonlinearity.HARD_SWISH;
            } else if (isNear(parts.factor(), 1)
                    && isOf(other, Nonlinearity.TANH)
                    && isOf(other.in.getFirst(), Nonlinearity.SOFTPLUS)
                    && other.in.getFirst().in.getFirst() == x) {
                f = Nonlinearity.MISH;
            } else if (isNear(parts.factor(), 0.5) && other.kind instanceof Step.Kind.Plus plus && plus.addend() == 1) {
                f = gelu(x, other.in.getFirst());
            }
            if (f != null) {
                return i.step(n, "", new Step.Kind.Elementwise(f), x.dims, x);
            }
        }
        return product;
    }

    private static boolean isOf(Step step, Nonlinearity f) {
        return step.kind instanceof Step.Kind.Elementwise elementwise
                && elementwise.nonlinearity().equals(f);
    }

    /** The exact GELU for erf(x / sqrt 2), its approximation for tanh(sqrt(2 / pi) (x + 0.044715 x^3)). */
    private static @Nullable Nonlinearity gelu(Step x, Step inner) {
        if (isOf(inner, Nonlinearity.ERF)) {
            Product u = Product.of(inner.in.getFirst());
            return u.steps().equals(List.of(x)) && isNear(u.factor(), Math.sqrt(0.5)) ? Nonlinearity.GELU : null;
        }
        if (!isOf(inner, Nonlinearity.TANH)) {
            return null;
        }
        Product u = Product.of(inner.in.getFirst());
        boolean isSum = u.steps().size() == 1
                && isNear(u.factor(), Math.sqrt(2 / Math.PI))
                && u.steps().getFirst().kind instanceof Step.Kind.Binary(char sign)
                && sign == '+';
        if (!isSum) {
            return null;
        }
        List<Step> terms = u.steps().getFirst().in;
        for (int k = 0; k < 2; k++) {
            Product cube = Product.of(terms.get(k));
            if (terms.get(1 - k) == x && cube.steps().equals(List.of(x, x, x)) && isNear(cube.factor(), 0.044715)) {
                return Nonlinearity.GELU_TANH;
            }
        }
        return null;
    }

    private static void requireFinite(Tensor numbers) {
        if (!numbers.isFinite()) {
            throw new UnreadableNode("a bias or scale has a number that is not finite: this model cannot compute");
        }
    }

    private static @Nullable Step withBias(Importer i, NodeReader n, Step step, Tensor row) {
        boolean isBias = step.kind instanceof Step.Kind.Affine affine
                && affine.bias() == null
                && row.shape().equals(Shape.of(affine.weight().dim(1)));
        if (!isBias) {
            return null;
        }
        Tensor weight = ((Step.Kind.Affine) step.kind).weight();
        requireFinite(row);
        return i.step(n, step.hint, new Step.Kind.Affine(weight, row), step.dims, step.in.getFirst());
    }

    /** x / sqrt(mean of x^2 + epsilon), if a step is that: x and epsilon. */
    private record Normalized(Step x, double epsilon) {
        static @Nullable Normalized of(Step step) {
            if (!(step.kind instanceof Step.Kind.Binary(char sign)) || sign != '/') {
                return null;
            }
            Step x = step.in.getFirst();
            Step root = step.in.getLast();
            if (!(root.kind instanceof Step.Kind.Sqrt) || !(root.in.getFirst().kind instanceof Step.Kind.Plus plus)) {
                return null;
            }
            Step mean = root.in.getFirst().in.getFirst();
            boolean isSquare = mean.kind instanceof Step.Kind.RowMean
                    && mean.in.getFirst().kind instanceof Step.Kind.Binary(char times)
                    && times == '*'
                    && mean.in.getFirst().in.stream().allMatch(part -> part == x);
            double epsilon = Double.parseDouble(Float.toString(plus.addend()));
            return isSquare && epsilon > 0 ? new Normalized(x, epsilon) : null;
        }
    }

    private static @Nullable Step rootMeanSquare(Importer i, NodeReader n, Step step, Tensor row) {
        Normalized normalized = Normalized.of(step);
        requireFinite(row);
        return normalized == null || !row.shape().equals(Shape.of(step.dims[step.rank() - 1]))
                ? null
                : i.step(
                        n,
                        n.hint(n.isFloats(1) ? 1 : 0),
                        new Step.Kind.RootMeanSquare(row, normalized.epsilon()),
                        step.dims,
                        normalized.x());
    }

    /** A bias after the root mean square of x less its mean. */
    private static @Nullable Step layerNorm(Importer i, NodeReader n, Step step, Tensor row) {
        if (!(step.kind instanceof Step.Kind.RootMeanSquare(Tensor scale, double epsilon))
                || !row.shape().equals(scale.shape())) {
            return null;
        }
        Step centred = step.in.getFirst();
        boolean isCentred = centred.kind instanceof Step.Kind.Binary(char sign)
                && sign == '-'
                && centred.in.getLast().kind instanceof Step.Kind.RowMean
                && centred.in.getLast().in.getFirst() == centred.in.getFirst();
        if (!isCentred) {
            return null;
        }
        Step x = centred.in.getFirst();
        Layer layer = new LayerNorm.Config(epsilon).create(x.shape(), Key.of(0));
        return i.made(n, step.hint, Importer.withValues(layer, Map.of("scale", scale, "bias", row)), x, x.rank());
    }

    /**
     * Group normalization as exporters write it: groups as channels of one row, which is normalized as an instance is;
     * then a scale and a bias for each channel.
     */
    private static @Nullable Flow groupNorm(Importer i, NodeReader n, Flow x, Tensor bias) {
        Step product = x.step();
        boolean isScaled = product.kind instanceof Step.Kind.Binary(char sign)
                && sign == '*'
                && product.in.getLast().kind instanceof Step.Kind.Fixed;
        if (!isScaled) {
            return null;
        }
        Tensor scale = ((Step.Kind.Fixed) product.in.getLast().kind).numbers();
        Step back = product.in.getFirst(); // [batch x channels x ...]
        Step instance = withoutSwap(origin(back)); // on [batch x n x groups]
        if (!(instance.kind instanceof Step.Kind.Instance(Tensor ones, Tensor zeros, double epsilon))
                || !isFilled(ones, 1)
                || !isFilled(zeros, 0)) {
            return null;
        }
        Step in = origin(withoutSwap(instance.in.getFirst()));
        boolean fits = Arrays.equals(in.dims, back.dims)
                && in.rank() > 1
                && scale.size() == in.dims[1]
                && bias.size() == in.dims[1];
        if (!fits) {
            return null;
        }
        int[] second = Importer.channelsSecond(in).axes();
        boolean wasMoved = in.kind instanceof Step.Kind.Permuted(int[] order) && Arrays.equals(order, second);
        Step images = wasMoved ? in.in.getFirst() : i.channelsLast(Flow.of(in));
        Map<String, Tensor> values = Map.of("scale", scale.reshape(scale.size()), "bias", bias.reshape(bias.size()));
        Layer layer = GroupNorm.groups(ones.size()).epsilon(epsilon).create(images.shape(), Key.of(0));
        String hint = n.hint(n.isFloats(1) ? 1 : 0);
        Step step = i.made(n, hint, Importer.withValues(layer, values), images, images.rank());
        return new Flow(step, Arrays.stream(x.axes()).map(axis -> second[axis]).toArray());
    }

    /** What a swap of the last two of three axes is applied to. */
    private static Step withoutSwap(Step step) {
        boolean isSwap =
                step.kind instanceof Step.Kind.Permuted(int[] axes) && Arrays.equals(axes, new int[] {0, 2, 1});
        return isSwap ? step.in.getFirst() : step;
    }

    private static Step origin(Step step) {
        Step origin = step;
        while (origin.kind instanceof Step.Kind.Reshaped) {
            origin = origin.in.getFirst();
        }
        return origin;
    }

    private static boolean isFilled(Tensor tensor, float value) {
        for (int k = 0; k < tensor.size(); k++) {
            if (tensor.array()[tensor.offset() + k] != value) {
                return false;
            }
        }
        return true;
    }

    /** A table with a row for each position of sequences of one length. */
    private static @Nullable Step fixedPositions(Importer i, NodeReader n, Flow x, Tensor table) {
        Step step = x.step();
        boolean fits = x.isInOrder()
                && step.rank() == 3
                && table.shape().rank() == 2
                && table.dim(0) == step.dims[1]
                && table.dim(1) == step.dims[2];
        return fits ? positions(i, n, step, table) : null;
    }

    private static Flow positions(Importer i, NodeReader n, Flow x, Meaning.FirstRows rows) {
        Step step = i.plain(x).step();
        boolean fits = step.rank() == 3
                && Sizes.of(step.dims[1]) == rows.size()
                && step.dims[2] == rows.table().dim(1);
        if (!fits) {
            throw new UnreadableNode("rows of a table " + rows.table().shape() + " are added to " + step.shape()
                    + ", which is not [batch x time x features]");
        }
        return Flow.of(positions(i, n, step, rows.table()));
    }

    private static Step positions(Importer i, NodeReader n, Step step, Tensor table) {
        Layer layer =
                LearnedPositions.of(table.dim(0)).weight(new FromFile(table)).create(step.shape(), Key.of(0));
        return i.made(n, "", layer, step, step.rank());
    }
}
