package nn.layers.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.internal.LayerShapes;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a formula in the order in which they run, for one shape of its input.
 *
 * <p>A tensor that a backward method reads is saved in the context as soon as it is there; any other is released after
 * its last use, so that its memory serves the next operation. Backward, the gradients of a node that is used several
 * times are added in the reverse order of its uses.
 */
final class Program {
    private final Formula formula; // whose children are named in messages
    private final List<Step> steps = new ArrayList<>();
    private final Step input;
    private final Step output;

    /** One node. */
    private static final class Step {
        final Node node;
        final @Nullable Op op;
        final @Nullable Pass pass; // of a layer
        final Step[] in;
        final Tensor[] values; // of the inputs
        final @Nullable Parameter parameter;
        final boolean ofParameters; // whether a parameter is among what it is computed from, or a layer
        boolean ofInput; // whether the formula's input is
        boolean ofTrained; // in this backward pass: ofParameters, and they are not all frozen
        boolean saved;
        Step root = this; // whose memory it may share
        int lastUse; // of the root's memory, by the order of steps
        boolean computed; // whether this step asks the context for its memory

        @Nullable
        Tensor value;

        @Nullable
        Tensor view; // of the value or of the gradient, kept from step to step

        @Nullable
        Tensor viewed;

        @Nullable
        Tensor gradientView;

        @Nullable
        Tensor gradientViewed;

        @Nullable
        Tensor gradient;

        boolean owned; // whether nothing else reads the gradient, so that it may be released
        boolean writable; // whether it may be written to as well: it is no layer's

        Step(Node node, @Nullable Op op, @Nullable Pass pass, Step... in) {
            this.node = node;
            this.op = op;
            this.pass = pass;
            this.in = in;
            this.values = new Tensor[in.length];
            this.parameter = node.parameter();
            boolean trained = parameter != null || pass != null;
            for (Step i : in) {
                trained |= i.ofParameters;
                ofInput |= i.ofInput;
            }
            this.ofParameters = trained;
        }

        /** A reshaped tensor, the same object at every step in which that is the same one. */
        Tensor viewOf(Tensor x) {
            if (viewed != x || view == null) {
                viewed = x;
                view = x.reshape(node.shape());
            }
            return view;
        }

        Tensor gradientViewOf(Tensor dy, Shape shape) {
            if (gradientViewed != dy || gradientView == null) {
                gradientViewed = dy;
                gradientView = dy.reshape(shape);
            }
            return gradientView;
        }

        boolean mayNeedGradient() {
            return ofParameters || ofInput;
        }

        boolean needsGradient(boolean atInput) {
            return ofTrained || atInput && ofInput;
        }

        /** Begins a backward pass; the inputs have done so. */
        void begin(Gradients gradients) {
            gradient = null;
            ofTrained = ofParameters;
            if (ofParameters && gradients.hasFrozen()) {
                ofTrained = parameter != null
                        ? !gradients.isFrozen(parameter)
                        : pass != null && gradients.isTrained(pass.layer());
                for (int i = 0; i < in.length; i++) {
                    ofTrained |= in[i].ofTrained;
                }
            }
        }
    }

    Program(Formula formula, Node x, Node y, BiFunction<Integer, Layer, Pass> passes) {
        this.formula = formula;
        Map<Node, Integer> uses = new IdentityHashMap<>();
        countUses(y, uses);
        Map<Node, Step> known = new IdentityHashMap<>();
        input = new Step(x, null, null);
        input.ofInput = true;
        known.put(x, input);
        steps.add(input);
        List<Node> order = inOrder(List.of(y));
        Set<Node> products = Collections.newSetFromMap(new IdentityHashMap<>()); // parts of a dense step
        for (Node node : order) {
            if (isDense(node, uses)) {
                products.add(node.in()[0]);
            }
        }
        int layers = 0;
        for (Node node : order) {
            if (node == x || products.contains(node)) {
                continue;
            }
            Op op = op(node, uses);
            Pass pass = op instanceof Through t ? passes.apply(layers++, t.layer) : null;
            Node[] in = operands(node, uses);
            Step[] inputs = new Step[in.length];
            for (int i = 0; i < in.length; i++) {
                inputs[i] = Objects.requireNonNull(known.get(in[i]));
            }
            Step step = new Step(node, op, pass, inputs);
            known.put(node, step);
            steps.add(step);
        }
        output = Objects.requireNonNull(known.get(y));
        planMemory();
    }

    /** Adds how often each node is used to compute another one, itself included. */
    static void countUses(Node y, Map<Node, Integer> uses) {
        Deque<Node> open = new ArrayDeque<>();
        if (uses.merge(y, 1, Integer::sum) == 1) {
            open.push(y);
        }
        while (!open.isEmpty()) {
            for (Node in : open.pop().in()) {
                if (uses.merge(in, 1, Integer::sum) == 1) {
                    open.push(in);
                }
            }
        }
    }

