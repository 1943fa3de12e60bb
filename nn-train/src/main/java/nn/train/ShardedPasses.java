package nn.train;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.PartProducts;
import nn.layers.Workspace;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxes;
import nn.train.internal.Fingerprint;
import nn.train.internal.pass.PartPass;
import nn.train.internal.shard.Parts;
import nn.train.internal.shard.ShardMessage;
import nn.train.internal.shard.ShardRecipe;
import nn.train.internal.shard.ShardResult;
import nn.train.io.DataFormatException;
import nn.train.loss.Loss;
import nn.train.shard.ShardExecutor;
import nn.train.shard.ShardStep;
import nn.train.shard.Shards;
import org.jspecify.annotations.Nullable;

/**
 * Runs the {@linkplain Shards shards} of a batch, and sums their gradients over the tree. Whoever completes the second
 * of two partners adds them. So on one thread, in order, there is no more than one gradient for each level of the tree.
 */
final class ShardedPasses implements ShardStep {
    private static final int PASSES = 3; // forward, and two products backward
    private static final int SAMPLE = 4096; // numbers of a batch's fingerprint

    private final Loss loss;
    private final Key key;
    private final Shards shards;
    private final Gradients root; // those of shard 0, and in the end the sum of all
    private final PartPass first; // of the thread that runs the step
    private final List<Parameter> parameters;
    private final double size; // of all parameters
    private final ShardRecipe recipe;
    private final long fingerprint; // of the recipe

    // Guarded by this object.
    private final Pool<ShardRange> ranges;
    private final Pool<Gradients> gradients;
    private final PartProducts products; // of all gradients
    private final boolean[] begun; // by shard
    private final int[] width; // of the complete subtree that begins with this shard and has no partner yet; else 0
    private final @Nullable Gradients[] sums; // of that subtree; null if no shard of it has terms
    private final double[] losses; // of that subtree
    private int busy; // the number of shards that are begun and whose sum is not kept yet
    private List<Parameter> trained; // those that are not frozen, as the gradients of the pool know them

    private final @Nullable Tensor[] inputs; // views of the shards' examples, as long as the steps have one tensor x
    private final @Nullable Tensor[] targets; // the same of y

    // Of the current step; written before the executor runs.
    private Tensor x = Tensor.zeros(0);
    private Tensor y = Tensor.zeros(0);
    private BatchAxes axes = new BatchAxes(0, 0, false);
    private int examples;
    private double terms;
    private Key stepKey;
    private long step;
    private @Nullable Context observed; // over the first pass; null if nobody looks into the passes
    private volatile boolean suit; // whether the shards of a range can be run at once, and are faster so

    ShardedPasses(Layer model, Loss loss, Key key, Shards shards, Gradients root, PartPass first) {
        this.loss = loss;
        this.key = key;
        this.stepKey = key;
        this.shards = shards;
        this.root = root;
        this.first = first;
        this.parameters = List.copyOf(model.parametersByPath().values());
        this.size = parameters.stream().mapToDouble(p -> p.value().size()).sum();
        this.recipe = ShardRecipe.of(model, loss, key, shards.count());
        this.fingerprint = recipe.fingerprint();
        this.trained = root.parameters();
        this.ranges = new Pool<>(() -> newRange(new PartPass(model, loss, root)));
        this.gradients = new Pool<>(this::newGradients);
        this.products = new PartProducts(shards.count());
        ranges.add(newRange(first));
        this.suit = ShardRange.suits(model);
        this.begun = new boolean[shards.count()];
        this.width = new int[shards.count()];
        this.sums = new @Nullable Gradients[shards.count()];
        this.losses = new double[shards.count()];
        this.inputs = new @Nullable Tensor[shards.count()];
        this.targets = new @Nullable Tensor[shards.count()];
    }

    private ShardRange newRange(PartPass pass) {
        pass.parts().gradients().freeze(frozen());
        return new ShardRange(pass);
    }

