package nn.train.loss;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.graph.Parts;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The loss of a model with several outputs: the sum of a loss for each of them, with weights.
 *
 * <pre>{@code
 * JointLoss joint = JointLoss.of(Parts.of("digit", 10).and("box", 4))
 *         .with("digit", 1, new SoftmaxCrossEntropy())
 *         .with("box", 0.1, new MeanSquaredError());
 * Tensor y = joint.targets().pack(Map.of("digit", Tensor.zeros(5), "box", Tensor.zeros(5, 4)));
 * }</pre>
 *
 * <p>The losses are all means or all sums. In a mean every example counts the same in each of the losses: with ignored
 * labels or class weights the examples of several batches could not be combined into one mean, and such targets are
 * refused.
 */
public final class JointLoss implements Loss {
    private static final String NAME = "joint loss";

    private final Parts outputs;
    private final List<Term> terms;

    /** The loss of one output, and its weight in the sum. */
    private record Term(String output, double weight, Loss loss) {
        @Override
        public String toString() {
            return weight + " " + output + ": " + Description.of(loss);
        }
    }

    private JointLoss(Parts outputs, List<Term> terms) {
        this.outputs = outputs;
        this.terms = List.copyOf(terms);
    }

    /**
     * A loss for some outputs, to be given by {@link #with}.
     *
     * @param outputs of the model
     * @return a loss that lacks its terms
     */
    public static JointLoss of(Parts outputs) {
        return new JointLoss(Objects.requireNonNull(outputs, "outputs"), List.of());
    }

    /**
     * Adds the loss of one output.
     *
     * @param output its name
     * @param weight its factor in the sum, finite and not negative
     * @param loss its loss
     * @return a copy with this term
     * @throws IllegalArgumentException if there is no such output, it has a loss already, the weight is out of its
     *     range, or one of the losses is a mean and another a sum
     */
    public JointLoss with(String output, double weight, Loss loss) {
        if (!outputs.names().contains(Objects.requireNonNull(output, "output"))) {
            throw new IllegalArgumentException(
                    NAME + ": there is no output '" + output + "'; there are " + outputs.names());
        }
        Objects.requireNonNull(loss, "loss");
        if (terms.stream().anyMatch(t -> t.output.equals(output))) {
            throw new IllegalArgumentException(NAME + ": output '" + output + "' has a loss already");
        }
        if (!(weight >= 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException(NAME + ": the weight of output '" + output + "' is " + weight
                    + "; it must be finite, and 0 or more");
        }
        if (!terms.isEmpty() && terms.getFirst().loss.reduction() != loss.reduction()) {
            throw new IllegalArgumentException(NAME + ": the loss of '" + output + "' is a " + loss.reduction()
                    + ", that of '" + terms.getFirst().output + "' a "
                    + terms.getFirst().loss.reduction()
                    + "; use one reduction for all");
        }
        List<Term> more = new ArrayList<>(terms);
        more.add(new Term(output, weight, loss));
        return new JointLoss(outputs, more);
    }

    private List<Term> all() {
        List<String> missing = new ArrayList<>(outputs.names());
        terms.forEach(t -> missing.remove(t.output));
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(NAME + ": outputs " + missing
                    + " have no loss; add one for each by with(...), with weight 0 if it is not to be trained");
        }
        return terms;
    }

    /**
     * The outputs of the model, as given.
     *
     * @return the parts
     */
    public Parts outputs() {
        return outputs;
    }

    /**
     * Packs and unpacks the targets: one for each output, in the order of the losses.
     *
     * @return the parts
     * @throws IllegalArgumentException if an output has no loss
     */
    public Parts targets() {
        Parts targets = null;
        for (Term term : all()) {
            int[] dims = targetShape(term, 1).withoutFirst().dims();
            targets = targets == null ? Parts.of(term.output, dims) : targets.and(term.output, dims);
        }
        return Objects.requireNonNull(targets);
    }

    /**
     * Refuses a model whose outputs are others.
     *
     * @throws IllegalArgumentException if an output has no loss, or the model has several outputs, and not these
     */
    @Override
    public void requireFits(Layer model) {
        all();
        List<String> names = model.outputNames();
        if (!names.isEmpty() && !names.equals(outputs.names())) {
            throw new IllegalArgumentException(NAME + ": its outputs are " + outputs.names()
                    + ", those of the model are " + names + "; begin with JointLoss.of(model.outputs().get())");
        }
    }

