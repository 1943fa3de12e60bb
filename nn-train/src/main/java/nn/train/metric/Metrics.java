package nn.train.metric;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.graph.Formula;
import nn.layers.graph.Parts;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxes;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.InputChecks;
import nn.train.internal.Labels;
import nn.train.internal.Outputs;
import nn.train.loss.JointLoss;
import nn.train.loss.Loss;

/** Measures of a model on data, in inference. */
public final class Metrics {
    private Metrics() {}

    /**
     * Returns the share of rows whose largest output is that of their label. A row is an example, or one time step of
     * an example. For a single output with targets 0 and 1 see {@link #binaryAccuracy}.
     *
     * @param model a model that returns [n x classes], or [... x classes] for labels [...]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [n], or with more axes such as [time x n]: whole numbers from 0 to classes - 1
     * @return from 0 to 1; NaN if an output is NaN
     * @throws IllegalArgumentException if there are no rows, a value of x is NaN or infinite, there is only one class,
     *     or the shapes or labels do not fit
     */
    public static double accuracy(Layer model, Tensor x, Tensor labels) {
        return accuracy(model, x, labels, OptionalInt.empty());
    }

    /**
     * Returns the {@linkplain #accuracy(Layer, Tensor, Tensor) accuracy} without the rows of an ignored label, such as
     * padding; the metric {@code (m, x, y) -> Metrics.accuracy(m, x, y, loss.ignored())} ignores the label that a loss
     * ignores.
     *
     * @param model a model that returns [... x classes]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [...]: whole numbers from 0 to classes - 1, or the ignored one
     * @param ignored the label of ignored rows, if there is one
     * @return from 0 to 1; NaN if an output of another row is NaN
     * @throws IllegalArgumentException as without {@code ignored}, or if all rows are ignored
     */
    public static double accuracy(Layer model, Tensor x, Tensor labels, OptionalInt ignored) {
        return topK(model, x, labels, 1, ignored);
    }

    /**
     * Returns the share of rows whose label is among their k largest outputs. Of two equal outputs, that of the lower
     * class counts as the larger.
     *
     * @param model a model that returns [n x classes], or [... x classes] for labels [...]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [n], or with more axes: whole numbers from 0 to classes - 1
     * @param k from 1 to classes
     * @return from 0 to 1; NaN if an output is NaN
     * @throws IllegalArgumentException if k is below 1 or above the number of classes, or as for {@link
     *     #accuracy(Layer, Tensor, Tensor)}
     */
    public static double topK(Layer model, Tensor x, Tensor labels, int k) {
        return topK(model, x, labels, k, OptionalInt.empty());
    }

    /**
     * Returns the {@linkplain #topK(Layer, Tensor, Tensor, int) top-k accuracy} without the rows of an ignored label.
     *
     * @param model a model that returns [... x classes]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [...]: whole numbers from 0 to classes - 1, or the ignored one
     * @param k from 1 to classes
     * @param ignored the label of ignored rows, if there is one
     * @return from 0 to 1; NaN if an output of another row is NaN
     * @throws IllegalArgumentException as without {@code ignored}, or if all rows are ignored
     */
    public static double topK(Layer model, Tensor x, Tensor labels, int k, OptionalInt ignored) {
        if (k < 1) {
            throw new IllegalArgumentException("top k: k is " + k + "; it must be 1 or more");
        }
        long[] correct = {0};
        boolean[] undefined = {false};
        long rows = labelled(k == 1 ? "accuracy" : "top " + k, model, x, labels, ignored, (logits, row, label) -> {
            if (k > logits.dim(-1)) {
                throw new IllegalArgumentException("top k: k is " + k + ", but the model gives " + logits.dim(-1)
                        + " classes, so every row would be right; give a smaller k");
            }
            if (hasNan(logits, row)) {
                undefined[0] = true;
            } else if (rank(logits, row, label) < k) {
                correct[0]++;
            }
        });
        return undefined[0] ? Double.NaN : (double) correct[0] / rows;
    }

    private static boolean hasNan(Tensor logits, int row) {
        int classes = logits.dim(-1);
        int at = logits.offset() + row * classes;
        for (int j = 0; j < classes; j++) {
            if (Float.isNaN(logits.array()[at + j])) {
                return true;
            }
        }
        return false;
    }

    /** Returns the number of outputs of a row that are ranked before that of a label, see {@link #topK}. */
    private static int rank(Tensor logits, int row, int label) {
        int classes = logits.dim(-1);
        int at = logits.offset() + row * classes;
        float own = logits.array()[at + label];
        int before = 0;
        for (int j = 0; j < classes; j++) {
            float other = logits.array()[at + j];
            if (other == own ? j < label : other > own) {
                before++;
            }
        }
        return before;
    }