    private Gradients newGradients() {
        Gradients created = new Gradients(parameters);
        created.freeze(frozen());
        return created;
    }

    private List<Parameter> frozen() {
        return parameters.stream().filter(root::isFrozen).toList();
    }

    /**
     * Runs all shards, and returns the loss of the batch; the gradients are in those of the constructor. If no shard
     * has terms, the whole batch reports it.
     *
     * @param context of the step; if it is not that of the first pass, somebody looks into the passes, and the shards
     *     run one after the other
     */
    double run(Tensor x, Tensor y, BatchAxes axes, int examples, double terms, long step, Context context) {
        begin(x, y, axes, examples, terms, step);
        if (context == first.context()) {
            shards.executor().run(this);
        } else {
            observed = context;
            run(0, shards.count());
        }
        return finish(x, y, step, context);
    }

    private synchronized void begin(Tensor x, Tensor y, BatchAxes axes, int examples, double terms, long step) {
        if (x != this.x || axes != this.axes) {
            Arrays.fill(inputs, null);
        }
        if (y != this.y || axes != this.axes) {
            Arrays.fill(targets, null);
        }
        this.x = x;
        this.y = y;
        this.axes = axes;
        this.examples = examples;
        this.terms = terms;
        this.stepKey = key.child(step);
        this.step = step;
        this.observed = null;
        ranges.reclaim();
        gradients.reclaim();
        products.begin(x);
        Arrays.fill(begun, false);
        Arrays.fill(width, 0);
        Arrays.fill(sums, null);
        Arrays.fill(losses, 0);
        busy = 0;
        if (trained != root.parameters()) { // a new list after each freeze
            trained = root.parameters();
            List<Parameter> frozen = frozen();
            gradients.all().forEach(one -> one.freeze(frozen));
            ranges.all().forEach(one -> one.pass().parts().gradients().freeze(frozen));
        }
    }

    private synchronized double finish(Tensor x, Tensor y, long step, Context context) {
        if (width[0] < shards.count()) {
            int missing = 0;
            while (begun[missing]) {
                missing++;
            }
            throw new IllegalStateException("the executor of shards returned before shard " + missing + " of "
                    + shards.count() + " was computed; it must wait for all of them");
        }
        Gradients sum = sums[0];
        if (sum == null) {
            return first.run(x, y, 1, key, step, context, root);
        }
        if (sum != root) { // shard 0 has no terms
            root.addPart(sum);
        }
        root.averageParts();
        return losses[0];
    }

    @Override
    public int count() {
        return shards.count();
    }

    @Override
    public long number() {
        return step;
    }

    @Override
    public long batchFingerprint() {
        return new Fingerprint().addSample(x, SAMPLE).addSample(y, SAMPLE).toLong();
    }

    @Override
    public double work() {
        return PASSES * size * Math.max(1, examples / shards.count());
    }

    @Override
    public void run(int from, int to) {
        boolean areSeveral = to - from > 1; // so that their products are worth summing at once
        ShardRange range;
        synchronized (this) {
            range = ranges.take();
        }
        if (areSeveral && areRunAtOnce()) {
            for (int begin = from; begin < to; ) {
                int end = Math.min(to, (begin / ShardRange.MOST + 1) * ShardRange.MOST);
                computeAtOnce(begin, end, range);
                begin = end;
            }
        } else {
            PartPass pass = observed == null ? range.pass() : first;
            for (int shard = from; shard < to; shard++) {
                if (begin(shard)) {
                    compute(shard, areSeveral, pass, observed == null ? pass.context() : observed);
                }
            }
        }
        if (areSeveral && observed == null && shards.executor() != ShardExecutor.LOCAL) {
            computeProducts(from, to);
        }
        synchronized (this) {
            ranges.give(range);
        }
    }

    /** Whether the shards of a range are run at once: they suit, are ranges of rows, and nobody looks at one. */
    private boolean areRunAtOnce() {
        return suit && axes.in() == 0 && axes.out() == 0 && observed == null;
    }

