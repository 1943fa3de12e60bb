package nn.examples.experiment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import nn.examples.chart.Drawing;
import nn.examples.numeric.Statistics;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Everything that a claim measures with. An experiment gives keys, parts and threads, and collects measurements,
 * drawings and raw numbers.
 *
 * <p>Trials may run at the same time on several threads. Their results are returned in order, so results never depend
 * on threads. A claim hands in measurements and drawings itself; its trials do not.
 */
public final class Experiment {
    private final Key key;
    private final boolean quick;
    private final Apparatus apparatus;
    private final List<Measurement> measurements = new ArrayList<>();
    private final List<Drawing> drawings = new ArrayList<>();
    private final List<RawTable> tables = new ArrayList<>();
    private final List<RawTable.Column> samples = new ArrayList<>();
    private Draft open;

    /**
     * An experiment without results.
     *
     * @param key names all of its randomness
     * @param quick whether it should end within about a second
     * @param apparatus gives the parts
     */
    public Experiment(Key key, boolean quick, Apparatus apparatus) {
        this.key = key;
        this.quick = quick;
        this.apparatus = apparatus;
    }

    // ---- how much ----

    /**
     * Returns whether the run should end within about a second.
     *
     * @return false in a full run
     */
    public boolean quick() {
        return quick;
    }

    /**
     * Chooses a size by the time available, such as a depth, a list of widths or a number of steps.
     *
     * @param <T> any type
     * @param full the value for a full run
     * @param quick the value for a quick run
     * @return one of the two
     */
    public <T> T choose(T full, T quick) {
        return this.quick ? quick : full;
    }

    /**
     * Chooses the number of trials.
     *
     * @param full the number in a full run
     * @param quick the number in a quick run
     * @return the number, with the factor by which it widens a range
     */
    public Repetitions times(int full, int quick) {
        return this.quick ? new Repetitions(quick, Math.sqrt((double) full / quick)) : new Repetitions(full, 1);
    }

    // ---- randomness and threads ----

    /**
     * Returns the claim's own key.
     *
     * @return the same for the same seed
     */
    public Key key() {
        return key;
    }

    /**
     * Runs a trial several times, each with its own key.
     *
     * @param <T> the result of a trial
     * @param what names the trials: different names have different keys, and one name has the same keys again, for
     *     paired comparisons
     * @param times the number of trials
     * @param trial the trial; a function of its key alone
     * @return one result for each repetition, in order
     */
    public <T> List<T> repeat(String what, Repetitions times, Function<Key, T> trial) {
        Key all = key.child(what);
        return each(IntStream.range(0, times.count()).boxed().toList(), i -> trial.apply(apparatus.repetition(all, i)));
    }

    /**
     * Measures one number several times.
     *
     * @param what names the trials, as in {@link #repeat}
     * @param times the number of trials
     * @param trial returns the number
     * @return one number for each repetition
     */
    public double[] sample(String what, Repetitions times, ToDoubleFunction<Key> trial) {
        return repeat(what, times, trial::applyAsDouble).stream()
                .mapToDouble(d -> d)
                .toArray();
    }