    /**
     * Counts the predicted classes for each true class.
     *
     * @param model a model that returns [n x classes], or [... x classes] for labels [...]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [n], or with more axes: whole numbers from 0 to classes - 1
     * @return the counts
     * @throws IllegalArgumentException if an output is NaN, the heap cannot hold classes x classes counts, or as for
     *     {@link #accuracy(Layer, Tensor, Tensor)}
     */
    public static ConfusionMatrix confusion(Layer model, Tensor x, Tensor labels) {
        return confusion(model, x, labels, OptionalInt.empty());
    }

    /**
     * {@linkplain #confusion(Layer, Tensor, Tensor) Counts} the predicted classes without the rows of an ignored label.
     *
     * @param model a model that returns [... x classes]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param labels [...]: whole numbers from 0 to classes - 1, or the ignored one
     * @param ignored the label of ignored rows, if there is one
     * @return the counts
     * @throws IllegalArgumentException as without {@code ignored}, or if all rows are ignored
     */
    public static ConfusionMatrix confusion(Layer model, Tensor x, Tensor labels, OptionalInt ignored) {
        long[][][] counts = new long[1][][];
        labelled("confusion matrix", model, x, labels, ignored, (logits, row, label) -> {
            if (counts[0] == null) {
                counts[0] = emptyCounts(logits.dim(-1));
            }
            if (hasNan(logits, row)) {
                throw new IllegalArgumentException("confusion matrix: the model's output for a row of label " + label
                        + " is NaN, so no class is predicted; check the model with InitReport, or check its loss");
            }
            counts[0][label][predicted(logits, row)]++;
        });
        return new ConfusionMatrix(counts[0]);
    }

    /** Returns the class of the largest output; the lowest such class. */
    private static int predicted(Tensor logits, int row) {
        int classes = logits.dim(-1);
        int at = logits.offset() + row * classes;
        int largest = 0;
        for (int j = 1; j < classes; j++) {
            if (logits.array()[at + j] > logits.array()[at + largest]) {
                largest = j;
            }
        }
        return largest;
    }

    private static long[][] emptyCounts(int classes) {
        Runtime heap = Runtime.getRuntime();
        long bytes = (long) classes * classes * Long.BYTES;
        String needed = "confusion matrix: " + classes + " classes need " + bytes + " bytes of counts, and the heap has"
                + " only ";
        String instead = "; measure accuracy or topK instead, or give the JVM more by -Xmx";
        // The counts are allocated row by row. Rows that cannot all fit would first take the heap from other threads.
        if (bytes >= heap.maxMemory()) {
            throw new IllegalArgumentException(needed + heap.maxMemory() + instead);
        }
        try {
            return new long[classes][classes];
        } catch (OutOfMemoryError e) {
            long free = heap.maxMemory() - heap.totalMemory() + heap.freeMemory();
            throw new IllegalArgumentException(needed + free + " free of " + heap.maxMemory() + instead, e);
        }
    }

    private interface LabelledRow {
        void accept(Tensor logits, int row, int label);
    }

    /** Passes each row of logits and its label to a consumer, after checks; returns the number of rows not ignored. */
    private static long labelled(
            String user, Layer model, Tensor x, Tensor labels, OptionalInt ignored, LabelledRow consumer) {
        InputChecks.requireUsable("x", x);
        InputChecks.requireUsable("labels", labels);
        Objects.requireNonNull(ignored, "ignored");
        Tensor logits = Outputs.of(model, x);
        Labels.requireLogits(user, logits);
        int classes = logits.dim(-1);
        if (classes == 1) {
            throw new IllegalArgumentException(user + ": the model returns one output, so there is one class only; for"
                    + " targets 0 and 1 use Metrics::binaryAccuracy or Metrics::auc");
        }
        Labels.requireOnePerRow(user, logits, labels);
        long counted = 0;
        for (int row = 0; row < labels.size(); row++) {
            if (!Labels.isIgnored(labels, row, ignored)) {
                consumer.accept(logits, row, Labels.at(user, labels, row, classes));
                counted++;
            }
        }
        if (counted == 0) {
            throw new IllegalArgumentException(user + ": all " + labels.size() + " labels are " + ignored.getAsInt()
                    + ", which is ignored, so there is nothing to measure");
        }
        return counted;
    }

    /**
     * Returns the share of correct binary predictions, for logits as {@link nn.train.loss.SigmoidCrossEntropy} takes
     * them: an output above 0, which is a probability above 1/2, predicts 1, and any other output 0.
     *
     * @param model a model that returns logits of the shape of {@code targets}, such as [n x 1]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param targets 0 or 1 each
     * @return from 0 to 1, over all elements; NaN if an output is NaN
     * @throws IllegalArgumentException if there are no rows, a value of x is NaN or infinite, the shapes do not fit, or
     *     a target is neither 0 nor 1
     */
    public static double binaryAccuracy(Layer model, Tensor x, Tensor targets) {
        return binaryAccuracy(model, x, targets, 0);
    }