    /**
     * The nodes that some are computed from, and these: inputs before their users. Without recursion, since a formula
     * over a thousand time steps is that deep.
     */
    static List<Node> inOrder(Collection<Node> outputs) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> order = new ArrayList<>();
        Deque<Node> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            Node node = open.peek();
            if (seen.contains(node)) {
                open.pop();
                continue;
            }
            boolean isReady = true;
            Node[] in = node.in();
            for (int i = in.length - 1; i >= 0; i--) {
                if (!seen.contains(in[i])) {
                    open.push(in[i]);
                    isReady = false;
                }
            }
            if (isReady) {
                open.pop();
                seen.add(node);
                order.add(node);
            }
        }
        return order;
    }

    /** A product plus a row is computed in one pass over memory, as in a dense layer. */
    private static boolean isDense(Node node, Map<Node, Integer> uses) {
        return node.op() instanceof Ops.Binary sum
                && sum.kind == Ops.Binary.Kind.ADD
                && node.in()[0].op() instanceof Ops.Matmul product
                && product.isPlain()
                && uses.getOrDefault(node.in()[0], 0) == 1
                && node.in()[1].shape().rank() == 1
                && node.in()[1].shape().dim(0) == node.shape().dim(-1);
    }

    private static @Nullable Op op(Node node, Map<Node, Integer> uses) {
        Op op = node.op();
        return op == null ? null : isDense(node, uses) ? new Dense() : op.forPlace();
    }

    private static Node[] operands(Node node, Map<Node, Integer> uses) {
        if (!isDense(node, uses)) {
            return node.in();
        }
        Node product = node.in()[0];
        return new Node[] {product.in()[0], product.in()[1], node.in()[1]};
    }

    /** x W + b. */
    private static final class Dense extends Op {
        private final Op product = new Ops.Matmul(Transposed.NONE, false);

        @Override
        String name() {
            return "matmul plus";
        }

        @Override
        Shape shape(Shape[] in) {
            return product.shape(in);
        }

        @Override
        Value export(OperatorGraph graph, Value... in) {
            throw new AssertionError("operations are joined only where they run");
        }

        @Override
        void forward(Tensor[] in, Tensor out) {
            in[0].matmulPlusRowInto(in[1], in[2], out);
        }

        @Override
        boolean adds(int i) {
            return true;
        }

        @Override
        boolean reads(int i, int j) {
            return i < 2 && j == 1 - i;
        }

        @Override
        void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
            if (i < 2) {
                product.backward(i, in, out, dOut, dIn, add);
            } else {
                if (!add) {
                    dIn.fill(0);
                }
                dOut.addSumOfRowsInto(dIn);
            }
        }
    }

    private void planMemory() {
        for (int s = 0; s < steps.size(); s++) {
            Step step = steps.get(s);
            Op op = step.op;
            step.lastUse = s;
            if (op == null) {
                continue;
            }
            if (op.isView() || op instanceof Through) { // a layer may return its input
                step.root = step.in[0].root;
            }
            step.computed = !op.isView() && !(op instanceof Through);
            for (int i = 0; i < step.in.length; i++) {
                step.in[i].root.lastUse = s;
                if (!step.in[i].mayNeedGradient()) {
                    continue;
                }
                for (int j = 0; j < step.in.length; j++) {
                    step.in[j].root.saved |= op.reads(i, j);
                }
                step.root.saved |= op.readsOutput();
            }
        }
        output.root.lastUse = Integer.MAX_VALUE;
    }

    Shape inputShape() {
        return input.node.shape();
    }

    private static Tensor known(@Nullable Tensor tensor) {
        if (tensor == null) {
            throw new AssertionError("a step runs before its inputs");
        }
        return tensor;
    }

    Tensor forward(Tensor x, Context context) {
        input.value = x;
        if (input.saved) {
            context.save(x);
        }
        for (int s = 1; s < steps.size(); s++) {
            Step step = steps.get(s);
            for (int i = 0; i < step.in.length; i++) {
                step.values[i] = known(step.in[i].value);
            }
            step.value = value(step, context);
            for (Step in : step.in) {
                release(in, s, context);
            }
        }
        return known(output.value);
    }

    /** Runs a layer; what it refuses at run time names it, too. */
    private Tensor run(Pass pass, Tensor x, Context context) {
        try {
            return context.run(pass, x);
        } catch (IllegalArgumentException e) {
            for (Map.Entry<String, Layer> child : formula.children().entrySet()) {
                if (child.getValue() == pass.layer()) {
                    throw LayerShapes.named(child.getKey(), pass.layer(), e);
                }
            }
            throw e;
        }
    }

    private Tensor value(Step step, Context context) {
        Op op = step.op;
        if (op == null) {
            Parameter parameter = step.parameter;
            return parameter != null ? context.value(parameter) : known(step.node.constant());
        }
        Pass pass = step.pass;
        if (pass != null) {
            Tensor value = run(pass, step.values[0], context);
            if (step.root.saved) {
                context.save(value);
            }
            return value;
        }
        if (op.isView()) {
            return step.viewOf(step.values[0]);
        }
        Tensor value = context.empty(step.node.shape());
        if (step.root.saved) {
            context.save(value);
        }
        op.forward(step.values, value);
        return value;
    }

    /** Releases the memory of a step's input after its last use. */
    private void release(Step in, int now, Context context) {
        Step root = in.root;
        Tensor value = root.value;
        if (root.computed && !root.saved && root.lastUse == now && value != null) {
            context.release(value);
        }
    }

    Tensor backward(Tensor dy, Gradients gradients, Context context) {
        run(dy, gradients, context, true);
        Tensor dx = input.gradient;
        if (dx == null) {
            dx = context.empty(input.node.shape());
            dx.fill(0);
        }
        input.gradient = null;
        return dx;
    }

    void backwardParameters(Tensor dy, Gradients gradients, Context context) {
        run(dy, gradients, context, false);
    }

    private void run(Tensor dy, Gradients gradients, Context context, boolean atInput) {
        for (int s = 0; s < steps.size(); s++) {
            steps.get(s).begin(gradients);
        }
        if (!output.needsGradient(atInput)) {
            return;
        }
        output.gradient = dy;
        output.owned = false;
        output.writable = false;
        for (int s = steps.size() - 1; s > 0; s--) {
            Step step = steps.get(s);
            Tensor gradient = step.gradient;
            if (gradient == null || step == input) {
                continue;
            }
            step.gradient = null;
            Parameter parameter = step.parameter;
            if (parameter != null) {
                gradients.of(parameter).addInPlace(gradient);
            } else if (step.op != null) {
                backward(step, gradient, gradients, context, atInput);
            }
        }
    }

    private static void backward(Step step, Tensor dOut, Gradients gradients, Context context, boolean atInput) {
        Pass pass = step.pass;
        if (pass != null) {
            if (step.in[0].needsGradient(atInput)) {
                Tensor dIn = pass.pullback(dOut, gradients);
                give(step.in[0], dIn, !dIn.overlaps(dOut), false, context);
            } else {
                pass.pullbackParameters(dOut, gradients);
            }
            return;
        }
        boolean passedOn = false;
        for (int i = 0; i < step.in.length; i++) {
            Step in = step.in[i];
            if (in.needsGradient(atInput)) {
                passedOn |= backward(step, i, in, dOut, gradients, context);
            }
        }
        if (step.owned && !passedOn) {
            context.release(dOut);
        }
    }

    /** Gives input i its gradient; returns whether that is {@code dOut} itself or a view of it. */
    private static boolean backward(Step step, int i, Step in, Tensor dOut, Gradients gradients, Context context) {
        Op op = step.op;
        if (op == null) {
            throw new AssertionError("only operations have inputs");
        }
        Parameter parameter = in.parameter;
        if (op.isView()) {
            give(in, step.gradientViewOf(dOut, in.node.shape()), false, false, context);
            return true;
        }
        boolean sameShape = in.node.shape().equals(dOut.shape());
        if (parameter != null) {
            addParameterGradient(step, op, i, parameter, dOut, gradients, context);
            return false;
        }
        if (op.passesGradient(i) && sameShape) {
            give(in, dOut, false, false, context);
            return true;
        }
        Tensor held = in.gradient;
        if (held != null && in.writable && op.adds(i)) {
            op.backward(i, step.values, known(step.value), dOut, held, true);
            return false;
        }
        Tensor dIn = context.empty(in.node.shape());
        op.backward(i, step.values, known(step.value), dOut, dIn, false);
        give(in, dIn, true, true, context);
        return false;
    }

    private static void addParameterGradient(
            Step step, Op op, int i, Parameter parameter, Tensor dOut, Gradients gradients, Context context) {
        boolean isWeight = i == 1 && (op instanceof Dense || op instanceof Ops.Matmul m && m.isPlain());
        if (isWeight) {
            gradients.addWeightGradient(parameter, step.values[0], dOut);
        } else if (op.adds(i)) {
            op.backward(i, step.values, known(step.value), dOut, gradients.of(parameter), true);
        } else {
            Tensor scratch = context.empty(parameter.value().shape());
            op.backward(i, step.values, known(step.value), dOut, scratch, false);
            gradients.of(parameter).addInPlace(scratch);
            context.release(scratch);
        }
    }

    /** Adds a gradient to that of a step. */
    private static void give(Step to, Tensor gradient, boolean owned, boolean writable, Context context) {
        Tensor held = to.gradient;
        if (held == null) {
            to.gradient = gradient;
            to.owned = owned;
            to.writable = writable;
            return;
        }
        if (to.writable) {
            held.addInPlace(gradient);
        } else {
            Tensor sum = to.owned ? context.reuse(held) : context.empty(gradient.shape());
            held.addInto(gradient, sum);
            if (to.owned && sum != held) {
                context.release(held);
            }
            to.gradient = sum;
            to.owned = true;
            to.writable = true;
        }
        if (owned) {
            context.release(gradient);
        }
    }
}
