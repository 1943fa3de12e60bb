package nn.train.onnx;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import nn.layers.Layer;
import nn.layers.activation.PRelu;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Padding;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Embedding;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.onnx.Meaning.Flow;

/** Operators that are one layer each. */
final class Layers {
    private static final Key KEY = Key.of(0); // nothing is drawn by it: all values are read

    private Layers() {}

    // Windows

    /** An input [batch x channels x ...] with its channels last. */
    private static Step images(Importer i, NodeReader n) {
        Flow x = n.flow(0);
        if (x.axes().length < 3 || x.axes().length > 4) {
            throw new UnreadableNode("windows over " + (x.axes().length - 2) + " axes; 1 and 2 are read");
        }
        return i.channelsLast(x);
    }

    private static void result(Importer i, NodeReader n, Layer layer, Step images) {
        i.give(n, Importer.channelsSecond(i.made(n, n.hint(1), layer, images, 1)));
    }

    /** Zeros around images, which become the padding of windows that follow. */
    static void pad(Importer i, NodeReader n) {
        boolean isPlain = n.text("mode", "constant").equals("constant")
                && n.real("value", 0) == 0
                && (!n.has(2) || n.number(2) == 0)
                && !n.has(3);
        long[] pads = n.has(1) ? n.wholes(1) : n.wholes("pads");
        int rank = n.flow(0).axes().length;
        if (!isPlain || pads.length != 2 * rank) {
            throw new UnreadableNode("a padding other than by zeros on every axis");
        }
        if (Arrays.stream(pads).allMatch(pad -> pad == 0)) {
            i.give(n, n.flow(0));
            return;
        }
        Step images = images(i, n);
        if (pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0) {
            throw new UnreadableNode("a padding of examples or channels");
        }
        int[] before = new int[rank - 2];
        int[] after = new int[rank - 2];
        int[] dims = images.dims.clone();
        for (int k = 0; k < before.length; k++) {
            before[k] = NodeReader.inRange("a padding", pads[k + 2], 0, Shape.MAX_SIZE / 8);
            after[k] = NodeReader.inRange("a padding", pads[rank + k + 2], 0, Shape.MAX_SIZE / 8);
            dims[k + 1] = dims[k + 1] < 0 ? i.unknownSize() : Math.addExact(dims[k + 1], before[k] + after[k]);
        }
        i.give(n, Importer.channelsSecond(i.step(n, "", new Step.Kind.Padded(before, after), dims, images)));
    }

    /** What zeros were put around. */
    private static Step withoutPadding(Step images) {
        return images.kind instanceof Step.Kind.Padded ? images.in.getFirst() : images;
    }

    /** The zeros around the input of windows, before and after each axis. */
    private static Padding padding(NodeReader n, int axes) {
        String automatic = n.text("auto_pad", "NOTSET");
        return switch (automatic) {
            case "NOTSET" -> padding(n, new int[axes], new int[axes]);
            case "VALID" -> new Padding.None();
            case "SAME_UPPER" -> new Padding.Same();
            default ->
                throw new UnreadableNode("attribute auto_pad is " + automatic + ", which puts the larger half before");
        };
    }

    /** The zeros around the input of windows, and those that were put around it before. */
    private static Padding paddingWithThatBefore(NodeReader n, int axes, Step images) {
        if (!(images.kind instanceof Step.Kind.Padded(int[] before, int[] after))) {
            return padding(n, axes);
        }
        String automatic = n.text("auto_pad", "NOTSET");
        if (!automatic.equals("NOTSET") && !automatic.equals("VALID")) {
            throw new UnreadableNode("attribute auto_pad is " + automatic + " after a padding");
        }
        return padding(n, before, after);
    }

    private static Padding padding(NodeReader n, int[] moreBefore, int[] moreAfter) {
        int axes = moreBefore.length;
        int[] pads = n.ints("pads", 2 * axes, 0, 0);
        int[] before = new int[axes];
        int[] after = new int[axes];
        boolean isNone = true;
        for (int k = 0; k < axes; k++) {
            before[k] = Math.addExact(pads[k], moreBefore[k]);
            after[k] = Math.addExact(pads[axes + k], moreAfter[k]);
            isNone &= before[k] == 0 && after[k] == 0;
        }
        return isNone ? new Padding.None() : new Padding.Fixed(before, after);
    }