    /**
     * Returns the share of correct binary predictions for a threshold. A model that ends with a sigmoid returns
     * probabilities and needs {@code (m, x, y) -> Metrics.binaryAccuracy(m, x, y, 0.5)}.
     *
     * @param model a model that returns outputs of the shape of {@code targets}, such as [n x 1]
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param targets 0 or 1 each
     * @param threshold an output above it predicts 1, and any other output 0; finite
     * @return from 0 to 1, over all elements; NaN if an output is NaN
     * @throws IllegalArgumentException if the threshold is NaN or infinite, or as without a threshold
     */
    public static double binaryAccuracy(Layer model, Tensor x, Tensor targets, double threshold) {
        if (!Double.isFinite(threshold)) {
            throw new IllegalArgumentException(
                    "binary accuracy: the threshold is " + threshold + "; it must be finite");
        }
        long[] correct = {0};
        boolean[] undefined = {false};
        binaryOutputs("binary accuracy", model, x, targets, (output, positive) -> {
            undefined[0] |= Float.isNaN(output);
            correct[0] += (output > threshold) == positive ? 1 : 0;
        });
        return undefined[0] ? Double.NaN : (double) correct[0] / targets.size();
    }

    /**
     * Returns the area under the ROC curve: among all pairs of an example with target 1 and one with target 0, the
     * share in which the first has the higher output, where equal outputs count 1/2 (Mann and Whitney's U over the
     * number of pairs). It is 1 if a threshold separates the two, and 1/2 for outputs that carry no information.
     *
     * @param model a model that returns one output for each example, [n x 1], a logit or a probability
     * @param x the inputs, [n x ...] or [time x n x ...]
     * @param targets [n x 1], or of the output's shape: 0 or 1 each, with at least one 0 and one 1
     * @return from 0 to 1; NaN if an output is NaN
     * @throws IllegalArgumentException if there are no rows, a value of x is NaN or infinite, the shapes do not fit,
     *     the model returns several outputs, a target is neither 0 nor 1, or all targets are equal
     */
    public static double auc(Layer model, Tensor x, Tensor targets) {
        String user = "AUC";
        Objects.requireNonNull(targets, "targets");
        if (targets.shape().rank() > 1 && targets.dim(-1) != 1) {
            throw new IllegalArgumentException(user + ": targets of shape " + targets.shape() + " are "
                    + targets.dim(-1) + " answers for each example; measure one output at a time, [n x 1]");
        }
        float[] scores = new float[targets.size()]; // those of target 1 from the front, those of target 0 from the back
        int[] ends = {0, scores.length};
        boolean[] undefined = {false};
        binaryOutputs(user, model, x, targets, (output, positive) -> {
            undefined[0] |= Float.isNaN(output);
            scores[positive ? ends[0]++ : --ends[1]] = output + 0f; // turns -0, which would be sorted before 0, into 0
        });
        int ones = ends[0];
        int zeros = scores.length - ones;
        if (ones == 0 || zeros == 0) {
            throw new IllegalArgumentException(user + ": all " + scores.length + " targets are " + (ones == 0 ? 0 : 1)
                    + "; it compares examples of both, so give at least one of each");
        }
        if (undefined[0]) {
            return Double.NaN;
        }
        Arrays.sort(scores, 0, ones);
        Arrays.sort(scores, ones, scores.length);
        long halves = 0; // 2 for each pair in order, 1 for equal outputs
        int below = ones;
        int upTo = ones;
        for (int i = 0; i < ones; i++) {
            while (below < scores.length && scores[below] < scores[i]) {
                below++;
            }
            while (upTo < scores.length && scores[upTo] <= scores[i]) {
                upTo++;
            }
            halves += (long) (below - ones) + (upTo - ones);
        }
        return halves / (2.0 * ones * zeros);
    }

    private interface BinaryConsumer {
        void accept(float output, boolean positive);
    }

    /** Passes each output and its target to a consumer, after checks. */
    private static void binaryOutputs(String user, Layer model, Tensor x, Tensor targets, BinaryConsumer consumer) {
        InputChecks.requireUsable("x", x);
        InputChecks.requireUsable("targets", targets);
        Tensor output = Outputs.of(model, x);
        ElementwiseChecks.requireSameShape(user, output, targets);
        for (int i = 0; i < targets.size(); i++) {
            float target = targets.array()[targets.offset() + i];
            if (target != 0 && target != 1) {
                throw new IllegalArgumentException(user + ": target " + target + " in "
                        + InputChecks.place(targets.shape(), i)
                        + "; it must be 0 or 1");
            }
            consumer.accept(output.array()[output.offset() + i], target == 1);
        }
    }