    /** Computes those of some shards that were not begun yet: neighbours at once. */
    private void computeAtOnce(int from, int to, ShardRange range) {
        range.clear(from);
        for (int shard = from; shard < to; shard++) {
            boolean isFresh = begin(shard);
            int begin = Parts.first(examples, shards.count(), shard);
            int end = Parts.first(examples, shards.count(), shard + 1);
            double share = 0;
            if (isFresh && begin < end) {
                Tensor target = slice(y, axes.out(), begin, end, range.pass().copies(), targets, shard);
                share = loss.reduction().share(loss.terms(target), terms);
                if (share > 0) {
                    range.add(shard, begin, end, target, share);
                }
            }
            if (isFresh && !(share > 0)) {
                complete(shard, 1, null, 0);
            }
            if (!isFresh || begin < end && !(share > 0)) { // its rows are not run
                run(range, shard);
                range.clear(shard + 1);
            }
        }
        run(range, to);
    }

    /** Runs the shards of a range, which ends before a shard. */
    private void run(ShardRange range, int end) {
        boolean isRun = range.count() > 1 && runAtOnce(range, end);
        for (int i = 0; i < range.count(); i++) {
            if (isRun) {
                complete(range.shard(i), 1, range.gradients(i), range.share(i) * range.loss(i));
            } else {
                compute(
                        range.shard(i),
                        range.count() > 1,
                        range.pass(),
                        range.pass().context());
            }
        }
        if (range.count() > 1 && !isRun) { // it was not the fault of a shard
            suit = false;
        }
    }

    /** Runs the shards of a range at once; returns false if that failed, so that each shard can tell its failure. */
    private boolean runAtOnce(ShardRange range, int end) {
        for (int i = 0; i < range.count(); i++) {
            range.setGradients(i, gradientsOf(range.shard(i)));
        }
        try {
            range.run(x, end, stepKey, products);
            return true;
        } catch (RuntimeException e) {
            synchronized (this) {
                for (int i = 0; i < range.count(); i++) {
                    if (range.gradients(i) != root) {
                        gradients.give(range.gradients(i));
                    }
                }
            }
            return false;
        }
    }

    /**
     * Computes the products of sums that are complete here. Other processes may wait for them. Where there are none,
     * the products are computed in the end, on all threads.
     */
    private void computeProducts(int from, int to) {
        for (int shard = from; shard < to; shard++) {
            Gradients sum;
            int wide;
            double total;
            synchronized (this) {
                sum = sums[shard];
                if (sum == null) {
                    continue;
                }
                wide = width[shard];
                total = losses[shard];
                sums[shard] = null;
                width[shard] = 0; // so that no other thread adds it meanwhile
                busy++;
            }
            sum.computeProducts();
            complete(shard, wide, sum, total);
        }
    }

    /** Returns whether a shard was not begun yet. */
    private synchronized boolean begin(int shard) {
        boolean fresh = !begun[shard];
        begun[shard] = true;
        busy += fresh ? 1 : 0;
        return fresh;
    }

    /** Takes back the parts of a sum from another process, and returns whether the sum is new. */
    private synchronized boolean begin(int shard, int wide) {
        if (wide == 1) {
            return begin(shard);
        }
        if (isComplete(shard, wide)) {
            return false;
        }
        if (busy > 0) {
            throw new IllegalStateException("a sum of shards was handed over while " + busy + " shards of step " + step
                    + " are computed; wait until run has returned");
        }
        for (int part = shard; part < Math.min(shard + wide, shards.count()); part++) {
            Gradients sum = sums[part];
            if (sum != null && sum != root) {
                gradients.give(sum);
            }
            sums[part] = null;
            width[part] = 0;
            begun[part] = true;
        }
        busy++;
        return true;
    }

    /** Returns whether a subtree, or a larger one that has it, is complete. */
    private boolean isComplete(int shard, int wide) {
        for (int w = wide; w < shards.count(); w *= 2) {
            if (width[shard & -w] >= w) {
                return true;
            }
        }
        return width[0] >= shards.count();
    }

