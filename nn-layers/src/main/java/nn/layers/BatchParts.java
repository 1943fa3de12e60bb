package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive parts of a batch, such as virtual shards, that are run at once: one pass over the rows of all of them,
 * with the bits of one pass for each. A pass over few rows costs more for each row, as it reads all weights too.
 *
 * <p>{@linkplain Layer#isRowwise Row-wise} layers run once. Any other layer runs on views of the rows of each part, in
 * a context with the key of that part, by a pass for each part or by a {@link PartwisePass}. Each part has its own
 * {@link Gradients}. Where all parts of a subtree of the batch's parts are here, the gradients of a row-wise layer are
 * summed over the subtree at once, into those of its first part; {@link Gradients#addPart} leaves them out then.
 *
 * <pre>{@code
 * Gradients first = new Gradients(layer);
 * Gradients second = new Gradients(layer);
 * BatchParts parts = new BatchParts(context, first.parameters());
 * parts.begin(new PartProducts(2), 0, 2);
 * parts.add(0, 16, key, first);                        // rows 0 to 15
 * parts.add(1, 15, key, second);                       // rows 16 to 30
 * Pass pass = Pass.of(layer);
 * Tensor y = parts.context().run(pass, x);             // all 31 rows
 * Tensor dx = pass.pullback(y, parts.gradients());     // of the loss 0.5 times the sum of squares
 * parts.end();
 * first.addPart(second);                               // the sum of both parts
 * }</pre>
 *
 * <p>For one thread at a time. Steps with parts of the same sizes allocate nothing.
 */
public final class BatchParts {
    private final Context context; // of the caller
    private final Context together; // of the pass over all rows
    private final Gradients gradients; // which hand on to those of the parts
    private final Optional<BatchParts> self = Optional.of(this);
    private final List<Part> parts = new ArrayList<>(); // the first ones are in use
    private final List<Rows> views = new ArrayList<>(); // by the order of the requests in a step
    private final List<Part> left = new ArrayList<>(); // of the additions over the tree, in their order
    private final List<Part> right = new ArrayList<>();
    private final List<Part> sums = new ArrayList<>(); // the parts that get a sum
    private @Nullable PartProducts products; // of the batch
    private int from; // index of the first part
    private int to;
    private int count;
    private int rows; // of all parts
    private int requests; // of views, in this step
    private int planned = -1; // how many parts the additions are for; -1 if they are for other ones

    /** One part of the batch, in a place that is used again. */
    private final class Part {
        private final Context alone = new Alone(this);
        private final StepKey key = new StepKey();
        private int index = -1; // in the batch
        private int end; // the row after its last one
        private @Nullable Gradients gradients;

        Gradients gradients() {
            return Objects.requireNonNull(gradients, "gradients");
        }
    }

    /** A tensor with all rows, and its views. */
    private static final class Rows {
        private @Nullable Tensor all;
        private List<Tensor> views = List.of();
    }

    /** The context of the pass over all rows. */
    private final class Together extends ForwardingContext {
        Together(Context context) {
            super(context);
        }

        @Override
        public Optional<BatchParts> parts() {
            return self;
        }

        @Override
        public Key key() {
            throw new IllegalStateException("a layer that asks for a key is not row-wise: its numbers depend on the"
                    + " part of the batch that a row is in; draw them by Pass.draw, or let its isRowwise() return"
                    + " false");
        }

        @Override
        public Key key(Key layer) {
            return key();
        }
    }

    /** The context of the passes over the rows of one part. */
    private final class Alone extends ForwardingContext {
        private final Part part;

        Alone(Part part) {
            super(context);
            this.part = part;
        }

        @Override
        public Key key() {
            return part.key.key();
        }

        @Override
        public Key key(Key layer) {
            return part.key.next(layer);
        }
    }

    /**
     * Creates an object to be used at every step.
     *
     * @param context of all passes; another key stands in for its own
     * @param parameters of the model
     */
    public BatchParts(Context context, List<Parameter> parameters) {
        this.context = Objects.requireNonNull(context, "context");
        this.together = new Together(context);
        this.gradients = new Gradients(parameters, this);
    }

    /**
     * Begins a step without parts.
     *
     * @param ofBatch the products of the batch, which know how many parts it has
     * @param first the index of the first part that may be added
     * @param end one more than that of the last; all between that are not added have no gradients
     * @throws IndexOutOfBoundsException if there are no such parts
     */
    public void begin(PartProducts ofBatch, int first, int end) {
        Objects.requireNonNull(ofBatch, "products");
        Objects.checkFromToIndex(first, end, ofBatch.parts());
        if (ofBatch != products || first != from || end != to) {
            planned = -1;
        }
        products = ofBatch;
        from = first;
        to = end;
        count = 0;
        rows = 0;
        requests = 0;
    }

    /**
     * Adds a part, whose rows come after those of the parts before.
     *
     * @param index of the part, above those of the parts before
     * @param size the number of its rows, 1 or more
     * @param parent a key; that of the part is its child with the index
     * @param into gets the gradients of the part; cleared
     * @throws IllegalArgumentException if the index or the number of rows is out of its range, or the gradients are of
     *     other parameters than those of the constructor, or in another order
     */
    public void add(int index, int size, Key parent, Gradients into) {
        Objects.requireNonNull(parent, "parent key");
        Objects.requireNonNull(into, "gradients");
        int least = count == 0 ? from : parts.get(count - 1).index + 1;
        if (index < least || index >= to || size < 1) {
            throw new IllegalArgumentException("part " + index + " of " + size + " rows; give an index from " + least
                    + " to " + (to - 1) + ", and 1 row or more");
        }
        if (!into.hasParametersOf(gradients)) {
            throw new IllegalArgumentException("part " + index + ": its gradients are of other parameters, or of the"
                    + " same in another order; give gradients of the parameters that the constructor was given");
        }
        if (count == parts.size()) {
            parts.add(new Part());
        }
        Part part = parts.get(count++);
        rows += size;
        if (part.index != index || part.end != rows) {
            planned = -1;
        }
        part.index = index;
        part.end = rows;
        part.key.begin(parent, index);
        part.gradients = into;
        into.keepViews(Objects.requireNonNull(products, "products"), index);
        into.beginPart();
    }

    /** Finds the additions over the tree, and forgets views, if these are other parts than those of the step before. */
    private void plan() {
        if (planned == count) {
            return;
        }
        left.clear();
        right.clear();
        sums.clear();
        sums.addAll(parts.subList(0, count));
        int all = Objects.requireNonNull(products, "products").parts();
        for (int width = 2; width < 2 * all; width *= 2) {
            int kept = 0;
            for (int i = 0; i < sums.size(); i++) {
                Part part = sums.get(i);
                int first = part.index & -width; // of the subtree
                boolean isHere = first >= from && Math.min(first + width, all) <= to;
                if (kept > 0 && isHere && sums.get(kept - 1).index >= first) {
                    left.add(sums.get(kept - 1));
                    right.add(part);
                } else {
                    sums.set(kept++, part);
                }
            }
            sums.subList(kept, sums.size()).clear();
        }
        views.clear();
        planned = count;
    }

    /**
     * Returns the number of parts.
     *
     * @return how many were added in this step
     */
    public int count() {
        return count;
    }

    /**
     * Returns the context of a pass over the rows of all parts.
     *
     * @return the same object every time
     */
    public Context context() {
        return together;
    }

    /**
     * Returns the context in which whatever depends on a part, and not on a row alone, runs: a layer, or a loss.
     *
     * @param i which part, from 0 in the order in which they were added
     * @return the caller's context, with the key of the part
     */
    public Context context(int i) {
        return parts.get(Objects.checkIndex(i, count)).alone;
    }

    /**
     * Returns the gradients for the pullback of the pass over all rows, which hand on to those of each part. Their
     * {@linkplain Gradients#freeze frozen} parameters must be those of each part.
     *
     * @return the same object every time
     */
    public Gradients gradients() {
        return gradients;
    }

    Gradients gradients(int i) {
        return parts.get(i).gradients();
    }

    /**
     * Returns the rows of each part.
     *
     * @param all a tensor [rows of all parts x ...]
     * @return views, in the order of the parts; the same objects if the request before in this step, or the same
     *     request in the step before, was for the same tensor
     * @throws IllegalArgumentException if the tensor has another number of rows
     */
    public List<Tensor> rows(Tensor all) {
        Objects.requireNonNull(all, "tensor");
        plan();
        if (requests > 0 && views.get(requests - 1).all == all) {
            return views.get(requests - 1).views;
        }
        if (all.shape().rank() == 0 || all.dim(0) != rows) {
            throw new IllegalArgumentException("parts of " + rows + " rows together, and a tensor " + all.shape()
                    + "; give one with as many rows");
        }
        if (requests == views.size()) {
            views.add(new Rows());
        }
        Rows request = views.get(requests++);
        if (request.all != all) {
            List<Tensor> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                found.add(all.rows(i == 0 ? 0 : parts.get(i - 1).end, parts.get(i).end));
            }
            request.views = List.copyOf(found);
            request.all = all;
        }
        return request.views;
    }

    /** Adds the gradient of a weight, by its index, to those of the parts, and sums these. */
    void addWeightGradient(int weight, Tensor x, Tensor dy) {
        List<Tensor> xs = rows(x);
        List<Tensor> dys = rows(dy);
        for (int i = 0; i < count; i++) {
            parts.get(i).gradients().addWeightGradient(weight, xs.get(i), dys.get(i));
        }
        sum(weight);
    }

    /** Adds sums of rows to the gradients of the parts, and sums these. */
    void addSumOfRows(int parameter, Tensor dy) {
        List<Tensor> dys = rows(dy);
        for (int i = 0; i < count; i++) {
            parts.get(i).gradients().addSumOfRows(parameter, dys.get(i));
        }
        sum(parameter);
    }

    /** Sums the gradients of a parameter over all subtrees that are here. */
    private void sum(int parameter) {
        for (int i = 0; i < left.size(); i++) { // by index, which makes no iterator
            left.get(i).gradients().addOnly(parameter, right.get(i).gradients());
        }
        boolean isOfAll =
                from == 0 && to == Objects.requireNonNull(products, "products").parts();
        for (int i = 0; i < sums.size(); i++) {
            sums.get(i).gradients().closeSum(parameter, isOfAll);
        }
    }

    /** Ends the step: the gradients of the parts may be summed, and those of the sums changed. */
    public void end() {
        for (int i = 0; i < count; i++) {
            parts.get(i).gradients().openSums();
            parts.get(i).gradients = null;
        }
    }
}