    /**
     * Returns the coefficient of determination, {@code 1 - sum (y - output)^2 / sum (y - mean)^2}. Each feature (index
     * along the last axis) has its own mean over all rows, which are examples and, in sequences, their steps; both sums
     * are over rows and features. It is 1 for a perfect model, 0 for one that always returns the mean, and below 0 for
     * a worse one.
     *
     * @param model a model that returns outputs of the shape of y
     * @param x the inputs: [n x ...], or [time x n x ...] for a model of time-major sequences
     * @param y the targets [n], [n x features], or with more leading axes; not all rows equal
     * @return at most 1
     * @throws IllegalArgumentException if there are no rows, a value is NaN or infinite, the shapes do not fit, or all
     *     rows of y are equal
     */
    public static double rSquared(Layer model, Tensor x, Tensor y) {
        InputChecks.requireUsable("x", x);
        InputChecks.requireUsable("y", y);
        BatchAxes axes = BatchAxes.of(model);
        requireSameCount("R squared", axes, x, y);
        int width = y.shape().rank() == 1 ? 1 : y.dim(-1);
        int n = y.size() / width;
        double[] means = new double[width];
        for (int i = 0; i < y.size(); i++) {
            means[i % width] += y.array()[y.offset() + i] / (double) n;
        }
        double spread = 0;
        boolean varies = false; // by comparison: the rounded mean of equal values may differ from them
        for (int i = 0; i < y.size(); i++) {
            double d = y.array()[y.offset() + i] - means[i % width];
            spread += d * d;
            varies |= y.array()[y.offset() + i] != y.array()[y.offset() + i % width];
        }
        if (!varies) {
            throw new IllegalArgumentException(
                    "R squared: all " + n + " rows of y are equal, so there is no variance to explain");
        }
        Tensor output = Outputs.of(model, x);
        ElementwiseChecks.requireSameShape("R squared", output, y);
        double squares = 0;
        for (int i = 0; i < output.size(); i++) {
            double d = (double) y.array()[y.offset() + i] - output.array()[output.offset() + i];
            squares += d * d;
        }
        return 1 - squares / spread;
    }

    /**
     * Returns the loss of a model on data, in inference: the mean or the sum over all examples, by the loss's
     * {@linkplain Loss#reduction reduction}. Examples go through the model in chunks along its {@linkplain
     * Layer#batchAxis batch axis}; the loss is computed from all outputs at once, so its bits do not depend on the
     * chunks.
     *
     * @param model a model whose outputs the loss takes
     * @param loss the loss
     * @param x the inputs: [n x ...], or [time x n x ...] for a model of time-major sequences
     * @param y the targets of all outputs
     * @return the loss; not finite if an output is not
     * @throws IllegalArgumentException if there are no examples, a value is NaN or infinite, or the model or the loss
     *     refuses the data
     */
    public static double loss(Layer model, Loss loss, Tensor x, Tensor y) {
        Objects.requireNonNull(loss, "loss");
        InputChecks.requireUsable("x", x);
        InputChecks.requireUsable("y", y);
        BatchAxes.of(model).requireSameCount(x, y);
        return loss.checked(Outputs.of(model, x), y, Context.inference()).value();
    }

    /**
     * Returns a metric of one output of a model that has several.
     *
     * <pre>{@code
     * FitOptions fit = FitOptions.epochs(10).validation(held)
     *         .metric("digit accuracy", Metrics.ofOutput("digit", joint, Metrics::accuracy));
     * }</pre>
     *
     * @param output its name
     * @param loss knows the parts of outputs and targets
     * @param metric of that output and its targets
     * @return a metric of the whole model, with packed outputs [n x numbers] and targets [n x numbers]
     * @throws IllegalArgumentException if there is no such output, or an output has no loss
     */
    public static Metric ofOutput(String output, JointLoss loss, Metric metric) {
        Objects.requireNonNull(metric, "metric");
        Parts outputs = loss.outputs();
        Parts targets = loss.targets();
        int from = outputs.offset(output);
        int to = from + outputs.shape(output).size();
        int[] dims = outputs.shape(output, Shape.ANY).dims();
        return (model, x, y) -> metric.of(
                Formula.of(
                        "output '" + output + "'",
                        n -> n.through(model).slice(1, from, to).reshape(dims)),
                x,
                targets.unpack(y, output));
    }

    private static void requireSameCount(String user, BatchAxes axes, Tensor x, Tensor y) {
        if (x.shape().rank() <= axes.in() || y.shape().rank() <= axes.out() || x.dim(axes.in()) != y.dim(axes.out())) {
            throw new IllegalArgumentException(user + ": x of shape " + x.shape() + " and y of shape " + y.shape()
                    + " differ in the number of examples");
        }
    }
}
