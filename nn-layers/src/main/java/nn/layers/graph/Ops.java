package nn.layers.graph;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.internal.AttentionOperators;
import nn.tensor.AttentionHeads;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.Windows;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/** The operations of {@link Node}, by the operations of {@link Tensor}. */
final class Ops {
    private Ops() {}

    /** Fills with zeros unless the gradient is added to something. */
    private static void begin(Tensor dIn, boolean add) {
        if (!add) {
            dIn.fill(0);
        }
    }

    private static String transposedText(Transposed transposed) {
        return transposed == Transposed.NONE ? "" : ", " + transposed.name().toLowerCase(Locale.ROOT) + " transposed";
    }

    private static long[] longs(int... numbers) {
        return Arrays.stream(numbers).asLongStream().toArray();
    }

    /** Sums, means or maxima along axes, which keep a size of 1; along all of them if none is given. */
    private static Value reduced(OperatorGraph graph, String type, int[] axes, Value x, Shape out) {
        return (axes.length == 0 ? graph.call(type, x) : graph.call(type, x, graph.wholes("axes", longs(axes))))
                .gives(out);
    }

    /** An operation on one input. */
    private abstract static class Unary extends Op {
        @Override
        final Shape shape(Shape[] in) {
            return shape(in[0]);
        }

        Shape shape(Shape in) {
            return in;
        }

        @Override
        final void forward(Tensor[] in, Tensor out) {
            forward(in[0], out);
        }

        abstract void forward(Tensor x, Tensor y);

        @Override
        final void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            backward(in[0], out, dOut, dIn, add);
        }