    /** The weight of a convolution, [outputs x inputs / groups x ...] in the file, with its window first. */
    private static Tensor kernel(NodeReader n, int axes) {
        Tensor weight = n.weights(1);
        Importer.requireRank("its weight", weight.shape(), axes + 2);
        int[] taps = Arrays.copyOfRange(weight.shape().dims(), 2, axes + 2);
        if (n.hasAttribute("kernel_shape") && !Arrays.equals(taps, n.ints("kernel_shape", axes, 1, 1))) {
            throw new UnreadableNode("attribute kernel_shape is not that of the weight " + weight.shape());
        }
        return axes == 1 ? weight.permute(2, 1, 0) : weight.permute(2, 3, 1, 0);
    }

    static void convolution(Importer i, NodeReader n) {
        Step images = images(i, n);
        int axes = images.rank() - 2;
        Tensor kernel = kernel(n, axes);
        Tensor bias = n.weightsOrNull(2);
        int[] taps = Arrays.copyOf(kernel.shape().dims(), axes);
        Convolution.Config config = Convolution.channels(kernel.dim(-1))
                .kernel(taps)
                .stride(n.ints("strides", axes, 1, 1))
                .dilation(n.ints("dilations", axes, 1, 1))
                .groups(NodeReader.inRange("group", n.whole("group", 1), 1, Shape.MAX_SIZE))
                .padding(paddingWithThatBefore(n, axes, images))
                .weight(new FromFile(kernel));
        config = bias == null ? config.withoutBias() : config.bias(new FromFile(bias));
        Step in = withoutPadding(images);
        requireChannels(in, Math.multiplyExact((long) kernel.dim(-2), n.whole("group", 1)), n);
        result(i, n, config.create(in.shape(), KEY), in);
    }

    /** Before a layer is made for as many channels as the input is said to have. */
    private static void requireChannels(Step images, long channels, NodeReader n) {
        if (images.dims[images.rank() - 1] != channels) {
            throw new UnreadableNode("an input of " + Math.max(images.dims[images.rank() - 1], Shape.ANY)
                    + " channels does not fit the weight " + n.weights(1).shape() + " in " + n.whole("group", 1)
                    + " groups");
        }
    }

    static void transposedConvolution(Importer i, NodeReader n) {
        Step images = images(i, n);
        int axes = images.rank() - 2;
        Tensor kernel = kernel(n, axes);
        Tensor bias = n.weightsOrNull(2);
        String automatic = n.text("auto_pad", "NOTSET");
        if (!automatic.equals("NOTSET") && !automatic.equals("VALID")) {
            throw new UnreadableNode("attribute auto_pad is " + automatic);
        }
        int groups = NodeReader.inRange("group", n.whole("group", 1), 1, Shape.MAX_SIZE);
        int[] pads = n.ints("pads", 2 * axes, 0, 0);
        int[] after = Arrays.copyOfRange(pads, axes, 2 * axes);
        int[] more = n.ints("output_padding", axes, 0, 0);
        for (int k = 0; k < axes; k++) {
            after[k] -= more[k];
        }
        TransposedConvolution.Config config = TransposedConvolution.channels(Math.multiplyExact(kernel.dim(-2), groups))
                .kernel(Arrays.copyOf(kernel.shape().dims(), axes))
                .stride(n.ints("strides", axes, 1, 1))
                .dilation(n.ints("dilations", axes, 1, 1))
                .groups(groups)
                .crop(Arrays.copyOf(pads, axes), after)
                .weight(new FromFile(kernel));
        config = bias == null ? config.withoutBias() : config.bias(new FromFile(bias));
        requireChannels(images, kernel.dim(-1), n);
        result(i, n, config.create(images.shape(), KEY), images);
    }