    /**
     * Measures several numbers at once several times, such as one for each layer.
     *
     * @param what names the trials, as in {@link #repeat}
     * @param times the number of trials
     * @param trial returns the numbers, equally many each time
     * @return [number][repetition]
     */
    public double[][] samples(String what, Repetitions times, Function<Key, double[]> trial) {
        List<double[]> rows = repeat(what, times, trial);
        double[][] turned = new double[rows.getFirst().length][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < turned.length; j++) {
                turned[j][i] = rows.get(i)[j];
            }
        }
        return turned;
    }

    /**
     * Runs some work for each of several settings, in parallel where possible.
     *
     * @param <A> a setting
     * @param <T> a result
     * @param settings such as widths
     * @param work a function of its setting alone
     * @return one result for each setting, in order
     */
    public <A, T> List<T> each(Collection<A> settings, Function<? super A, ? extends T> work) {
        List<ForkJoinTask<T>> tasks = new ArrayList<>();
        for (A setting : settings) {
            tasks.add(ForkJoinTask.adapt(() -> work.apply(setting)));
        }
        ForkJoinTask.invokeAll(tasks);
        return tasks.stream().map(ForkJoinTask::join).toList();
    }

    // ---- parts ----

    /**
     * Returns the initializer of weights to use. Every weight of a claim comes through here or through {@link #weight}.
     *
     * @param named such as {@code Init.heNormal()}
     * @return the same, unless a test replaced it
     */
    public Initializer weights(Initializer named) {
        return apparatus.weights(named);
    }

    /**
     * Returns the initializer of biases to use. Every bias of a claim comes through here.
     *
     * @param named such as {@code Init.constant(0.01)}
     * @return the same, unless a test replaced it
     */
    public Initializer biases(Initializer named) {
        return apparatus.biases(named);
    }

    /**
     * Returns the nonlinearity to use, for networks and for theory.
     *
     * @param named such as {@code Nonlinearity.TANH}
     * @return the same, unless a test replaced it
     */
    public Nonlinearity nonlinearity(Nonlinearity named) {
        return apparatus.nonlinearity(named);
    }

    /**
     * Returns the network to train and measure. Claims about training pass theirs through here.
     *
     * @param built a network
     * @return the same, unless a test replaced it
     */
    public Layer model(Layer built) {
        return apparatus.model(built);
    }

    /**
     * Draws one weight.
     *
     * @param initializer goes through {@link #weights}
     * @param inputs fan-in
     * @param units fan-out
     * @param key of this weight
     * @return [inputs x units]
     */
    public Tensor weight(Initializer initializer, int inputs, int units, Key key) {
        Tensor w = Tensor.zeros(inputs, units);
        weights(initializer).fill(w, new Fans(inputs, units), key);
        return w;
    }

    /**
     * Draws one bias.
     *
     * @param initializer goes through {@link #biases}
     * @param inputs fan-in of the layer
     * @param units the number of units
     * @param key of this bias
     * @return [units]
     */
    public Tensor bias(Initializer initializer, int inputs, int units, Key key) {
        Tensor b = Tensor.zeros(units);
        biases(initializer).fill(b, new Fans(inputs, units), key);
        return b;
    }

    /**
     * Draws standard normal numbers, such as inputs.
     *
     * @param key names them
     * @param dims the shape
     * @return a tensor of that shape
     */
    public Tensor normal(Key key, int... dims) {
        Tensor x = Tensor.zeros(dims);
        key.normal(x, 0f, 1f);
        return x;
    }

    // ---- results ----

    /**
     * Begins a quantity that was measured several times; the numbers themselves go into the raw measurements.
     *
     * @param quantity its name, in at most 33 characters
     * @param predicted the expected value; NaN if nothing predicts it
     * @param sample one number for each repetition
     * @return the measurement that still needs its range
     */
    public Draft sampled(String quantity, double predicted, double[] sample) {
        samples.add(new RawTable.Column(quantity, sample.clone()));
        return draft(quantity, predicted, Statistics.mean(sample), Statistics.margin(sample));
    }

    /**
     * Begins a proportion.
     *
     * @param quantity its name, in at most 33 characters
     * @param predicted the expected value; NaN if nothing predicts it
     * @param hits number of successes
     * @param tries number of trials
     * @return the measurement that still needs its range
     */
    public Draft proportion(String quantity, double predicted, long hits, long tries) {
        return draft(quantity, predicted, (double) hits / tries, Statistics.proportionMargin(hits, tries));
    }

    /**
     * Begins a quantity that is not random, or whose interval is unknown.
     *
     * @param quantity its name, in at most 33 characters
     * @param predicted the expected value; NaN if nothing predicts it
     * @param measured the measured value
     * @return the measurement that still needs its range
     */
    public Draft value(String quantity, double predicted, double measured) {
        return draft(quantity, predicted, measured, 0);
    }

    /**
     * Hands in a quantity that must be exact to the bit.
     *
     * @param quantity its name, in at most 33 characters
     * @param predicted the required value
     * @param measured the measured value
     */
    public void equal(String quantity, double predicted, double measured) {
        draft(quantity, predicted, measured, 0).between(predicted, predicted);
    }

    private Draft draft(String quantity, double predicted, double measured, double margin) {
        checkClosed();
        open = new Draft(quantity, predicted, measured, margin);
        return open;
    }

    /**
     * Hands in a drawing.
     *
     * @param drawing shown below the measurements, in this order
     */
    public void draw(Drawing drawing) {
        if (drawing.title().isBlank() || drawing.alternative().isBlank()) {
            throw new IllegalArgumentException("a drawing without title or text alternative: " + drawing.title());
        }
        drawings.add(drawing);
    }

    /**
     * Hands in raw measurements. Those of {@link #sampled} are included already.
     *
     * @param table for {@code --csv}
     */
    public void raw(RawTable table) {
        tables.add(table);
    }

    private void checkClosed() {
        if (open != null) {
            throw new IllegalStateException(
                    "measurement '" + open.quantity + "' has no range: end it by within, between, atLeast or atMost");
        }
    }

    /**
     * Returns the measurements so far.
     *
     * @return in the order in which they were handed in
     * @throws IllegalStateException if the last one lacks its range
     */
    public List<Measurement> measurements() {
        checkClosed();
        return List.copyOf(measurements);
    }

    /**
     * Returns the drawings so far.
     *
     * @return in the order in which they were handed in
     */
    public List<Drawing> drawings() {
        return List.copyOf(drawings);
    }

    /**
     * Returns the raw measurements so far.
     *
     * @return in the order in which they were handed in
     */
    public List<RawTable> tables() {
        return List.copyOf(tables);
    }

    /**
     * Returns the repetitions behind the sampled measurements.
     *
     * @return one column for each call of {@link #sampled}, in order
     */
    public List<RawTable.Column> samples() {
        return List.copyOf(samples);
    }

    /** A measurement that lacks its range. */
    public final class Draft {
        private final String quantity;
        private final double predicted;
        private final double measured;
        private final double margin;
        private Over over = Over.NOTHING;
        private Basis basis;

        private Draft(String quantity, double predicted, double measured, double margin) {
            this.quantity = quantity;
            this.predicted = predicted;
            this.measured = measured;
            this.margin = margin;
            this.basis = Double.isNaN(predicted) ? Basis.NONE : Basis.THEORY;
        }

        /**
         * Sets what the mean or variance is taken over.
         *
         * @param what weights, units or inputs
         * @return this
         */
        public Draft over(Over what) {
            over = what;
            return this;
        }

        /**
         * Marks the expected value as that of another experiment, not of theory.
         *
         * @return this
         */
        public Draft reference() {
            basis = Basis.REFERENCE;
            return this;
        }

        /**
         * Accepts values near the prediction.
         *
         * @param tolerance the largest accepted distance
         */
        public void within(double tolerance) {
            between(predicted - tolerance, predicted + tolerance);
        }

        /**
         * Accepts a range.
         *
         * @param low the least accepted value
         * @param high the largest accepted value
         */
        public void between(double low, double high) {
            open = null;
            measurements.add(new Measurement(quantity, over, basis, predicted, measured, margin, low, high));
        }

        /**
         * Accepts all values from a bound on.
         *
         * @param low the least accepted value
         */
        public void atLeast(double low) {
            between(low, Double.POSITIVE_INFINITY);
        }

        /**
         * Accepts all values up to a bound.
         *
         * @param high the largest accepted value
         */
        public void atMost(double high) {
            between(Double.NEGATIVE_INFINITY, high);
        }
    }
}