        abstract void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add);
    }

    /** An operation on the elements of two inputs, of which the smaller one is repeated. */
    static final class Binary extends Op {
        enum Kind {
            ADD("plus"),
            SUBTRACT("minus"),
            MULTIPLY("times"),
            DIVIDE("dividedBy");

            private final String name;

            Kind(String name) {
                this.name = name;
            }
        }

        final Kind kind;
        private @Nullable Tensor scratch; // of the result's shape

        Binary(Kind kind) {
            this.kind = kind;
        }

        @Override
        String name() {
            return kind.name;
        }

        @Override
        Op forPlace() {
            return new Binary(kind);
        }

        @Override
        Shape shape(Shape[] in) {
            if (in[1].broadcastsTo(in[0])) {
                return in[0];
            }
            if (in[0].broadcastsTo(in[1])) {
                return in[1];
            }
            throw new ShapeException(
                    name() + ": shapes " + in[0] + " and " + in[1] + " do not fit: one must be repeated to the other,"
                            + " so each of its dimensions is that of the other's last axes, or 1; reshape one of them",
                    in[0].toString(),
                    in[1]);
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            Tensor x = in[0];
            Tensor y = in[1];
            if (x.shape().equals(y.shape()) && kind != Kind.DIVIDE) {
                switch (kind) {
                    case ADD -> x.addInto(y, out);
                    case SUBTRACT -> x.subtractInto(y, out);
                    case MULTIPLY -> x.multiplyInto(y, out);
                    case DIVIDE -> throw new AssertionError();
                }
            } else if (x.shape().equals(out.shape())) {
                apply(x, y, out);
            } else if (kind == Kind.ADD || kind == Kind.MULTIPLY) {
                apply(y, x, out);
            } else {
                x.broadcastInto(out);
                apply(out, y, out);
            }
        }

        /** The larger one is first. */
        private void apply(Tensor x, Tensor y, Tensor out) {
            switch (kind) {
                case ADD -> x.addBroadcastInto(y, out);
                case SUBTRACT -> x.subtractBroadcastInto(y, out);
                case MULTIPLY -> x.multiplyBroadcastInto(y, out);
                case DIVIDE -> x.divideBroadcastInto(y, out);
            }
        }

        @Override
        boolean passesGradient(int i) {
            return kind == Kind.ADD || kind == Kind.SUBTRACT && i == 0;
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return switch (kind) {
                case ADD, SUBTRACT -> false;
                case MULTIPLY -> i != j;
                case DIVIDE -> j == 1;
            };
        }

        @Override
        boolean readsOutput() {
            return kind == Kind.DIVIDE; // d(x/y)/dy = -(x/y)/y
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            boolean same = dIn.shape().equals(dOut.shape());
            if (same && !add) {
                factor(i, in, out, dOut, dIn);
            } else if (kind == Kind.ADD || kind == Kind.SUBTRACT && i == 0) {
                begin(dIn, add);
                addTo(dIn, dOut, same);
            } else {
                Tensor product = scratch;
                if (product == null || !product.shape().equals(dOut.shape())) {
                    product = Tensor.zeros(dOut.shape());
                    scratch = product;
                }
                factor(i, in, out, dOut, product);
                begin(dIn, add);
                addTo(dIn, product, same);
            }
        }

        private static void addTo(Tensor dIn, Tensor gradient, boolean same) {
            if (same) {
                dIn.addInPlace(gradient);
            } else {
                gradient.addSumsInto(dIn);
            }
        }

        /** The gradient before it is summed: dOut times the derivative at input i. */
        private void factor(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor to) {
            switch (kind) {
                case ADD -> to.copyFrom(dOut);
                case SUBTRACT -> {
                    to.copyFrom(dOut);
                    if (i == 1) {
                        to.scaleInPlace(-1);
                    }
                }
                case MULTIPLY -> times(dOut, in[1 - i], to);
                case DIVIDE -> {
                    if (i == 0) {
                        dOut.divideBroadcastInto(in[1], to);
                    } else {
                        dOut.multiplyInto(out, to);
                        to.divideBroadcastInto(in[1], to);
                        to.scaleInPlace(-1);
                    }
                }
            }
        }

        private static void times(Tensor dOut, Tensor other, Tensor to) {
            if (other.shape().equals(dOut.shape())) {
                dOut.multiplyInto(other, to);
            } else {
                dOut.multiplyBroadcastInto(other, to);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            String type = switch (kind) {
                case ADD -> "Add";
                case SUBTRACT -> "Sub";
                case MULTIPLY -> "Mul";
                case DIVIDE -> "Div";
            };
            Shape out = shapeOf(in);
            return in[0].shape().equals(out)
                    ? graph.elementwise(type, in)
                    : graph.call(type, in).gives(out);
        }
    }

    /** a x + b with numbers a and b. */
    static final class Affine extends Unary {
        private final float factor;
        private final float addend;

        Affine(float factor, float addend) {
            this.factor = factor;
            this.addend = addend;
        }

        @Override
        String name() {
            return addend == 0 ? "times" : "plus";
        }

        @Override
        String text() {
            return addend == 0
                    ? "times " + factor
                    : factor == 1 ? "plus " + addend : "times " + factor + " plus " + addend;
        }

        @Override
        void forward(Tensor x, Tensor y) {
            if (addend == 0) {
                y.copyFrom(x);
                y.scaleInPlace(factor);
            } else {
                y.fill(addend);
                y.addScaledInPlace(factor, x);
            }
        }

        @Override
        boolean passesGradient(int i) {
            return factor == 1;
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            if (add) {
                dx.addScaledInPlace(factor, dy);
            } else {
                dx.copyFrom(dy);
                dx.scaleInPlace(factor);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            Value y = factor == 1 ? in[0] : graph.elementwise("Mul", in[0], graph.number("factor", factor));
            return addend == 0 ? y : graph.elementwise("Add", y, graph.number("addend", addend));
        }
    }

    /**
     * A matrix product. With a right side of two axes, the left one is read as one matrix of all its rows; otherwise
     * both are matrices side by side.
     */
    static final class Matmul extends Op {
        private final Transposed transposed;
        private final boolean each;

        Matmul(Transposed transposed, boolean each) {
            this.transposed = transposed;
            this.each = each;
        }

        /** Whether it is x W, as in a dense layer. */
        boolean isPlain() {
            return !each && transposed == Transposed.NONE;
        }

        @Override
        String name() {
            return "matmul";
        }

        @Override
        String text() {
            return name() + transposedText(transposed);
        }

        @Override
        Shape shape(Shape[] in) {
            Shape a = in[0];
            Shape b = in[1];
            if (each) {
                return a.matmulEach(b, transposed);
            }
            boolean fits = a.rank() >= 1
                    && b.rank() == 2
                    && switch (transposed) {
                        case NONE -> a.dim(-1) == b.dim(0);
                        case RIGHT -> a.dim(-1) == b.dim(1);
                        case LEFT -> a.rank() == 2 && a.dim(0) == b.dim(0);
                    };
            if (!fits) {
                throw new ShapeException(
                        "matmul: shapes " + a + " and " + b + " (" + transposed + " transposed) do not fit: the inner"
                                + " dimensions must agree",
                        a.toString(),
                        b);
            }
            return switch (transposed) {
                case NONE -> a.withLast(b.dim(1));
                case RIGHT -> a.withLast(b.dim(0));
                case LEFT -> Shape.of(a.dim(1), b.dim(1));
            };
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            product(in[0], in[1], transposed, out, false);
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return i != j;
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            Tensor a = in[0];
            Tensor b = in[1];
            switch (transposed) {
                case NONE -> { // dA = dC B', dB = A' dC
                    if (i == 0) {
                        product(dOut, b, Transposed.RIGHT, dIn, add);
                    } else {
                        product(a, dOut, Transposed.LEFT, dIn, add);
                    }
                }
                case RIGHT -> { // C = A B': dA = dC B, dB = dC' A
                    if (i == 0) {
                        product(dOut, b, Transposed.NONE, dIn, add);
                    } else {
                        product(dOut, a, Transposed.LEFT, dIn, add);
                    }
                }
                case LEFT -> { // C = A' B: dA = B dC', dB = A dC
                    if (i == 0) {
                        product(b, dOut, Transposed.RIGHT, dIn, add);
                    } else {
                        product(a, dOut, Transposed.NONE, dIn, add);
                    }
                }
            }
        }

        private void product(Tensor a, Tensor b, Transposed side, Tensor to, boolean add) {
            if (each && add) {
                a.matmulEachAddInto(b, side, to);
            } else if (each) {
                a.matmulEachInto(b, side, to);
            } else if (add) {
                a.matmulAddInto(b, side, to);
            } else {
                a.matmulInto(b, side, to);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            Value a = transposed == Transposed.LEFT ? transpose(graph, in[0]) : in[0];
            Value b = transposed == Transposed.RIGHT ? transpose(graph, in[1]) : in[1];
            return graph.call("MatMul", a, b).gives(shapeOf(in));
        }

        /** Swaps the last two axes. */
        private static Value transpose(OperatorGraph graph, Value x) {
            int rank = x.shape().rank();
            int[] axes = new int[rank];
            for (int i = 0; i < rank; i++) {
                axes[i] = i < rank - 2 ? i : 2 * rank - 3 - i;
            }
            return graph.transpose(x, axes);
        }
    }

    /** The convolution of images (input 0) with a weight (input 1). */
    static final class Convolution extends Op {
        private final Windows windows;

        Convolution(Windows windows) {
            this.windows = windows;
        }

        @Override
        String name() {
            return "convolution";
        }

        @Override
        Shape shape(Shape[] in) {
            Shape images = in[0];
            Shape weight = in[1];
            boolean fits = images.rank() == 4
                    && weight.rank() == 4
                    && weight.dim(0) == windows.y().taps()
                    && weight.dim(1) == windows.x().taps()
                    && weight.dim(2) > 0
                    && images.dim(3) > 0
                    && images.dim(3) % weight.dim(2) == 0
                    && weight.dim(3) % (images.dim(3) / weight.dim(2)) == 0;
            if (!fits) {
                String expected = "images [batch x height x width x channels] and a weight ["
                        + windows.y().taps() + " x " + windows.x().taps() + " x channels / groups x outputs]";
                throw new ShapeException(
                        "convolution: expected " + expected + ", got " + images + " and " + weight, expected, weight);
            }
            return windows.outputShape(images, weight.dim(3));
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            windows.convolveInto(in[0], in[1], null, out);
        }

        @Override
        boolean adds(int i) {
            return i == 1;
        }

        @Override
        boolean reads(int i, int j) {
            return i != j;
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            if (i == 0) {
                windows.convolveInputGradInto(dOut, in[1], dIn);
            } else {
                begin(dIn, add);
                windows.addConvolveWeightGrad(in[0], dOut, dIn);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            Shape out = shapeOf(in);
            Windows.Axis y = windows.y();
            Windows.Axis x = windows.x();
            Value images = graph.channelsSecond(in[0]);
            Value kernel = graph.transpose(in[1], 3, 2, 0, 1);
            Value result = graph.call("Conv", images, kernel)
                    .with("kernel_shape", new long[] {y.taps(), x.taps()})
                    .with("strides", new long[] {y.stride(), x.stride()})
                    .with("dilations", new long[] {y.dilation(), x.dilation()})
                    .with("pads", new long[] {y.before(), x.before(), y.after(), x.after()})
                    .with("group", in[0].shape().dim(3) / in[1].shape().dim(2))
                    .gives(out.permute(0, 3, 1, 2));
            return graph.channelsLast(result);
        }
    }

    /** exp(x) / sum exp(x) of each row. */
    static final class Softmax extends Unary {
        @Override
        String name() {
            return "softmax";
        }

        @Override
        Shape shape(Shape in) {
            return requireRows(name(), in);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.softmaxInto(y);
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            y.softmaxGradInto(dy, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.call("Softmax", in).with("axis", -1).gives(in[0].shape());
        }
    }

    private static Shape requireRows(String operation, Shape in) {
        if (in.rank() == 0 || in.dim(-1) == 0) {
            throw new ShapeException(operation + ": expected [... x n], n at least 1, got " + in, "[... x n]", in);
        }
        return in;
    }

    /** x - log(sum exp(x)) of each row. */
    static final class LogSoftmax extends Unary {
        private Tensor exponentials = Tensor.zeros(0);
        private Tensor rows = Tensor.zeros(0); // a number for each

        @Override
        String name() {
            return "logSoftmax";
        }

        @Override
        Op forPlace() {
            return new LogSoftmax();
        }

        @Override
        Shape shape(Shape in) {
            return requireRows(name(), in);
        }

        private void prepare(Shape shape) {
            if (!exponentials.shape().equals(shape)) {
                exponentials = Tensor.zeros(shape);
                rows = Tensor.zeros(shape.withLast(1));
            }
        }

        @Override
        void forward(Tensor x, Tensor y) {
            prepare(x.shape());
            x.maxInto(rows);
            x.subtractBroadcastInto(rows, y); // so that no exponential overflows
            y.expInto(exponentials);
            rows.fill(0);
            exponentials.addSumsInto(rows);
            rows.logInto(rows);
            y.subtractBroadcastInto(rows, y);
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) { // dx = dy - exp(y) * sum of dy
            prepare(y.shape());
            rows.fill(0);
            dy.addSumsInto(rows);
            y.expInto(exponentials);
            exponentials.multiplyBroadcastInto(rows, exponentials);
            dy.subtractInto(exponentials, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.call("LogSoftmax", in).with("axis", -1).gives(in[0].shape());
        }
    }

    /** Each element between two bounds. */
    static final class Clip extends Unary {
        private final float low;
        private final float high;

        Clip(float low, float high) {
            this.low = low;
            this.high = high;
        }

        @Override
        String name() {
            return "clip";
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.clampInto(low, high, y);
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            x.clampGradInto(low, high, dy, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.elementwise("Clip", in[0], graph.number("low", low), graph.number("high", high));
        }
    }

    /** Attention of heads: queries, keys, values and, if there is one, a mask. */
    static final class Attention extends Op {
        private final AttentionHeads heads;
        private @Nullable Tensor statistics; // for the gradients
        private final Tensor[] gradients = new Tensor[3]; // at queries, keys and values
        private boolean hasGradients; // of this step

        Attention(AttentionHeads heads) {
            this.heads = heads;
        }

        @Override
        String name() {
            return "attention";
        }

        @Override
        Op forPlace() {
            return new Attention(heads);
        }

        @Override
        Shape shape(Shape[] in) {
            return heads.outputShape(in[0], in[1], in[2]);
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            Tensor held = statistics;
            if (held == null || held.dim(1) != in[0].dim(0) || held.dim(3) != in[0].dim(1)) {
                held = Tensor.zeros(heads.statisticsShape(in[0].shape()));
                statistics = held;
            }
            hasGradients = false;
            heads.attendInto(in[0], in[1], in[2], in.length > 3 ? in[3] : null, null, held, out);
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        /** The gradients at queries, keys and values are computed at once, when the first of them is asked for. */
        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            Tensor held = Objects.requireNonNull(statistics);
            Tensor mask = in.length > 3 ? in[3] : null;
            if (i == 3) {
                dIn.fill(0);
                heads.addMaskGrad(in[0], in[1], in[2], in[3], null, held, out, dOut, dIn);
                return;
            }
            if (!hasGradients) {
                for (int j = 0; j < gradients.length; j++) {
                    if (gradients[j] == null || !gradients[j].shape().equals(in[j].shape())) {
                        gradients[j] = Tensor.zeros(in[j].shape());
                    }
                }
                heads.attendGradInto(
                        in[0], in[1], in[2], mask, null, held, out, dOut, gradients[0], gradients[1], gradients[2]);
                hasGradients = true;
            }
            dIn.copyFrom(gradients[i]);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return AttentionOperators.describe(graph, heads, in[0], in[1], in[2], in.length > 3 ? in[3] : Value.NONE);
        }
    }

    /** A nonlinearity. */
    static final class Elementwise extends Unary {
        final Nonlinearity nonlinearity;
        private final ElementwiseKernel kernel;

        Elementwise(Nonlinearity nonlinearity) {
            this.nonlinearity = nonlinearity;
            kernel = Objects.requireNonNull(nonlinearity.newKernel(), "newKernel() returned null");
        }

        @Override
        String name() {
            return nonlinearity.name();
        }

        @Override
        String text() {
            return Description.of(nonlinearity);
        }

        @Override
        Op forPlace() {
            return new Elementwise(nonlinearity);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            kernel.apply(x, y);
        }

        @Override
        boolean reads(int i, int j) {
            return !kernel.gradientFromOutput();
        }

        @Override
        boolean readsOutput() {
            return kernel.gradientFromOutput();
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            kernel.gradient(kernel.gradientFromOutput() ? y : x, dy, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return nonlinearity.export(graph, in[0]);
        }
    }

    static final class Exp extends Unary {
        @Override
        String name() {
            return "exp";
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.expInto(y);
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            dy.multiplyInto(y, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.elementwise("Exp", in);
        }
    }

    static final class Log extends Unary {
        @Override
        String name() {
            return "log";
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.logInto(y);
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            dy.divideBroadcastInto(x, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.elementwise("Log", in);
        }
    }

    static final class Sqrt extends Unary {
        @Override
        String name() {
            return "sqrt";
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.sqrtInto(y);
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            dy.divideBroadcastInto(y, dx);
            dx.scaleInPlace(0.5f);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.elementwise("Sqrt", in);
        }
    }

    static final class Sum extends Unary {
        private final int[] axes;

        Sum(int... axes) {
            this.axes = axes;
        }

        @Override
        String name() {
            return "sum";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(axes);
        }

        @Override
        Shape shape(Shape in) {
            return in.withOnes(axes);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            y.fill(0);
            x.addSumsInto(y);
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            if (add) {
                dx.addBroadcastInto(dy, dx);
            } else {
                dy.broadcastInto(dx);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return reduced(graph, "ReduceSum", axes, in[0], shapeOf(in));
        }
    }

    static final class Mean extends Unary {
        private final int[] axes;

        Mean(int... axes) {
            this.axes = axes;
        }

        @Override
        String name() {
            return "mean";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(axes);
        }

        @Override
        Shape shape(Shape in) {
            return in.withOnes(axes);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            y.fill(0);
            x.addSumsInto(y);
            y.scaleInPlace((float) y.size() / x.size());
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            dy.broadcastInto(dx);
            dx.scaleInPlace((float) dy.size() / dx.size());
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return reduced(graph, "ReduceMean", axes, in[0], shapeOf(in));
        }
    }

    static final class Max extends Unary {
        private final int[] axes;

        Max(int... axes) {
            this.axes = axes;
        }

        @Override
        String name() {
            return "max";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(axes);
        }

        @Override
        Shape shape(Shape in) {
            return in.withOnes(axes);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.maxInto(y);
        }

        @Override
        boolean readsOutput() {
            return true;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            x.maxGradInto(y, dy, dx);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return reduced(graph, "ReduceMax", axes, in[0], shapeOf(in));
        }
    }

    /** The same elements in another shape. */
    private abstract static class View extends Unary {
        @Override
        final boolean isView() {
            return true;
        }

        @Override
        final boolean reads(int i, int j) {
            return false;
        }

        @Override
        final void forward(Tensor x, Tensor y) {
            throw new AssertionError("a view computes nothing");
        }

        @Override
        final void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            throw new AssertionError("the gradient of a view is a view");
        }
    }

    static final class Squeeze extends View {
        private final int[] axes;

        Squeeze(int... axes) {
            this.axes = axes;
        }

        @Override
        String name() {
            return "squeeze";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(axes);
        }

        @Override
        Shape shape(Shape in) {
            for (int axis : axes) {
                if (in.dim(axis) != 1) {
                    throw new IllegalArgumentException("axis " + axis + " of shape " + in + " has size " + in.dim(axis)
                            + "; only an axis of size 1 can be removed");
                }
            }
            return axes.length == 0 ? in : in.without(axes);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return axes.length == 0
                    ? in[0]
                    : graph.call("Squeeze", in[0], graph.wholes("axes", longs(axes)))
                            .gives(shapeOf(in));
        }
    }

    static final class Reshape extends View {
        private final int[] dims;

        Reshape(int... dims) {
            this.dims = dims;
        }

        @Override
        String name() {
            return "reshape";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(dims);
        }

        @Override
        Shape shape(Shape in) {
            int free = -1;
            long known = 1;
            for (int i = 0; i < dims.length; i++) {
                if (dims[i] != Shape.ANY) {
                    known *= dims[i];
                } else if (free >= 0) {
                    throw new IllegalArgumentException("dimensions " + Arrays.toString(dims)
                            + " have more than one -1; one of them must be known");
                } else {
                    free = i;
                }
            }
            Shape wanted = Shape.of(dims);
            if (!in.isConcrete()) {
                return wanted;
            }
            boolean divides = free >= 0 && known != 0 && in.size() % known == 0;
            if (!divides && (free >= 0 || known != in.size())) {
                throw new ShapeException(
                        "reshape: shape " + in + " has " + in.size() + " elements, which do not fit into " + wanted,
                        wanted.toString(),
                        in);
            }
            return free < 0 ? wanted : wanted.withDim(free, (int) (in.size() / known));
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.reshape(in[0], shapeOf(in));
        }
    }

    static final class Permute extends Unary {
        private final int[] axes;
        private final int[] inverse;

        Permute(int... axes) {
            this.axes = axes;
            this.inverse = new int[axes.length];
        }

        @Override
        String name() {
            return "permute";
        }

        @Override
        String text() {
            return name() + " " + Arrays.toString(axes);
        }

        @Override
        Shape shape(Shape in) {
            Shape permuted = in.permute(axes);
            for (int i = 0; i < axes.length; i++) {
                inverse[axes[i] < 0 ? axes[i] + axes.length : axes[i]] = i;
            }
            return permuted;
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.permuteInto(y, axes);
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            dy.permuteInto(dx, inverse);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            Shape shape = in[0].shape();
            int[] positive = new int[axes.length];
            for (int i = 0; i < axes.length; i++) {
                positive[i] = axes[i] < 0 ? axes[i] + shape.rank() : axes[i];
            }
            return graph.transpose(in[0], positive);
        }
    }

    static final class Slice extends Unary {
        private final int axis;
        private final int from;
        private final int to;

        Slice(int axis, int from, int to) {
            this.axis = axis;
            this.from = from;
            this.to = to;
        }

        @Override
        String name() {
            return "slice";
        }

        @Override
        String text() {
            return name() + " [" + axis + ": " + from + " to " + to + "]";
        }

        @Override
        Shape shape(Shape in) {
            int length = in.dim(axis);
            if (from < 0 || to < from || length != Shape.ANY && to > length) {
                throw new IllegalArgumentException(
                        "indices " + from + " to " + (to - 1) + " of axis " + axis + " are not in shape " + in);
            }
            return in.withDim(axis, to - from);
        }

        @Override
        void forward(Tensor x, Tensor y) {
            x.sliceInto(axis, from, y);
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, boolean add) {
            if (add) {
                dx.addToSlice(axis, from, dy);
            } else {
                dx.fill(0);
                dx.setSlice(axis, from, dy);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.call(
                            "Slice",
                            in[0],
                            graph.wholes("starts", from),
                            graph.wholes("ends", to),
                            graph.wholes("axes", axis))
                    .gives(shapeOf(in));
        }
    }

    static final class Concat extends Op {
        private final int axis;

        Concat(int axis) {
            this.axis = axis;
        }

        @Override
        String name() {
            return "concat";
        }

        @Override
        String text() {
            return name() + " [" + axis + "]";
        }

        @Override
        Shape shape(Shape[] in) {
            int length = 0;
            for (Shape s : in) {
                if (s.rank() != in[0].rank() || !s.withDim(axis, 1).equals(in[0].withDim(axis, 1))) {
                    throw new ShapeException(
                            "concat along axis " + axis + ": shapes " + in[0] + " and " + s + " differ elsewhere",
                            in[0].toString(),
                            s);
                }
                length = length == Shape.ANY || s.dim(axis) == Shape.ANY ? Shape.ANY : length + s.dim(axis);
            }
            return in[0].withDim(axis, length);
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            int at = 0;
            for (Tensor x : in) {
                out.setSlice(axis, at, x);
                at += x.dim(axis);
            }
        }

        @Override
        boolean reads(int i, int j) {
            return false;
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            int at = 0;
            for (int j = 0; j < i; j++) {
                at += in[j].dim(axis);
            }
            dOut.sliceInto(axis, at, dIn);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.call("Concat", in).with("axis", axis).gives(shapeOf(in));
        }
    }

    /** Rows of a table (input 0) by index (input 1). */
    static final class Rows extends Op {
        @Override
        String name() {
            return "rows";
        }

        @Override
        Shape shape(Shape[] in) {
            Shape row = in[0].withoutFirst();
            int[] dims = Arrays.copyOf(in[1].dims(), in[1].rank() + row.rank());
            System.arraycopy(row.dims(), 0, dims, in[1].rank(), row.rank());
            return Shape.of(dims);
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            in[0].gatherRowsInto(in[1], out);
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return j == 1;
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            begin(dIn, add);
            if (i == 0) {
                dIn.addToRows(in[1], dOut);
            }
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            return graph.call("Gather", in[0], graph.cast(in[1], ElementKind.INT64))
                    .with("axis", 0)
                    .gives(shapeOf(in));
        }
    }
}