    static void pool(Importer i, NodeReader n, boolean isMax) {
        Step images = images(i, n);
        int axes = images.rank() - 2;
        n.require("storage_order", 0, 0);
        if (!n.hasAttribute("kernel_shape")) {
            throw new UnreadableNode("attribute kernel_shape is missing");
        }
        int[] taps = n.ints("kernel_shape", axes, 1, 1);
        boolean countsPadding = n.whole("count_include_pad", 0) != 0;
        // Zeros that were put around before count in a mean; for a maximum they would be elements.
        boolean joins = !isMax
                && images.kind instanceof Step.Kind.Padded
                && (countsPadding
                        || Arrays.stream(n.ints("pads", 2 * axes, 0, 0)).allMatch(pad -> pad == 0));
        Step in = joins ? withoutPadding(images) : images;
        Pool pool = (isMax ? Pool.max(taps) : Pool.mean(taps))
                .stride(n.ints("strides", axes, 1, 1))
                .dilation(n.ints("dilations", axes, 1, 1))
                .padding(joins ? paddingWithThatBefore(n, axes, images) : padding(n, axes));
        pool = n.whole("ceil_mode", 0) != 0 ? pool.roundedUp() : pool;
        pool = isMax || joins || countsPadding ? pool : pool.withoutPadding();
        result(i, n, pool, in);
    }

    static void globalPool(Importer i, NodeReader n, boolean isMax) {
        Flow x = n.flow(0);
        if (x.axes().length < 3) {
            throw new UnreadableNode("an input of " + x.axes().length + " axes has no places");
        }
        Step images = i.channelsLast(x);
        Step pooled = i.made(n, "", isMax ? GlobalPool.MAX : GlobalPool.MEAN, images, 1);
        int[] dims = new int[images.rank()];
        Arrays.fill(dims, 1);
        dims[0] = pooled.dims[0];
        dims[dims.length - 1] = pooled.dims[1];
        i.give(n, Importer.channelsSecond(i.reshaped(pooled, dims)));
    }

    // Normalization

    /** An input with its features last, and whether they were second. */
    private static Step features(Importer i, NodeReader n) {
        return n.flow(0).axes().length > 2
                ? i.channelsLast(n.flow(0))
                : i.plain(n.flow(0)).step();
    }

    private static Flow second(Step step) {
        return step.rank() > 2 ? Importer.channelsSecond(step) : Flow.of(step);
    }

    static void batchNorm(Importer i, NodeReader n) {
        n.require("training_mode", 0, 0);
        n.require("spatial", 1, 1);
        Step x = features(i, n);
        double momentum = 1 - n.real("momentum", 0.9); // the part that a new batch has
        momentum = Double.parseDouble(Float.toString((float) momentum));
        BatchNorm.Config config =
                new BatchNorm.Config(n.real("epsilon", 1e-5), momentum > 0 && momentum <= 1 ? momentum : 0.1);
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("scale", n.weights(1));
        values.put("bias", n.weights(2));
        values.put("mean", n.weights(3));
        values.put("variance", n.weights(4));
        values.values().forEach(row -> requireFeatures(x, row));
        Layer layer = Importer.withValues(config.create(x.shape(), KEY), values);
        i.give(n, second(i.made(n, n.hint(1), layer, x, x.rank())));
    }

    /** Before a layer is made for as many features as the input is said to have. */
    private static void requireFeatures(Step x, Tensor row) {
        int features = x.dims[x.rank() - 1];
        if (!row.shape().equals(Shape.of(Math.max(features, Shape.ANY)))) {
            throw new UnreadableNode("a row " + row.shape() + " of scales, biases or statistics for "
                    + Math.max(features, Shape.ANY) + " features");
        }
    }

    static void instanceNorm(Importer i, NodeReader n) {
        Step x = features(i, n);
        Tensor scale = n.weights(1);
        Tensor bias = n.weights(2);
        requireFeatures(x, scale);
        requireFeatures(x, bias);
        Step.Kind kind = new Step.Kind.Instance(scale, bias, n.real("epsilon", 1e-5));
        i.give(n, second(i.step(n, n.hint(1), kind, x.dims, x)));
    }