    private void compute(int shard, boolean keepsOperands, PartPass pass, Context context) {
        int from = Parts.first(examples, shards.count(), shard);
        int to = Parts.first(examples, shards.count(), shard + 1);
        if (from == to) {
            complete(shard, 1, null, 0);
            return;
        }
        pass.copies().begin(stepKey);
        Tensor target = slice(y, axes.out(), from, to, pass.copies(), targets, shard);
        double share = loss.reduction().share(loss.terms(target), terms);
        if (!(share > 0)) {
            complete(shard, 1, null, 0);
            return;
        }
        Tensor input = slice(x, axes.in(), from, to, pass.copies(), inputs, shard);
        Gradients into = gradientsOf(shard);
        if (keepsOperands) {
            into.keepOperands(products, shard);
        }
        double value = pass.run("shard", from, input, target, share, stepKey, shard, context, into);
        complete(shard, 1, into, share * value);
    }

    /** Returns the examples of a shard: a view that is kept for the next steps with the same tensor, or a copy. */
    private static Tensor slice(
            Tensor all, int axis, int from, int to, Workspace copies, @Nullable Tensor[] views, int shard) {
        Tensor kept = views[shard];
        if (kept != null) {
            return kept;
        }
        Tensor slice = BatchAxes.slice(all, axis, from, to, copies);
        views[shard] = axis == 0 ? slice : null;
        return slice;
    }

    private synchronized Gradients gradientsOf(int shard) {
        Gradients into = shard == 0 ? root : gradients.take();
        into.clear();
        return into;
    }

    /** Takes the gradients of a subtree, and adds up all pairs of partners that are complete now. */
    private void complete(int shard, int from, @Nullable Gradients sum, double value) {
        int at = shard;
        Gradients own = sum;
        double total = value;
        for (int wide = from; wide < shards.count(); wide *= 2) {
            int left = at & ~wide;
            int right = left | wide;
            if (right < shards.count()) {
                int partner = at == left ? right : left;
                Gradients other;
                double otherTotal;
                synchronized (this) {
                    if (width[partner] < wide) { // it will add this one
                        park(at, wide, own, total);
                        return;
                    }
                    other = sums[partner];
                    otherTotal = losses[partner];
                    sums[partner] = null;
                    width[partner] = 0;
                }
                own = at == left ? added(own, other) : added(other, own);
                total = at == left ? total + otherTotal : otherTotal + total;
            }
            at = left;
        }
        synchronized (this) {
            park(at, shards.count(), own, total);
        }
    }

    /** Keeps the sum of a complete subtree, for its partner or as the result. */
    private void park(int at, int wide, @Nullable Gradients sum, double total) {
        width[at] = wide;
        sums[at] = sum;
        losses[at] = total;
        busy--;
    }

    /** Adds the gradients of the right partner to those of the left one, and returns the sum. */
    private @Nullable Gradients added(@Nullable Gradients left, @Nullable Gradients right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        left.addPart(right);
        synchronized (this) {
            gradients.give(right);
        }
        return left;
    }

    // ---- by messages ----

    @Override
    public ByteBuffer weights() {
        List<String> lines = recipe.lines();
        byte[] texts = ShardMessage.bytes(lines);
        int[] frozen = IntStream.range(0, parameters.size())
                .filter(i -> root.isFrozen(parameters.get(i)))
                .toArray();
        long contents = texts.length + (2L + frozen.length) * Integer.BYTES + ((long) size) * Float.BYTES;
        ByteBuffer out = ShardMessage.begin(ShardMessage.Kind.WEIGHTS, fingerprint, step, 0, 0, contents);
        out.putInt(lines.size() / 2).put(texts).putInt(frozen.length);
        for (int index : frozen) {
            out.putInt(index);
        }
        for (Parameter parameter : parameters) {
            ShardMessage.putValues(out, parameter.value());
        }
        return ShardMessage.end(out);
    }

