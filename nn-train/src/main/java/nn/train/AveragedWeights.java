package nn.train;

import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.tensor.ParallelLoop;
import nn.tensor.Tensor;

/** The moving average of the weights of a trainer, and its part of a {@link TrainingState}. */
final class AveragedWeights {
    static final String PREFIX = "average/"; // before the path of a parameter
    private static final String COUNT = "trainer/average/count";
    private static final String EPOCH = "trainer/average/epoch"; // whether the unfinished epoch is in the average
    private static final float[] NOTHING = {};

    private final Optional<Averaging> rule;
    private final List<TrainedParameter> parameters;
    private final List<Tensor> averages; // of the parameters; empty without a rule
    private final ParallelLoop.Body move = this::move; // fields, so that no step allocates
    private final ParallelLoop.Body exchange = this::exchange;
    private long count; // of what was averaged so far
    private boolean hasEpoch; // whether the epoch that ends is in the average already
    private boolean isLent; // whether the model has the averages, and they are the weights
    private double share;
    private float[] average = NOTHING;
    private float[] values = NOTHING;
    private int offset; // of the values

    AveragedWeights(Optional<Averaging> rule, List<TrainedParameter> parameters) {
        this.rule = rule;
        this.parameters = parameters;
        this.averages = rule.isEmpty()
                ? List.of()
                : parameters.stream()
                        .map(trained -> Tensor.zeros(trained.parameter().value().shape()))
                        .toList();
    }

    /** Returns whether there is an average yet. */
    boolean exists() {
        return count > 0;
    }

    /** Averages the weights after a step. */
    void afterStep() {
        if (rule.isPresent() && rule.get() instanceof Averaging.Exponential(double decay)) {
            count++;
            add((1 - decay) / (1 - StrictMath.pow(decay, count)));
        }
    }

    /** Averages the weights after the steps of an epoch; once, if its validation is repeated. */
    void afterEpoch(int epoch) {
        if (rule.isPresent() && rule.get() instanceof Averaging.Equal(int first) && epoch >= first && !hasEpoch) {
            count++;
            add(1.0 / count);
            hasEpoch = true;
        }
    }

    /** Called when an epoch is finished or abandoned. */
    void nextEpoch() {
        hasEpoch = false;
    }

    private void add(double shareOfWeights) {
        share = shareOfWeights;
        each(move);
    }

    /** Gives the model the averages, and keeps its weights in their place. */
    void lend() {
        isLent = true;
        each(exchange);
    }

    /** Gives the model its weights back, to the bit. */
    void takeBack() {
        each(exchange);
        isLent = false;
    }

    /** Refuses to save a state while the weights are in the place of their averages. */
    void requireNotLent() {
        if (isLent) {
            throw new IllegalStateException("the model has the averaged weights now, while it is validated or in"
                    + " withAverage: save the state when that has returned");
        }
    }

    /** Sets the weights to their averages. */
    void adopt() {
        for (int i = 0; i < averages.size(); i++) {
            parameters.get(i).parameter().value().copyFrom(averages.get(i));
        }
    }

    /** Refuses a call that needs an average. */
    void requireExisting(String method) {
        if (rule.isEmpty()) {
            throw new IllegalStateException(
                    method + ": the trainer does not average its weights; give it TrainerOptions.averaging");
        }
        if (!exists()) {
            throw new IllegalStateException(method + ": there is no average yet, by " + rule.get() + "; train first");
        }
    }

    private void each(ParallelLoop.Body body) {
        for (int i = 0; i < averages.size(); i++) { // by index, which makes no iterator
            Tensor value = parameters.get(i).parameter().value();
            average = averages.get(i).array();
            values = value.array();
            offset = value.offset();
            ParallelLoop.run(value.size(), body);
        }
        average = values = NOTHING;
    }

    private void move(int from, int to) {
        move(from, to, average, values, offset, share);
    }

    /** In double, so that a small share of a small difference is not lost before it is added. */
    private static void move(int from, int to, float[] a, float[] p, int offset, double share) {
        if (offset == 0) { // C2 makes vector code only if all indices are alike
            for (int i = from; i < to; i++) {
                a[i] = (float) (a[i] + share * ((double) p[i] - a[i]));
            }
        } else {
            for (int i = from; i < to; i++) {
                a[i] = (float) (a[i] + share * ((double) p[offset + i] - a[i]));
            }
        }
    }

    private void exchange(int from, int to) {
        for (int i = from; i < to; i++) {
            float kept = average[i];
            average[i] = values[offset + i];
            values[offset + i] = kept;
        }
    }

    void addTensors(SequencedMap<String, Tensor> tensors) {
        for (int i = 0; i < averages.size() && exists(); i++) {
            tensors.put(PREFIX + parameters.get(i).path(), averages.get(i));
        }
    }

    void writeText(SequencedMap<String, String> text) {
        if (rule.isPresent()) {
            text.put(COUNT, "" + count);
            text.put(EPOCH, "" + hasEpoch);
        }
    }

    /** What {@link #read} found. */
    record Saved(long count, boolean hasEpoch, List<Optional<Tensor>> averages) {}

    /** Reads what {@link #addTensors} and {@link #writeText} have written; the reader collects the problems. */
    Saved read(TrainingState state, StateReader reader, long steps) {
        boolean wasAveraged = Recipe.averages(state);
        if (rule.isEmpty() || !wasAveraged) { // compared as one of the options
            reader.skip(PREFIX);
            return new Saved(0, false, List.of());
        }
        long saved = reader.count(COUNT, steps);
        String epoch = reader.text(EPOCH);
        if (reader.hasText(EPOCH) && !epoch.equals("true") && !epoch.equals("false")) {
            reader.problem(EPOCH, "is '" + epoch + "'; expected true or false");
        }
        List<Optional<Tensor>> tensors = saved == 0
                ? List.of()
                : parameters.stream()
                        .map(trained -> reader.tensor(PREFIX + trained.path(), trained.parameter()))
                        .toList();
        return new Saved(saved, epoch.equals("true"), tensors);
    }

    /** Restores what was read without a problem. */
    void restore(Saved saved) {
        count = saved.count();
        hasEpoch = saved.hasEpoch();
        for (int i = 0; i < saved.averages().size(); i++) {
            averages.get(i).copyFrom(saved.averages().get(i).orElseThrow());
        }
    }
}