    static void groupNorm(Importer i, NodeReader n) {
        Step x = features(i, n);
        int groups = NodeReader.inRange("num_groups", n.whole("num_groups", 1), 1, Shape.MAX_SIZE);
        requireFeatures(x, n.weights(1));
        requireFeatures(x, n.weights(2));
        Layer layer = GroupNorm.groups(groups).epsilon(n.real("epsilon", 1e-5)).create(x.shape(), KEY);
        Importer.withValues(layer, Map.of("scale", n.weights(1), "bias", n.weights(2)));
        i.give(n, second(i.made(n, n.hint(1), layer, x, x.rank())));
    }

    static void layerNorm(Importer i, NodeReader n) {
        Step x = i.plain(n.flow(0)).step();
        if (NodeReader.axis(n.whole("axis", -1), x.rank()) != x.rank() - 1) {
            throw new UnreadableNode("attribute axis is not that of the features, the last one");
        }
        Tensor scale = n.weights(1);
        Tensor bias = n.has(2) ? n.weights(2) : Tensor.zeros(scale.shape());
        requireFeatures(x, scale);
        requireFeatures(x, bias);
        Layer layer = new LayerNorm.Config(n.real("epsilon", 1e-5)).create(x.shape(), KEY);
        Importer.withValues(layer, Map.of("scale", scale, "bias", bias));
        i.give(n, Flow.of(i.made(n, n.hint(1), layer, x, x.rank())));
    }

    // Others

    static void prelu(Importer i, NodeReader n) {
        Flow x = n.flow(0);
        Tensor slope = n.weights(1);
        int rank = x.axes().length;
        int features = slope.size();
        Shape row = slope.shape();
        boolean isLast = row.rank() > 0 && row.dim(-1) == features;
        boolean isSecond = rank > 2 && row.rank() >= rank - 1 && row.dim(row.rank() - rank + 1) == features;
        boolean isScalar = features == 1;
        if (!isLast && !isSecond) {
            throw new UnreadableNode("slopes " + row + " for " + x.step().shape() + ": one for each channel is read");
        }
        Step step = isSecond && !isScalar ? i.channelsLast(x) : i.plain(x).step();
        int channels = step.dims[step.rank() - 1];
        if (!isScalar && channels != features) {
            throw new UnreadableNode("slopes " + row + " for " + step.shape() + ": one for each channel is read");
        }
        i.spend(Math.max(channels, 0));
        Tensor slopes = Tensor.zeros(Math.max(channels, 0));
        if (isScalar && channels > 0) {
            slopes.fill(slope.array()[slope.offset()]);
        } else {
            slopes.copyFrom(slope.reshape(features));
        }
        Layer layer = Importer.withValues(PRelu.standard().create(step.shape(), KEY), Map.of("slope", slopes));
        Step result = i.made(n, n.hint(1), layer, step, step.rank());
        i.give(n, isSecond && !isScalar ? Importer.channelsSecond(result) : Flow.of(result));
    }

    /** Rows of a constant table. */
    static void rows(Importer i, NodeReader n, long axis) {
        Tensor table = n.floats(0);
        if (axis != 0 || table.shape().rank() != 2) {
            throw new UnreadableNode(
                    "elements of a constant " + table.shape() + " along axis " + axis + "; rows of a table are read");
        }
        if (n.meaning(1) instanceof Meaning.Positions positions && !positions.isColumn()) {
            i.give(n, new Meaning.FirstRows(table, positions.size()));
            return;
        }
        if (n.isSizes(1)) {
            long[] indices = n.wholes(1);
            i.spend(Math.multiplyExact((long) indices.length, table.dim(1)));
            Tensor rows = Tensor.zeros(indices.length, table.dim(1));
            for (int k = 0; k < indices.length; k++) {
                rows.row(k).copyFrom(table.row(NodeReader.axis(indices[k], table.dim(0))));
            }
            int[] dims =
                    Arrays.copyOf(n.sizes(1).shape().dims(), n.sizes(1).shape().rank() + 1);
            dims[dims.length - 1] = table.dim(1);
            i.give(n, Folding.numbers(rows.reshape(dims)));
            return;
        }
        Step x = i.plain(n.flow(1)).step();
        Layer layer = Embedding.of(table.dim(0), table.dim(1))
                .weight(new FromFile(table))
                .create(KEY);
        i.give(n, Flow.of(i.made(n, n.hint(0), layer, x, x.rank())));
    }
}