    @Override
    public ByteBuffer task(int shard) {
        Objects.checkIndex(shard, shards.count());
        int from = Parts.first(examples, shards.count(), shard);
        int to = Parts.first(examples, shards.count(), shard + 1);
        if (from == to) {
            return ShardMessage.end(ShardMessage.begin(ShardMessage.Kind.TASK, fingerprint, step, shard, 1, 1)
                    .put((byte) 0));
        }
        Workspace copies = new Workspace();
        Tensor input = BatchAxes.slice(x, axes.in(), from, to, copies);
        Tensor target = BatchAxes.slice(y, axes.out(), from, to, copies);
        long contents = 1 + Integer.BYTES + Double.BYTES + ShardMessage.size(input) + ShardMessage.size(target);
        ByteBuffer out = ShardMessage.begin(ShardMessage.Kind.TASK, fingerprint, step, shard, 1, contents);
        out.put((byte) 1).putInt(from).putDouble(terms);
        ShardMessage.put(out, input);
        ShardMessage.put(out, target);
        return ShardMessage.end(out);
    }

    @Override
    public boolean accept(ByteBuffer result) throws DataFormatException {
        ShardMessage.Head head = ShardMessage.read(Objects.requireNonNull(result, "result"), ShardMessage.Kind.RESULT);
        ByteBuffer in = head.contents();
        boolean hasTerms = in.hasRemaining() && in.get() != 0;
        long length = hasTerms ? Double.BYTES + root.byteSize() : 0;
        if (head.recipe() != fingerprint) {
            throw ShardMessage.bad("another recipe than this trainer");
        }
        if (head.step() != step) {
            throw ShardMessage.bad("step " + head.step() + ", but this is step " + step + "; it is late");
        }
        int shard = head.shard();
        int wide = head.width();
        boolean isWhole = shard == 0 && wide == shards.count();
        boolean isSubtree = Integer.bitCount(wide) == 1 && wide < shards.count() && (shard & (wide - 1)) == 0;
        if (shard < 0 || shard >= shards.count() || !isWhole && !isSubtree || in.remaining() != length) {
            throw ShardMessage.bad("the sum of " + wide + " shards from shard " + shard + " on and " + in.remaining()
                    + " bytes of gradients; expected a subtree of " + shards.count() + " shards, and " + length
                    + " bytes");
        }
        if (!begin(shard, wide)) {
            return false;
        }
        if (hasTerms) {
            double total = in.getDouble();
            Gradients into = gradientsOf(shard);
            into.read(in);
            complete(shard, wide, into, total);
        } else {
            complete(shard, wide, null, 0);
        }
        return true;
    }

    @Override
    public synchronized ByteBuffer sum(int shard, int wide) {
        Objects.checkIndex(shard, shards.count());
        if (width[shard] != wide || wide == 0) {
            throw new IllegalStateException("the sum of " + wide + " shards from shard " + shard + " on is not at hand"
                    + " in step " + step + "; that of " + width[shard] + " shards is");
        }
        return ShardResult.message(fingerprint, step, shard, wide, sums[shard], losses[shard]);
    }

    /** Objects that are used again. For use under the lock. */
    private static final class Pool<T> {
        private final Supplier<T> maker;
        private final List<T> all = new ArrayList<>();
        private final List<T> free = new ArrayList<>();

        Pool(Supplier<T> maker) {
            this.maker = maker;
        }

        List<T> all() {
            return all;
        }

        void add(T one) {
            all.add(one);
            free.add(one);
        }

        T take() {
            if (free.isEmpty()) {
                add(maker.get());
            }
            return free.removeLast();
        }

        void give(T one) {
            free.add(one);
        }

        /** Makes all free, those too that a failed step did not give back. */
        void reclaim() {
            free.clear();
            for (int i = 0; i < all.size(); i++) {
                free.add(all.get(i));
            }
        }
    }
}
