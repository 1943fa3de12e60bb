package nn.layers.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import nn.layers.BatchParts;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.layers.PartProducts;
import nn.layers.Pass;
import nn.layers.ReleaseCheck;
import nn.layers.Workspace;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Checks everything about a layer that networks, trainers and their users rely on:
 *
 * <pre>{@code
 * LayerContract.standard().check(layer, x).throwIfFailed();
 * }</pre>
 *
 * <ul>
 *   <li>its <b>gradients</b> are the slopes of its output, for the input and every parameter, in training and, if it
 *       behaves differently there, in inference; passes do not change the input, the parameters or the given gradient,
 *       and add to gradients (all by {@link GradientCheck});
 *   <li>{@code outputShape} gives the <b>shape</b> of the output, also with free dimensions; an input that it refuses
 *       is refused by {@code forward} too, by a {@link ShapeException} that names the expected and the actual shape;
 *   <li>the same key gives the <b>same bits</b>, whatever scratch tensors hold at first or after they are {@linkplain
 *       Context#release released}, and passes in training change nothing that inference depends on;
 *   <li><b>views</b>, such as some rows of a tensor, give the same bits as copies of them;
 *   <li><b>two passes at a time</b> do not disturb each other, as a pass keeps its tensors in its own fields and not in
 *       the layer's; nor do 8 threads in inference;
 *   <li><b>steps one after another</b> in a {@link Workspace}, which reuses its tensors, give the same bits as each
 *       step alone: on the given data, other data, fewer rows and the given data again;
 *   <li>its backward pass reads only parameters and what its forward pass {@linkplain Pass#save <b>saved</b>}, as all
 *       other tensors may hold other values by then;
 *   <li>a pullback for the <b>parameters only</b> gives the same gradients of the parameters;
 *   <li>in inference a <b>row</b> gets the same bits alone as in a batch, unless the layer does not promise that
 *       ({@link #withoutRows}); and {@link Layer#batchAxis} accepts the axis of these rows, but no axis along which the
 *       layer combines elements;
 *   <li>{@linkplain BatchParts parts} of a batch that are run <b>at once</b> get the same bits as each part by itself,
 *       in training too, if rows are the first axis of input and output: so a layer that says that it is {@linkplain
 *       Layer#isRowwise row-wise} is;
 *   <li>its children are <b>run by the context</b> ({@link Context#run(Pass, Tensor)}), so that LSUV and the search for
 *       non-finite values see them;
 *   <li>{@link Layer#parameters}, {@link Layer#children} and {@link Layer#parametersByPath} <b>agree</b>, and return
 *       the same objects at every call;
 *   <li>a layer that <b>draws</b> random numbers draws different ones in each place of a pass ({@link
 *       Context#key(Key)});
 *   <li>the row for <b>padding</b> of a parameter ({@link Parameter#paddingRow}) is zero and gets no gradient;
 *   <li>if it <b>describes itself</b> by {@link Layer#linearMap} or {@link Layer#activation}, it computes just that in
 *       inference;
 *   <li>its <b>parameters are its whole state</b>: copied out and back, by path, they give the same bits, so a file of
 *       them is the model;
 *   <li>in inference it computes with the values of parameters that the <b>context</b> gives ({@link Context#value}).
 * </ul>
 *
 * <p>A failure names the entry and its error. ({@link Pass} itself refuses a second call of a pullback, for every
 * layer.)
 *
 * @param gradients how gradients are checked
 * @param rows the batch axes of input and output; empty if the layer promises nothing for a row alone
 */
public record LayerContract(GradientCheck gradients, Optional<Rows> rows) {
    private static final int THREADS = 8;
    private static final int PASSES = 3;
    private static final int PLACES = 10;

    /** Allowed error of a nonlinearity that is computed in float, as a share of 1 + |value|. */
    private static final double ROUNDING = 1e-5;

    /**
     * The axes that count the examples.
     *
     * @param input the axis of the input, from 0
     * @param output the axis of the output, from 0
     */
    public record Rows(int input, int output) {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if one is negative
         */
        public Rows {
            if (input < 0 || output < 0) {
                throw new IllegalArgumentException("layer contract: rows are axis " + input + " of the input and axis "
                        + output + " of the output; axes are counted from 0");
            }
        }

        private void requireIn(String what, int axis, Shape shape) {
            if (axis >= shape.rank()) {
                throw new IllegalArgumentException("layer contract: rows are axis " + axis + " of the " + what
                        + ", which has the shape " + shape + "; name the right axes by withRows, or check"
                        + " withoutRows()");
            }
        }
    }

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public LayerContract {
        Objects.requireNonNull(gradients, "gradients");
        Objects.requireNonNull(rows, "rows");
    }

    /**
     * Returns a contract for layers whose batch is the first axis of input and output. Gradients are checked by {@link
     * GradientCheck#standard}.
     *
     * @return the contract
     */
    public static LayerContract standard() {
        return new LayerContract(GradientCheck.standard(), Optional.of(new Rows(0, 0)));
    }

    /**
     * Returns this contract for layers whose batch is another axis: 1 and 1 for a sequence, 1 and 0 for its last step.
     *
     * @param input axis of the input
     * @param output axis of the output
     * @return the new contract
     */
    public LayerContract withRows(int input, int output) {
        return new LayerContract(gradients, Optional.of(new Rows(input, output)));
    }

    /**
     * Returns this contract for layers that promise nothing for a row alone.
     *
     * @return the new contract
     */
    public LayerContract withoutRows() {
        return new LayerContract(gradients, Optional.empty());
    }

    /**
     * Returns this contract with another check of gradients: {@link GradientCheck#ofParameters} for layers that take
     * indices.
     *
     * @param check the check
     * @return the new contract
     */
    public LayerContract with(GradientCheck check) {
        return new LayerContract(check, rows);
    }

    /**
     * Checks a layer at an input. Parameters are changed during the check, and then restored to the bit.
     *
     * @param layer the layer; no other thread may use it during the check
     * @param x a batch of a few rows that it takes, no two alike; not changed
     * @return the largest error of the gradients, and the failures, a sentence each
     * @throws IllegalArgumentException if the input or an output is not finite, or does not have the axis of the rows
     */
    public GradientCheck.Result check(Layer layer, Tensor x) {
        return new Run(layer, x).result();
    }

    /**
     * A number of the output, by a layer's description of itself.
     *
     * @param value the number
     * @param allowed by how much rounding may change it
     */
    private record Entry(double value, double allowed) {}

    /** The output by a description, by row and unit. */
    private interface Described {
        Entry at(int row, int unit);
    }

    /** A check in progress. */
    private final class Run {
        private final Layer layer;
        private final Tensor x;
        private final Key key = gradients.key().child("contract");
        private final List<String> failures = new ArrayList<>();

        Run(Layer layer, Tensor x) {
            this.layer = Objects.requireNonNull(layer, "layer");
            this.x = Objects.requireNonNull(x, "x");
        }

        GradientCheck.Result result() {
            try {
                layersAndParametersAgree();
            } catch (IllegalArgumentException | NullPointerException e) {
                return new GradientCheck.Result(0, "", List.of(String.valueOf(e.getMessage())));
            }
            rows.ifPresent(axes -> axes.requireIn("input", axes.input(), x.shape()));
            GradientCheck.Result slopes = gradients.check(layer, x);
            failures.addAll(slopes.failures());
            double worstError = slopes.worstError();
            String where = slopes.where();
            Tensor inferred;
            try {
                inferred = infer(x);
            } catch (ShapeException e) { // an output of another shape than promised
                return slopes;
            }
            rows.ifPresent(axes -> axes.requireIn("output", axes.output(), inferred.shape()));
            if (gradients.training()
                    && difference("", forward(x, training()).output(), inferred).isPresent()) {
                GradientCheck.Result more = gradients.inInference().check(layer, x);
                more.failures().forEach(failure -> failures.add("in inference: " + failure));
                if (more.worstError() > worstError) {
                    worstError = more.worstError();
                    where = more.where();
                }
            }
            try {
                otherChecks(inferred);
            } catch (ShapeException | NullPointerException | IllegalStateException e) { // no pass, or no gradient
                if (!failures.contains(e.getMessage())) {
                    failures.add(e.getMessage());
                }
            }
            return new GradientCheck.Result(worstError, where, failures);
        }

        private void otherChecks(Tensor inferred) {
            freeDimensions(inferred.shape());
            otherShapes();
            sameBits(inferred);
            views();
            twoPassesAtATime();
            stepsInAWorkspace();
            parametersOnly();
            rows.ifPresent(axes -> rowsAlone(axes, inferred));
            rows.ifPresent(axes -> batchAxes(axes, inferred));
            rows.filter(axes -> axes.input() == 0 && axes.output() == 0).ifPresent(axes -> partsAtOnce());
            childrenAreRun();
            descriptionsHold(inferred);
            parametersAreAll(inferred);
            parametersOfTheContext(inferred);
            drawsDifferInEachPlace();
            severalThreads(inferred);
        }

        /** Compares the parameters that the walk of the layers finds with those that the layer lists. */
        private void layersAndParametersAgree() {
            layer.layersByPath();
            Layer container = new Only(layer); // walks the layers even if parametersByPath is overridden
            List<Parameter> found = List.copyOf(container.parametersByPath().values());
            List<Parameter> listed = List.copyOf(layer.parametersByPath().values());
            if (!isSame(found, listed)) {
                throw new IllegalArgumentException("parametersByPath() gives " + listed + ", but parameters() and"
                        + " children() lead to " + found + ": a model with this layer uses the latter; override"
                        + " only parameters() and children()");
            }
            List<Parameter> missing = new ArrayList<>(layer.parameters());
            missing.removeAll(found);
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException("parameters() gives " + missing + " at one call and not at another:"
                        + " make parameters once, in the constructor");
            }
        }

        private static boolean isSame(List<Parameter> a, List<Parameter> b) {
            return a.size() == b.size() && a.containsAll(b); // parameters are equal only to themselves
        }

        /** Checks that a layer that draws random numbers draws different ones in each place. */
        private void drawsDifferInEachPlace() {
            Tensor output = forward(x, training()).output().copy();
            Pass other = forward(x, Context.training(key.child("other")));
            if (difference("", output, other.output()).isEmpty()) {
                return;
            }
            Context pass = training();
            forward(x, pass);
            for (int place = 2; place <= PLACES; place++) { // few elements may be equal by chance
                if (difference("", output, forward(x, pass).output()).isPresent()) {
                    return;
                }
            }
            failures.add("it draws random numbers, but the same ones in every place of a pass: draw them with the key"
                    + " context.key(own), for the layer's own key, and not with context.key()");
        }

        private Context training() {
            return Context.training(key);
        }

        /** Runs the layer on a copy of the input, in case it writes into it. */
        private Pass forward(Tensor input, Context context) {
            return layer.forward(input.copy(), context);
        }

        private Tensor infer(Tensor input) {
            return forward(input, Context.inference()).output().copy();
        }

        private Tensor cotangent(Shape shape) {
            Tensor cotangent = Tensor.zeros(shape);
            key.child("cotangent").normal(cotangent, 0, 1);
            return cotangent;
        }

        /** Returns the gradients of a pass, by name; the one at the input is called x. */
        private Map<String, Tensor> gradientsOf(Pass pass) {
            return gradientsOf(pass, cotangent(pass.output().shape()));
        }

        private Map<String, Tensor> gradientsOf(Pass pass, Tensor dOutput) {
            Gradients into = new Gradients(layer);
            Map<String, Tensor> result = new LinkedHashMap<>();
            result.put("x", pass.pullback(dOutput, into).copy());
            result.putAll(ofParameters(into));
            return result;
        }

        private Map<String, Tensor> ofParameters(Gradients into) {
            Map<String, Tensor> result = new LinkedHashMap<>();
            layer.parametersByPath().forEach((path, p) -> result.put(path, gradient(into, p)));
            return result;
        }

        private static Tensor named(String name, Map<String, Tensor> gradients) {
            return Objects.requireNonNull(
                    gradients.get(name),
                    () -> "there is no gradient of " + name + ": parametersByPath() gives other paths at a second"
                            + " call");
        }

        /** Returns a parameter's gradient, or the change of a statistic. */
        private static Tensor gradient(Gradients into, Parameter p) {
            return p.kind() == Parameter.Kind.STATISTIC ? into.statistic(p).change() : into.of(p);
        }

        private void compare(String name, Tensor was, Tensor is, String complaint) {
            difference(name, was, is).ifPresent(text -> failures.add(text + ": " + complaint));
        }

        private Optional<String> difference(String name, Tensor was, Tensor is) {
            return Entries.difference(name, was, is);
        }

        private void compareGradients(Map<String, Tensor> was, Map<String, Tensor> is, String complaint) {
            was.forEach((name, gradient) -> compare("the gradient of " + name, gradient, named(name, is), complaint));
        }

        private void freeDimensions(Shape real) {
            for (int axis = 0; axis < x.shape().rank(); axis++) {
                int[] dims = x.shape().dims();
                dims[axis] = Shape.ANY;
                Shape free = Shape.of(dims);
                try {
                    Shape promised = layer.outputShape(free);
                    if (!promised.matches(real)) {
                        failures.add("outputShape promises " + promised + " for an input of shape " + free
                                + ", but forward gives " + real + " for one of " + x.shape());
                    }
                } catch (ShapeException e) {
                    // a dimension that has to be known
                } catch (RuntimeException e) {
                    failures.add("outputShape throws " + e + " for an input of shape " + free
                            + "; accept a free dimension, or throw a ShapeException");
                }
            }
        }

        private void otherShapes() {
            int rank = x.shape().rank();
            List<Shape> others = new ArrayList<>(List.of(Shape.of()));
            if (rank > 0) {
                others.add(x.shape().withLast(x.dim(-1) + 1));
                others.add(x.shape().withoutFirst());
            }
            int[] longer = new int[rank + 1];
            longer[0] = 2;
            System.arraycopy(x.shape().dims(), 0, longer, 1, rank);
            others.add(Shape.of(longer));
            others.forEach(this::otherShape);
        }

        private void otherShape(Shape shape) {
            Tensor input = Tensor.zeros(shape);
            input.fill(1f);
            Optional<Shape> promised = Optional.empty();
            try {
                promised = Optional.of(layer.outputShape(shape));
            } catch (ShapeException e) {
                requireBothShapes(e, "outputShape");
            } catch (RuntimeException e) {
                failures.add("outputShape throws " + e + " for an input of shape " + shape
                        + "; throw a ShapeException for a shape that the layer cannot take");
                return;
            }
            try {
                Shape real = forward(input, Context.inference()).output().shape();
                if (promised.isEmpty()) {
                    failures.add("outputShape refuses an input of shape " + shape + ", but forward takes it");
                } else if (!promised.get().equals(real)) {
                    failures.add("outputShape promises " + promised.get() + " for an input of shape " + shape
                            + ", but forward gives " + real);
                }
            } catch (ShapeException e) {
                if (promised.isPresent()) {
                    failures.add("outputShape takes an input of shape " + shape + ", but forward refuses it: "
                            + e.getMessage());
                }
                requireBothShapes(e, "forward");
            } catch (RuntimeException e) {
                if (promised.isEmpty()) {
                    failures.add("forward throws " + e + " for an input of shape " + shape
                            + "; throw a ShapeException for a shape that the layer cannot take");
                }
            }
        }

        /** Checks that an exception about a shape names the expected and the actual one. */
        private void requireBothShapes(ShapeException e, String method) {
            String message = String.valueOf(e.getMessage());
            if (e.expected() == null || e.expected().isEmpty() || !message.contains(e.expected())) {
                failures.add(method + " refuses a shape without naming the expected one: " + message);
            }
            if (e.actual() == null || !message.contains(e.actual().toString())) {
                failures.add(method + " refuses a shape without naming the actual one: " + message);
            }
        }

        private void sameBits(Tensor inferred) {
            Pass pass = forward(x, training());
            Tensor output = pass.output().copy();
            Map<String, Tensor> gradient = gradientsOf(pass);
            Pass again = forward(x, training());
            compare("output", output, again.output(), "a second pass with the same key gives other bits");
            compareGradients(gradient, gradientsOf(again), "a second pass with the same key gives other bits");
            String complaint =
                    "with scratch tensors that hold NaN at first; write every element of a tensor that Context.empty"
                            + " gives";
            Pass poisoned = forward(x, new ReleaseCheck(training()));
            compare("output", output, poisoned.output(), complaint);
            compareGradients(gradient, gradientsOf(poisoned), complaint);
            releases(output, gradient);
            compare(
                    "output in inference",
                    inferred,
                    infer(x),
                    "passes in training left something behind; store what is learned in a parameter");
        }

        /** Checks tensors that begin in the middle of an array, as some rows of a tensor do. */
        private void views() {
            String complaint = "of a view; its values begin at offset() of its array(), not at 0";
            Pass pass = forward(x, training());
            Tensor output = pass.output().copy();
            Map<String, Tensor> gradient = gradientsOf(pass);
            Pass ofView = layer.forward(view(x), training());
            compare("output", output, ofView.output(), complaint);
            compareGradients(gradient, gradientsOf(ofView, view(cotangent(output.shape()))), complaint);
        }

        private static Tensor view(Tensor values) {
            Tensor view = Tensor.wrap(new float[values.size() + 3], 3, values.shape());
            view.copyFrom(values);
            return view;
        }

        /**
         * Checks that the layer does not release its input or the gradient at its output, which the caller may read
         * again.
         */
        private void releases(Tensor output, Map<String, Tensor> gradient) {
            String complaint = "it was released within the layer; release only scratch tensors that the layer itself"
                    + " asked for, has not returned, and does not read again";
            ReleaseCheck context = new ReleaseCheck(training());
            Tensor input = context.empty(x.shape());
            input.copyFrom(x);
            Pass pass = layer.forward(input, context);
            compare("the input", x, input, complaint);
            compare("output", output, pass.output(), complaint);
            Tensor given = cotangent(output.shape());
            Tensor dOutput = context.empty(output.shape());
            dOutput.copyFrom(given);
            Tensor dx = pass.pullback(dOutput, new Gradients(layer));
            compare("the gradient at the output", given, dOutput, complaint);
            compare("the gradient of x", named("x", gradient), dx, complaint);
        }

        private void twoPassesAtATime() {
            Tensor other = reversed();
            Map<String, Tensor> alone = gradientsOf(forward(x, training()));
            Pass first = forward(x, training());
            Tensor output = first.output().copy();
            Pass between = forward(other, training());
            String complaint =
                    "with another pass between; keep what a pass needs in its own fields, not in the layer's";
            compare("output", output, first.output(), complaint);
            gradientsOf(between);
            compareGradients(alone, gradientsOf(first), complaint);
        }

        /** Returns the same numbers in reverse order, so that indices remain indices. */
        private Tensor reversed() {
            Tensor other = x.copy();
            for (int i = 0; i < x.size(); i++) {
                other.array()[i] = x.array()[x.offset() + x.size() - 1 - i];
            }
            return other;
        }

        private void stepsInAWorkspace() {
            Tensor other = reversed();
            List<Tensor> inputs = new ArrayList<>(List.of(x.copy(), other, x.copy()));
            rows.filter(axes -> x.dim(axes.input()) > 2)
                    .ifPresent(axes ->
                            inputs.addAll(1, List.of(slice(other, axes.input(), 0, x.dim(axes.input()) - 1), other)));
            Workspace workspace = new Workspace();
            Pass pass = layer.newPass();
            for (int step = 0; step < inputs.size(); step++) {
                Pass alone = forward(inputs.get(step), training());
                Tensor output = alone.output().copy();
                workspace.begin(key);
                workspace.run(pass, inputs.get(step));
                String complaint = "at step " + (step + 1) + " in a Workspace, on an input of shape "
                        + inputs.get(step).shape() + "; a step must not depend on the step before";
                compare("output", output, pass.output(), complaint);
                compareGradients(gradientsOf(alone), gradientsOf(pass), complaint);
            }
        }

        private void parametersOnly() {
            Map<String, Tensor> whole = gradientsOf(forward(x, training()));
            Gradients into = new Gradients(layer);
            Pass pass = forward(x, training());
            pass.pullbackParameters(cotangent(pass.output().shape()), into);
            whole.remove("x");
            compareGradients(whole, ofParameters(into), "by backwardParameters, compared with backward");
        }

        private void rowsAlone(Rows axes, Tensor together) {
            for (int i = 0; i < x.dim(axes.input()); i++) {
                Tensor alone = infer(slice(x, axes.input(), i, 1));
                Tensor among = slice(together, axes.output(), i, 1);
                Optional<String> text = difference("output", among, alone);
                if (text.isPresent()) {
                    failures.add("row " + i + ": " + text.get() + ": alone it gets other bits than in the batch; if the"
                            + " layer promises nothing for a row alone, check it withoutRows()");
                    return;
                }
            }
        }

        /** Runs two parts of the batch at once, and compares with one after the other. */
        private void partsAtOnce() {
            int half = (x.dim(0) + 1) / 2;
            int[] edges = {0, half, x.dim(0)};
            List<Parameter> parameters = List.copyOf(layer.parametersByPath().values());
            Tensor cotangent = cotangent(infer(x).shape());
            BatchParts parts = new BatchParts(training(), parameters);
            parts.begin(new PartProducts(2), 0, 2);
            List<Gradients> apart = new ArrayList<>();
            List<Gradients> together = new ArrayList<>();
            List<Pass> passes = new ArrayList<>();
            List<Tensor> slopes = new ArrayList<>();
            for (int i = 0; i < 2 && edges[i] < edges[i + 1]; i++) {
                Gradients own = new Gradients(parameters);
                own.beginPart();
                try {
                    Pass pass = layer.forward(x.rows(edges[i], edges[i + 1]), Context.training(key.child(i)));
                    slopes.add(pass.pullback(cotangent.rows(edges[i], edges[i + 1]), own));
                    passes.add(pass);
                } catch (IllegalArgumentException e) {
                    return; // it needs more rows
                }
                apart.add(own);
                together.add(new Gradients(parameters));
                parts.add(i, edges[i + 1] - edges[i], key, together.get(i));
            }
            Pass pass = Pass.of(layer);
            Tensor dx;
            try {
                parts.context().run(pass, x);
                dx = pass.pullback(cotangent, parts.gradients());
            } catch (UnsupportedOperationException e) {
                return; // it uses a weight twice, so its parts are not run at once
            }
            parts.end();
            String complaint = "in parts of a batch that are run at once, compared with each part by itself; a layer"
                    + " whose rows depend on each other, that draws other than by Pass.draw, or that runs its children"
                    + " in a context of its own, is not row-wise: let its isRowwise() return false";
            for (int i = 0; i < passes.size(); i++) {
                compare(
                        "output",
                        passes.get(i).output(),
                        parts.rows(pass.output()).get(i),
                        complaint);
                compare("the gradient of x", slopes.get(i), parts.rows(dx).get(i), complaint);
            }
            for (int i = 1; i < passes.size(); i++) {
                apart.getFirst().addPart(apart.get(i));
                together.getFirst().addPart(together.get(i));
            }
            compareGradients(ofParameters(apart.getFirst()), ofParameters(together.getFirst()), complaint);
        }

        /** Checks the axes that count the examples, according to the layer. */
        private void batchAxes(Rows axes, Tensor together) {
            OptionalInt own = layer.batchAxis(axes.input());
            if (!own.equals(OptionalInt.of(axes.output()))) {
                failures.add("batchAxis(" + axes.input() + ") is " + own + ", but the rows are along axis "
                        + axes.output() + " of the output");
            }
            for (int axis = 0; axis < Math.min(2, x.shape().rank() - 1); axis++) {
                OptionalInt out = layer.batchAxis(axis);
                if (axis != axes.input() && out.isPresent() && !areAlone(axis, out.getAsInt(), together)) {
                    failures.add("batchAxis(" + axis + ") says that axis " + axis + " of the input may count the"
                            + " examples, but a slice along it gets other bits alone; override batchAxis to return"
                            + " nothing for an axis along which the layer combines elements");
                }
            }
        }

        private boolean areAlone(int in, int out, Tensor together) {
            for (int i = 0; i < x.dim(in); i++) {
                Tensor alone;
                try {
                    alone = infer(slice(x, in, i, 1));
                } catch (ShapeException e) {
                    return true; // the layer needs the whole axis: refused, not wrong
                }
                if (out >= together.shape().rank()
                        || together.dim(out) != x.dim(in)
                        || difference("", slice(together, out, i, 1), alone).isPresent()) {
                    return false;
                }
            }
            return true;
        }

        /** Returns some indices of one axis. */
        private static Tensor slice(Tensor x, int axis, int from, int count) {
            int[] dims = x.shape().dims();
            int outer = 1;
            int inner = 1;
            for (int a = 0; a < dims.length; a++) {
                outer *= a < axis ? dims[a] : 1;
                inner *= a > axis ? dims[a] : 1;
            }
            int step = dims[axis] * inner;
            int length = count * inner;
            dims[axis] = count;
            Tensor result = Tensor.zeros(dims);
            for (int o = 0; o < outer; o++) {
                System.arraycopy(x.array(), x.offset() + o * step + from * inner, result.array(), o * length, length);
            }
            return result;
        }

        private void childrenAreRun() {
            Watching context = new Watching(training(), Collections.newSetFromMap(new IdentityHashMap<>()));
            forward(x, context);
            layer.children().forEach((name, child) -> {
                if (!isSeen(child, context)) {
                    failures.add(
                            "its child '" + name + "' is not run by Context.run, so a context that looks at layers,"
                                    + " such as that of Lsuv, does not see it; call context.run(pass, x),"
                                    + " not layer.forward");
                }
            });
        }

        /** Checks that the layer computes what it tells networks, reports and checkpoints. */
        private void descriptionsHold(Tensor inferred) {
            layer.linearMap().ifPresent(map -> {
                List<Parameter> own = layer.parameters();
                if (!own.contains(map.weight())
                        || !own.containsAll(map.bias().stream().toList())) {
                    failures.add("linearMap() has a parameter that is not among parameters()");
                }
                boolean takesInput = x.dim(-1) == map.inputs();
                Shape promised = x.shape().withLast(map.units());
                checkDescription("linearMap()", inferred, takesInput, promised, (row, unit) -> entry(map, row, unit));
            });
            layer.activation().ifPresent(f -> {
                int features = x.shape().rank() == 0 ? 1 : x.dim(-1);
                checkDescription("activation()", inferred, true, x.shape(), (row, unit) -> {
                    double value = f.value(at(x, row * features + unit));
                    return new Entry(value, ROUNDING * (1 + Math.abs(value)));
                });
            });
        }

        private Entry entry(LinearMap map, int row, int unit) {
            double sum = map.bias().map(bias -> (double) at(bias.value(), unit)).orElse(0.0);
            double magnitudes = Math.abs(sum);
            for (int i = 0; i < map.inputs(); i++) {
                Tensor weight = map.weight().value();
                int place = map.inputAxis() == 0 ? i * map.units() + unit : unit * map.inputs() + i;
                double term = (double) at(x, row * map.inputs() + i) * at(weight, place);
                sum += term;
                magnitudes += Math.abs(term);
            }
            // Each of the additions, in whatever order, rounds off at most 2^-24 of the magnitudes added.
            return new Entry(sum, (map.inputs() + 2) * 0x1p-23 * magnitudes + Float.MIN_NORMAL);
        }

        private static float at(Tensor tensor, int index) {
            return tensor.array()[tensor.offset() + index];
        }

        /** Compares an output [... x units] with a description. */
        private void checkDescription(
                String description, Tensor output, boolean takesInput, Shape promised, Described described) {
            if (!takesInput || !output.shape().equals(promised)) {
                failures.add(description + " does not take " + x.shape() + " to the output's shape " + output.shape());
                return;
            }
            int units = promised.rank() == 0 ? 1 : promised.dim(-1);
            for (int i = 0; i < output.size(); i++) {
                Entry entry = described.at(i / units, i % units);
                float is = at(output, i);
                if (!(Math.abs(is - entry.value()) <= entry.allowed())) {
                    failures.add(String.format(
                            Locale.ROOT,
                            "output%s is %.6g, but %.6g by its %s, which networks, reports and checkpoints"
                                    + " use; return none if the layer computes anything else",
                            Entries.index(i, output.shape()),
                            is,
                            entry.value(),
                            description));
                    return;
                }
            }
        }

        /** A network inside another one is not seen itself, as its layers are part of the outer chain. */
        private static boolean isSeen(Layer layer, Watching context) {
            return context.seen.contains(layer)
                    || layer instanceof Network network
                            && network.children().values().stream().allMatch(child -> isSeen(child, context));
        }

        private void parametersAreAll(Tensor inferred) {
            Map<Parameter, Tensor> saved = new LinkedHashMap<>();
            layer.parametersByPath()
                    .values()
                    .forEach(p -> saved.put(p, p.value().copy()));
            try {
                saved.keySet().forEach(p -> p.value().mapInto(v -> 1.5 * v + 0.25, p.value()));
                infer(x);
            } finally {
                saved.forEach((p, value) -> p.value().copyFrom(value));
            }
            compare(
                    "output",
                    inferred,
                    infer(x),
                    "after its parameters were changed and put back; it depends on"
                            + " something that is not among parametersByPath()");
        }

        /** Checks that inference computes with the values that the context gives, while the layer has others. */
        private void parametersOfTheContext(Tensor inferred) {
            Map<Parameter, Tensor> saved = new LinkedHashMap<>();
            layer.parametersByPath()
                    .values()
                    .forEach(p -> saved.put(p, p.value().copy()));
            Tensor output;
            try {
                saved.keySet().forEach(p -> p.value().mapInto(v -> 1.5 * v + 0.25, p.value()));
                output = forward(x, new Given(Context.inference(), saved)).output();
            } finally {
                saved.forEach((p, value) -> p.value().copyFrom(value));
            }
            compare(
                    "output in inference",
                    inferred,
                    output,
                    "in a context with other values of the parameters; ask for them by Context.value at every pass");
        }

        private void severalThreads(Tensor inferred) {
            List<Optional<String>> complaints = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                complaints.add(Optional.empty());
                threads.add(Thread.ofPlatform().unstarted(() -> complaints.set(number, infersOften(inferred))));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while " + THREADS + " threads use the layer", e);
                }
            }
            complaints.stream()
                    .flatMap(Optional::stream)
                    .findFirst()
                    .ifPresent(text -> failures.add(text + ": while " + THREADS
                            + " threads use the layer; inference writes to nothing shared"));
        }

        private Optional<String> infersOften(Tensor inferred) {
            for (int i = 0; i < PASSES; i++) {
                try {
                    Optional<String> text = difference("output", inferred, infer(x));
                    if (text.isPresent()) {
                        return text;
                    }
                } catch (RuntimeException e) {
                    return Optional.of("a pass throws " + e);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * A layer made of one other layer.
     *
     * @param layer the other layer
     */
    private record Only(Layer layer) implements Layer {
        @Override
        public Pass newPass() {
            return layer.newPass();
        }

        @Override
        public Shape outputShape(Shape in) {
            return layer.outputShape(in);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            children.put("layer", layer);
            return children;
        }
    }

    /** A context that gives values of parameters. */
    private static final class Given extends ForwardingContext {
        private final Map<Parameter, Tensor> values;

        Given(Context context, Map<Parameter, Tensor> values) {
            super(context);
            this.values = values;
        }

        @Override
        public Tensor value(Parameter parameter) {
            return values.getOrDefault(parameter, super.value(parameter));
        }
    }

    /** A context that records which layers it runs. */
    private static final class Watching extends ForwardingContext {
        private final Set<Layer> seen;

        Watching(Context context, Set<Layer> seen) {
            super(context);
            this.seen = seen;
        }

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            seen.add(pass.layer());
            return pass.runIn(outermost, x);
        }
    }
}