    private Shape outputShape(Term term, int batch) {
        return outputs.shape(term.output, batch);
    }

    private Shape targetShape(Term term, int batch) {
        return Targets.shape(term.loss, outputShape(term, batch));
    }

    /**
     * {@inheritDoc}
     *
     * @param output [batch x numbers], the packed outputs
     * @param target [batch x numbers], the packed {@link #targets}
     * @throws IllegalArgumentException if an output has no loss, a loss refuses its part, or examples count differently
     *     in a mean
     */
    @Override
    public Value of(Tensor output, Tensor target, Context context) {
        int batch = requireBatch(output, target);
        Tensor gradient = context.empty(output.shape());
        double total = 0;
        int at = 0;
        for (Term term : all()) {
            Tensor part = context.empty(outputShape(term, batch));
            Tensor partTarget = context.empty(targetShape(term, batch));
            int from = outputs.offset(term.output);
            output.sliceInto(1, from, part.reshape(batch, part.size() / batch));
            target.sliceInto(1, at, partTarget.reshape(batch, partTarget.size() / batch));
            at += partTarget.size() / batch;
            requireEqualTerms(term, partTarget);
            Value value = term.loss.checked(part, partTarget, context);
            total += term.weight * value.value();
            Tensor rows = value.dOutput().reshape(batch, part.size() / batch);
            Tensor scaled = context.empty(rows.shape());
            scaled.copyFrom(rows);
            scaled.scaleInPlace((float) term.weight);
            gradient.setSlice(1, from, scaled);
        }
        return new Value(total, gradient);
    }

    private static void requireEqualTerms(Term term, Tensor target) {
        int batch = target.dim(0);
        if (term.loss.reduction() == Reduction.MEAN
                && term.loss.terms(target) != batch * term.loss.terms(target.rows(0, 1))) {
            throw new IllegalArgumentException(NAME + ": in the mean of '" + term.output + "', "
                    + Description.of(term.loss) + ", some examples count more than others, as with ignored labels or"
                    + " class weights; then the losses of several batches do not add up to one. Use a sum, or leave"
                    + " these examples out");
        }
    }

    private int requireBatch(Tensor output, Tensor target) {
        int batch = output.shape().rank() == 2 && output.dim(1) == outputs.size() ? output.dim(0) : 0;
        Shape wanted = batch == 0 ? outputs.asShape(Shape.ANY) : targetShape(output.shape());
        Shape given = batch == 0 ? output.shape() : target.shape();
        if (batch == 0 || !given.equals(wanted)) {
            String expected = wanted.toString();
            throw new ShapeException(
                    NAME + ": expected " + (batch == 0 ? "an output " : "a target ") + expected + ", got " + given,
                    expected,
                    given);
        }
        return batch;
    }

    @Override
    public Shape targetShape(Shape output) {
        return Shape.of(output.dim(0), targets().size());
    }

    @Override
    public Reduction reduction() {
        return all().getFirst().loss.reduction();
    }

    /**
     * Returns the number of examples. A trainer calls this method with the targets of a whole batch before it computes
     * anything, so this is where it learns that they cannot be combined into one mean.
     *
     * @throws ShapeException if the targets are not [batch x numbers] of these losses
     * @throws IllegalArgumentException if an output has no loss, or examples count differently in a mean
     */
    @Override
    public double terms(Tensor target) {
        int numbers = targets().size();
        if (target.shape().rank() != 2 || target.dim(1) != numbers) {
            String expected = "[batch x " + numbers + "]";
            throw new ShapeException(
                    NAME + ": expected a target " + expected + ", got " + target.shape(), expected, target.shape());
        }
        int batch = target.dim(0);
        int at = 0;
        for (Term term : all()) {
            Tensor part = Tensor.zeros(targetShape(term, batch).dims());
            target.sliceInto(1, at, part.reshape(batch, part.size() / batch));
            at += part.size() / batch;
            requireEqualTerms(term, part);
        }
        return batch;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JointLoss l && outputs.equals(l.outputs) && terms.equals(l.terms);
    }

    @Override
    public int hashCode() {
        return outputs.hashCode() + 31 * terms.hashCode();
    }

    /** Such as {@code joint loss (1.0 digit: ..., 0.1 box: ...)}. */
    @Override
    public String toString() {
        return NAME + " ("
                + String.join(", ", terms.stream().map(Term::toString).toList()) + ")";
    }
}
