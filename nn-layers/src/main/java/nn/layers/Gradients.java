package nn.layers;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import nn.tensor.ProductTree;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a list of parameters, one tensor each, all zero at first. Pullbacks add to them, so the gradients of
 * several passes, or of a layer used twice, add up.
 *
 * <p>Running statistics have no gradient. A pullback {@linkplain #moveStatistic moves} them instead, and a trainer
 * {@linkplain StatisticUpdate#apply applies} these {@linkplain #statistics updates} at the end of the step.
 *
 * <p>{@linkplain #freeze Frozen} parameters are left out: they stay as they are, and count in no norm. A pass runs in a
 * context {@link #over} another one, so that its layers know which these are.
 *
 * <p>{@link #clear} does not fill gradients with zeros: the next call is most often {@link #addWeightGradient}, which
 * then writes instead of adding.
 */
public final class Gradients {
    /** Cache size, in floats (1 MB), in which gradients stay until their norm is computed. */
    private static final long CACHED = 1 << 18;

    /** Operands are kept if their product has at least this many times their elements: below, copies cost too much. */
    private static final int WORTH_KEEPING = 3;

    /** The root of {@link Tensor#TINY}: a product of two numbers from here on is not tiny. */
    private static final float ROOT = 0x1p-50f;

    private final List<Parameter> all; // frozen or not, without statistics
    private final List<Gradient> every; // of all
    private List<Parameter> parameters; // those of them that are not frozen
    private List<Gradient> inOrder; // of the parameters
    private final Map<Parameter, Gradient> gradients = new IdentityHashMap<>();
    private final Set<Parameter> frozen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Layer, Boolean> training = new IdentityHashMap<>(); // the answers of isTrained so far
    private final Map<Parameter, StatisticUpdate> updates = new IdentityHashMap<>();
    private final List<StatisticUpdate> statistics;
    private final boolean exceedCache;
    private boolean observing; // what would move a statistic is added up instead
    private int parts; // parts of the batch begun so far
    private @Nullable PartProducts products; // whose trees the gradients know
    private int part = -1; // whose operands are kept there; -1 if none are
    private boolean areViews; // the operands that are kept; otherwise they are copied
    private final @Nullable BatchParts together; // what is added goes to the gradients of these parts; null: it stays

    /**
     * Creates zero gradients of all parameters of a model.
     *
     * @param model a layer, or a tree of them
     * @throws IllegalArgumentException as for {@link Layer#parametersByPath}
     */
    public Gradients(Layer model) {
        this(List.copyOf(
                Objects.requireNonNull(model, "model").parametersByPath().values()));
    }

    /**
     * Creates zero gradients.
     *
     * @param parameters the parameters; duplicates count once
     */
    public Gradients(List<Parameter> parameters) {
        this(parameters, null);
    }

    /** Creates gradients that hand on all that row-wise layers add to those of the parts of a batch. */
    Gradients(List<Parameter> parameters, @Nullable BatchParts together) {
        List<Parameter> distinct = new ArrayList<>();
        List<Gradient> ofDistinct = new ArrayList<>();
        List<StatisticUpdate> ofStatistics = new ArrayList<>();
        long elements = 0;
        for (Parameter p : parameters) {
            if (Objects.requireNonNull(p, "a parameter").kind() == Parameter.Kind.STATISTIC) {
                if (!updates.containsKey(p)) {
                    ofStatistics.add(new StatisticUpdate(p));
                    updates.put(p, ofStatistics.getLast());
                }
            } else if (!gradients.containsKey(p)) {
                ofDistinct.add(new Gradient(p, distinct.size()));
                gradients.put(p, ofDistinct.getLast());
                distinct.add(p);
                elements += p.value().size();
            }
        }
        this.all = List.copyOf(distinct);
        this.parameters = all;
        this.every = List.copyOf(ofDistinct);
        this.inOrder = every;
        this.statistics = List.copyOf(ofStatistics);
        this.together = together;
        this.exceedCache = elements > CACHED;
    }

    /**
     * Leaves parameters out, until the next call: {@link #norm} and {@link #parameters} do without them, products for
     * their gradients are not computed, and statistics among them do not move. A normalization by batches whose running
     * statistics are frozen uses these in training, too.
     *
     * @param those the frozen parameters, among those given to the constructor; none of them to freeze nothing
     * @throws IllegalArgumentException if one was not given to the constructor; nothing changes then
     */
    public void freeze(List<Parameter> those) {
        for (Parameter parameter : Objects.requireNonNull(those, "parameters")) {
            if (!updates.containsKey(Objects.requireNonNull(parameter, "a parameter"))) {
                gradient(parameter);
            }
        }
        frozen.clear();
        frozen.addAll(those);
        training.clear();
        parameters = all.stream().filter(p -> !frozen.contains(p)).toList();
        inOrder = parameters.stream().map(this::gradient).toList();
    }

    /**
     * Whether a parameter is left out.
     *
     * @param parameter any
     * @return true if the last {@link #freeze} named it
     */
    public boolean isFrozen(Parameter parameter) {
        Objects.requireNonNull(parameter, "parameter");
        return hasFrozen() && frozen.contains(parameter); // a look into an empty set takes longer than a tiny product
    }

    /**
     * Whether any parameter is left out.
     *
     * @return false if all of them are trained
     */
    public boolean hasFrozen() {
        return !frozen.isEmpty();
    }

    /**
     * Whether a layer, or one inside it, has a parameter that is not left out. A model whose first layers have none
     * ends its backward pass after the others.
     *
     * @param layer any
     * @return false if all of its parameters are frozen, or it has none
     */
    public boolean isTrained(Layer layer) {
        Boolean known = training.get(Objects.requireNonNull(layer, "layer"));
        if (known == null) {
            known = !frozen.containsAll(layer.parametersByPath().values());
            training.put(layer, known);
        }
        return known;
    }

    /**
     * Returns a context that {@linkplain Context#isFrozen knows} which parameters are left out here, now and later.
     * Everything else comes from the given context.
     *
     * @param context gives everything else
     * @return the context
     */
    public Context over(Context context) {
        return new FreezingContext(context, this);
    }

    /**
     * Returns the gradient of one parameter, of the parameter's shape: the tensor itself, to be added to. It is always
     * the same tensor, but after {@link #clear} it may hold old values until this method is called again. What is added
     * for a frozen parameter has no effect.
     *
     * @param parameter one of those given to the constructor
     * @return its gradient
     * @throws IllegalArgumentException if it is not one of them
     * @throws IllegalStateException if several {@linkplain BatchParts parts} of a batch run at once, and a layer asks
     *     that says that it is {@linkplain Layer#isRowwise row-wise}
     * @throws UnsupportedOperationException if several parts run at once, and another layer, a row-wise one, has added
     *     to the gradient
     */
    public Tensor of(Parameter parameter) {
        if (together != null) {
            throw notRowwise(parameter);
        }
        return open(gradient(parameter)).settled();
    }

    private static IllegalStateException notRowwise(Parameter parameter) {
        return new IllegalStateException("parameter " + parameter + ": what is added to it has to be summed for each"
                + " part of the batch apart, and only addWeightGradient and addSumOfRows do so; use these, or let the"
                + " layer's isRowwise() return false");
    }

    /** Returns a gradient that may change. */
    private static Gradient open(Gradient gradient) {
        if (gradient.isClosed) {
            throw new UnsupportedOperationException(
                    "parameter " + gradient.parameter + ": its gradients were summed over the parts of the batch, and"
                            + " another layer, or another place of the same one, adds to"
                            + " them; run each part by itself");
        }
        return gradient;
    }

    /**
     * Adds the product of a layer's inputs and the gradients at its outputs, x' dy, to the gradient of its weight. The
     * bits are those of {@code x.matmulAddInto(dy, Transposed.LEFT, of(weight))}, but it is faster where nothing has
     * been added yet. A product whose elements are certainly all below {@link Tensor#TINY}, by the largest magnitudes
     * of x and of dy and the number of rows, counts as zero and is not computed. Neither is that of a frozen weight.
     *
     * @param weight one of those given to the constructor, [inputs x units]
     * @param x [... x inputs]
     * @param dy [... x units], with as many rows as x
     * @throws IllegalArgumentException if the weight is not one of them
     * @throws nn.tensor.ShapeException if the shapes do not fit; the gradient is unchanged then
     */
    public void addWeightGradient(Parameter weight, Tensor x, Tensor dy) {
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(dy, "dy");
        Gradient gradient = open(gradient(weight));
        if (isFrozen(weight)) {
            return;
        }
        if (together != null) {
            together.addWeightGradient(gradient.index, x, dy);
        } else {
            addWeightGradient(gradient, x, dy);
        }
    }

    /** Adds the gradient of a weight that is not frozen. */
    void addWeightGradient(int index, Tensor x, Tensor dy) {
        addWeightGradient(open(every.get(index)), x, dy);
    }

    private void addWeightGradient(Gradient gradient, Tensor x, Tensor dy) {
        if (isTiny(gradient.parameter, x, dy)) {
            return;
        }
        if (!gradient.isZero()) {
            x.matmulAddInto(dy, Transposed.LEFT, gradient.settled());
        } else if (part < 0 || !gradient.keeps(x, dy, part, areViews)) {
            x.matmulInto(dy, Transposed.LEFT, gradient.tensor());
            gradient.isStale = false;
            boolean isWhole = exceedCache && part < 0;
            gradient.squares = isWhole ? gradient.tensor().dot(gradient.tensor()) : Gradient.UNKNOWN;
        }
    }

    /**
     * Adds the sum of the rows of the gradients at a layer's outputs to the gradient of a bias, with the bits of
     * {@code dy.addSumOfRowsInto(of(parameter))}.
     *
     * @param parameter one of those given to the constructor, [units]
     * @param dy [... x units]
     * @throws IllegalArgumentException if the parameter is not one of them
     * @throws nn.tensor.ShapeException if the shapes do not fit; the gradient is unchanged then
     */
    public void addSumOfRows(Parameter parameter, Tensor dy) {
        Objects.requireNonNull(dy, "dy");
        Gradient gradient = open(gradient(parameter));
        if (together != null) {
            together.addSumOfRows(gradient.index, dy);
        } else {
            dy.addSumOfRowsInto(gradient.settled());
        }
    }

    void addSumOfRows(int index, Tensor dy) {
        dy.addSumOfRowsInto(open(every.get(index)).settled());
    }

    /**
     * Whether every element of x' dy is certainly below {@link Tensor#TINY}. In a deep network that fades forward and
     * backward, x and dy may be numbers of usual size for a float in every layer and their products subnormal in all.
     */
    private static boolean isTiny(Parameter weight, Tensor x, Tensor dy) {
        if (!x.isBelow(ROOT) && !dy.isBelow(ROOT)) {
            return false; // most often the first elements show it
        }
        return fits(weight.value(), x, dy) && (double) (x.size() / x.dim(-1)) * x.maxAbs() * dy.maxAbs() < Tensor.TINY;
    }

    /** Whether x' dy has the weight's shape; otherwise the product refuses it. */
    private static boolean fits(Tensor weight, Tensor x, Tensor dy) {
        return weight.shape().rank() == 2
                && x.shape().rank() > 0
                && dy.shape().rank() > 0
                && x.dim(-1) == weight.dim(0)
                && dy.dim(-1) == weight.dim(1)
                && (long) x.size() * dy.dim(-1) == (long) dy.size() * x.dim(-1);
    }

    /**
     * Moves a running statistic towards the value that a layer observed in one place of a pass: {@code value +=
     * momentum * (observed - value)}, applied at the end of the step. A pullback calls this. Several calls in a pass
     * move the statistic one after the other. The last call takes effect first, because a backward pass visits the
     * places of a layer in reverse order. So a statistic never leaves the range of its old value and the observed ones,
     * however many places its layer has. {@linkplain #beginPart Parts} of a batch are averaged.
     *
     * @param statistic one of those given to the constructor, of kind {@link Parameter.Kind#STATISTIC STATISTIC}
     * @param observed one number for each element; not changed
     * @param momentum the share by which it moves, above 0 and at most 1
     * @throws IllegalArgumentException if the parameter is not one of them or of another kind or size, or the momentum
     *     out of its range
     */
    public void moveStatistic(Parameter statistic, double[] observed, double momentum) {
        Objects.requireNonNull(observed, "observed");
        if (together != null) {
            throw notRowwise(statistic);
        }
        StatisticUpdate update = updates.get(Objects.requireNonNull(statistic, "statistic"));
        if (update == null && statistic.kind() == Parameter.Kind.STATISTIC) {
            throw unknown(statistic);
        }
        if (update == null || observed.length != statistic.value().size()) {
            throw new IllegalArgumentException("parameter " + statistic + " is of kind " + statistic.kind()
                    + "; expected a statistic with " + observed.length + " elements, as many as were observed");
        }
        if (!(momentum > 0 && momentum <= 1)) {
            throw new IllegalArgumentException(
                    "statistic " + statistic + ": momentum " + momentum + " must be above 0 and at most 1");
        }
        if (isFrozen(statistic)) {
            return;
        }
        if (observing) {
            update.observe(observed);
        } else {
            update.move(observed, momentum, Math.max(1, parts));
        }
    }

    /**
     * Makes {@link #moveStatistic} add up what layers observe from now on, instead of moving the statistics, until
     * {@link #setObservedStatistics}.
     */
    public void observeStatistics() {
        observing = true;
        for (StatisticUpdate update : statistics) {
            update.beginObserving();
        }
    }

    /**
     * Sets each running statistic to the mean of what its layer observed since {@link #observeStatistics}; one that
     * was not observed stays.
     *
     * @throws IllegalArgumentException if a mean is not finite as a float; no statistic has changed then
     */
    public void setObservedStatistics() {
        observing = false;
        for (StatisticUpdate update : statistics) {
            update.requireObservedFinite();
        }
        for (StatisticUpdate update : statistics) {
            update.setObserved();
        }
    }

    /**
     * The updates of the running statistics by the pullbacks so far.
     *
     * @return one for each statistic, in the order given
     */
    public List<StatisticUpdate> statistics() {
        return statistics;
    }

    /**
     * Returns the update of one running statistic.
     *
     * @param statistic one of those given to the constructor, of kind {@link Parameter.Kind#STATISTIC STATISTIC}
     * @return its update
     * @throws IllegalArgumentException if it is not one of them
     */
    public StatisticUpdate statistic(Parameter statistic) {
        StatisticUpdate update = updates.get(Objects.requireNonNull(statistic, "statistic"));
        if (update == null) {
            throw unknown(statistic);
        }
        return update;
    }

    /**
     * Announces a pass over another part of the same batch, whose gradients are added to those here. A running
     * statistic moves from its old value in each part; {@link #averageParts} then takes the mean.
     */
    public void beginPart() {
        parts++;
        for (int i = 0; i < statistics.size(); i++) {
            statistics.get(i).beginPart();
        }
    }

    /**
     * Divides the moves of running statistics by the number of parts, so that they move as a whole batch would move
     * them. Call it once, after the last part. Gradients remain sums.
     */
    public void averageParts() {
        for (int i = 0; i < statistics.size() && parts > 1; i++) {
            statistics.get(i).average(parts);
        }
        parts = 0;
    }

    private Gradient gradient(Parameter parameter) {
        Gradient gradient = gradients.get(Objects.requireNonNull(parameter, "parameter"));
        if (gradient == null) {
            throw unknown(parameter);
        }
        return gradient;
    }

    private IllegalArgumentException unknown(Parameter parameter) {
        return new IllegalArgumentException(
                updates.containsKey(parameter)
                        ? "parameter " + parameter + " is a running statistic, which has no gradient; use moveStatistic"
                        : "no gradient for parameter " + parameter
                                + ": it is not among the model's parametersByPath(). Its layer must list it in"
                                + " parameters(), a layer must list the layers inside it in children(), and both"
                                + " must return the same objects at every call");
    }

    /**
     * The parameters that have a gradient.
     *
     * @return each once, in the order given; without statistics and without frozen ones
     */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Sets all gradients to zero. Tensors obtained earlier are stale: call {@link #of} again. Operands are not kept any
     * more.
     */
    public void clear() {
        for (int i = 0; i < every.size(); i++) { // by index, here and below: a loop that makes no iterator
            every.get(i).clear();
        }
        part = -1;
        for (int i = 0; i < statistics.size(); i++) {
            statistics.get(i).clear();
        }
        parts = 0;
    }

    /**
     * Adds other gradients to these, such as those of another layer. The moves of running statistics here take effect
     * before those of the others.
     *
     * @param other of the same parameters
     * @throws IllegalArgumentException if it has a parameter that these do not have
     */
    public void add(Gradients other) {
        for (Parameter p : other.all) {
            gradient(p);
        }
        for (StatisticUpdate update : other.statistics) {
            statistic(update.parameter());
        }
        other.gradients.forEach((p, gradient) -> gradient(p).settled().addInPlace(gradient.settled()));
        for (StatisticUpdate update : other.statistics) {
            statistic(update.parameter()).add(update);
        }
    }

    /**
     * Makes {@link #addWeightGradient} keep the operands of products that are much larger, until the next
     * {@link #clear}. The gradients are those of one part of a batch, and {@link #addPart} sums them. Where it does so
     * over the tree of a {@link nn.tensor.ProductTree}, a sum of products is computed at once, when a gradient is
     * needed. No bit depends on it.
     *
     * @param kept keeps the operands, for all parts of the batch
     * @param index of the part, from 0
     * @throws IndexOutOfBoundsException if there is no such part
     */
    public void keepOperands(PartProducts kept, int index) {
        keep(kept, index);
        areViews = false;
    }

    /** Keeps the operands of all products, which do not change until they are summed: they are not copied. */
    void keepViews(PartProducts kept, int index) {
        keep(kept, index);
        areViews = true;
    }

    private void keep(PartProducts kept, int index) {
        Objects.requireNonNull(kept, "products");
        if (kept != products) {
            for (int i = 0; i < every.size(); i++) {
                every.get(i).setProducts(kept.of(all.get(i)));
            }
            products = kept;
        }
        part = Objects.checkIndex(index, kept.parts());
    }

    /** Adds one gradient of another part, which is left out when all are added. */
    void addOnly(int index, Gradients other) {
        Gradient added = other.every.get(index);
        every.get(index).add(added);
        added.isAdded = true;
        added.isClosed = true;
    }

    /** Computes a sum of gradients, to which nothing may be added for now: that of the whole batch, or a part of it. */
    void closeSum(int index, boolean isOfAll) {
        Gradient gradient = every.get(index);
        if (gradient.first >= 0) {
            Tensor sum = gradient.settled();
            gradient.squares = isOfAll && exceedCache ? sum.dot(sum) : Gradient.UNKNOWN;
        }
        gradient.isClosed = true;
    }

    /** Allows changes again. */
    void openSums() {
        for (int i = 0; i < every.size(); i++) { // by index, which makes no iterator
            every.get(i).isClosed = false;
        }
    }

    /** Computes the products whose operands are kept. Otherwise each is computed when its gradient is needed. */
    public void computeProducts() {
        for (int i = 0; i < every.size(); i++) { // by index, which makes no iterator
            every.get(i).computeProducts();
        }
    }

    /**
     * Adds the gradients of other parts of the same batch. Gradients are summed; the moves of running statistics are
     * summed as those of {@linkplain #beginPart parts}, so that {@link #averageParts} takes the mean over all parts.
     *
     * @param other of the same model, whose parts were {@linkplain #beginPart begun} after it was cleared; unchanged
     * @throws IllegalArgumentException if it has other parameters
     */
    public void addPart(Gradients other) {
        Objects.requireNonNull(other, "other");
        if (!hasParametersOf(other) || statistics.size() != other.statistics.size()) {
            throw new IllegalArgumentException("gradients of " + all.size() + " parameters and "
                    + statistics.size() + " statistics, and a part with gradients of " + other.all.size() + " and "
                    + other.statistics.size() + "; parts of a batch have the same model");
        }
        for (int i = 0; i < every.size(); i++) { // by index, here and below: a loop that makes no iterator
            every.get(i).add(other.every.get(i));
        }
        for (int i = 0; i < statistics.size(); i++) {
            statistics.get(i).addPart(other.statistics.get(i));
        }
        parts += other.parts;
    }

    /** Whether the parameters are the same, in the same order. */
    boolean hasParametersOf(Gradients other) {
        boolean same = all.size() == other.all.size();
        for (int i = 0; same && i < all.size(); i++) { // by index: equals of a list makes an iterator
            same = all.get(i) == other.all.get(i);
        }
        return same;
    }

    /**
     * Returns the number of bytes that {@link #write} takes.
     *
     * @return the same for all gradients of a model
     */
    public long byteSize() {
        long bytes = Integer.BYTES;
        for (Gradient gradient : every) {
            bytes += (long) Float.BYTES * gradient.shape.size();
        }
        for (StatisticUpdate update : statistics) {
            bytes += update.byteSize();
        }
        return bytes;
    }

    /**
     * Writes these gradients and moves of statistics for {@link #read}, in another process too.
     *
     * @param out takes {@link #byteSize} bytes, in its own order of bytes
     * @throws java.nio.BufferOverflowException if it has not as many left
     */
    public void write(ByteBuffer out) {
        Objects.requireNonNull(out, "out");
        out.putInt(parts);
        for (Gradient gradient : every) {
            StatisticUpdate.write(gradient.settled(), out);
        }
        for (StatisticUpdate update : statistics) {
            update.write(out);
        }
    }

    /**
     * Replaces these gradients and moves of statistics by written ones, bit for bit.
     *
     * @param in holds what {@link #write} wrote for the same model, in the same order of bytes
     * @throws java.nio.BufferUnderflowException if it has too few bytes; some gradients are replaced then
     */
    public void read(ByteBuffer in) {
        Objects.requireNonNull(in, "in");
        parts = in.getInt();
        for (Gradient gradient : every) {
            StatisticUpdate.read(in, gradient.replaced());
        }
        for (StatisticUpdate update : statistics) {
            update.read(in);
        }
    }

    /**
     * The Euclidean norm of all gradients together, without those of frozen parameters.
     *
     * @return the root of the sum of squares, NaN if a gradient has a NaN
     */
    public double norm() {
        double squares = 0;
        for (int i = 0; i < inOrder.size(); i++) {
            squares += inOrder.get(i).squares();
        }
        return Math.sqrt(squares);
    }

    private static final class Gradient {
        private static final double UNKNOWN = -1;

        final Parameter parameter;
        final int index; // in the lists of all
        final Shape shape;
        private @Nullable Tensor tensor; // created when it is needed
        double squares = UNKNOWN; // the sum of squares, if the tensor cannot have changed since
        boolean isStale; // it stands for zeros or for a sum of products, whatever the tensor holds
        PartProducts.@Nullable OfWeight products; // of this parameter, if operands may be kept
        int first = -1; // the first leaf of the sum of products; -1 for zeros
        int last = -1;
        boolean isAdded; // to the gradient of another part, which stands for both
        boolean isClosed; // a sum of parts, or part of one, to which nothing may be added

        Gradient(Parameter parameter, int index) {
            this.parameter = parameter;
            this.index = index;
            this.shape = parameter.value().shape();
        }

        /** Returns the tensor, whatever it holds. */
        Tensor tensor() {
            Tensor known = tensor;
            if (known == null) {
                known = Tensor.zeros(shape);
                tensor = known;
            }
            return known;
        }

        /** Whether nothing was added since it was cleared. */
        boolean isZero() {
            return isStale && first < 0;
        }

        void clear() {
            squares = UNKNOWN;
            isStale = true;
            first = -1;
            isAdded = false;
            isClosed = false;
        }

        void computeProducts() {
            if (first >= 0) {
                settled();
            }
        }

        void setProducts(PartProducts.@Nullable OfWeight those) {
            computeProducts(); // of operands that are kept elsewhere
            products = those;
        }

        /**
         * Keeps the operands of a product, and returns whether it does so. Copies are kept if the product is much
         * larger than they are.
         */
        boolean keeps(Tensor x, Tensor dy, int part, boolean areViews) {
            PartProducts.OfWeight all = products;
            if (all == null || !areViews && WORTH_KEEPING * ((long) x.size() + dy.size()) > shape.size()) {
                return false;
            }
            if (areViews) {
                all.tree.set(part, x, dy);
            } else {
                all.set(part, x, dy);
            }
            first = part;
            last = part;
            return true;
        }

        /** Adds a gradient of other parts. Two sums of products that are partners in the tree become one. */
        void add(Gradient other) {
            if (other.isAdded || isZero() && other.isZero()) {
                return;
            }
            boolean areProducts = first >= 0 && other.first >= 0 && products == other.products;
            if (areProducts && ProductTree.arePartners(first, last, other.first, other.last)) {
                last = other.last;
            } else {
                settled().addInPlace(other.settled());
            }
        }

        /** Returns the tensor, whose values are to be replaced. */
        Tensor replaced() {
            squares = UNKNOWN;
            isStale = false;
            first = -1;
            return tensor();
        }

        /** Returns the tensor; the caller may change it. */
        Tensor settled() {
            squares = UNKNOWN;
            Tensor values = tensor();
            if (isStale) {
                PartProducts.OfWeight all = products;
                if (first >= 0 && all != null) {
                    all.tree.sumInto(first, last, values);
                } else {
                    values.fill(0f);
                }
                isStale = false;
                first = -1;
            }
            return values;
        }

        double squares() {
            if (squares == UNKNOWN) {
                Tensor settled = settled();
                return settled.dot(settled);
            }
            return squares;
        }
    }
}
