package nn.train.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.History;
import nn.train.StepReport;
import nn.train.TrainingObserver;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.LayerReading;
import nn.train.diagnose.TrainingWatch;
import nn.train.diagnose.WatchReport;

/**
 * Writes the progress of a training for <a href="https://www.tensorflow.org/tensorboard">TensorBoard</a>, which draws
 * it in a browser: {@code tensorboard --logdir runs}.
 *
 * <pre>{@code
 * TrainingWatch watch = TrainingWatch.of(network, loss, split.train());
 * TensorBoard board = TensorBoard.to(Path.of("runs/first"))
 *         .histograms(network)                      // of all parameters, after each epoch
 *         .watch(watch);                            // dead units, updates and gradients
 * trainer.fit(batches, 20, watch, board);
 * }</pre>
 *
 * <table>
 * <caption>Tags</caption>
 * <tr><th>tag</th><th>value</th><th>written</th></tr>
 * <tr><td>{@code step/loss}, {@code step/gradient_norm}, {@code step/rate}</td><td>as {@link StepReport} has
 * them</td><td>at one step in ten, from the first on, or as {@link #every}
 * says</td></tr>
 * <tr><td>{@code epoch/loss}, {@code epoch/validation_loss}</td><td>as {@link EpochReport} has them</td><td>after each
 * epoch, like all below</td></tr>
 * <tr><td>{@code metric/<name>}, {@code observation/<name>}</td><td>metrics of the validation data; what other
 * observers have measured</td><td></td></tr>
 * <tr><td>{@code parameter/<path>}</td><td>the distribution of a parameter</td><td>with {@link #histograms}</td></tr>
 * <tr><td>{@code dead/<path>}, {@code saturated/<path>}, {@code update/<path>}, {@code gradient/<path>}, {@code
 * signal_to_noise/<path>}; text {@code watch}</td><td>the readings of a {@link WatchReport}, and its
 * text</td><td>with {@link #watch}</td></tr>
 * <tr><td>{@code init/<number>/<path>}; text {@code init}</td><td>the readings of an {@link InitReport}, such as {@code
 * init/pre_activation/hidden1}, and its text</td><td>with {@link #init}: once, at step 0</td></tr>
 * </table>
 *
 * <p>All values are at the number of the trainer's last step, from 1. Numbers become floats. NaN, such as a validation
 * loss without validation data, is left out.
 *
 * <p><b>One folder, one training.</b> The folder has one file. If a fit begins at step n, because it continues a
 * training or resumes one, the file keeps what it has of the steps before, and loses what it has of step n and later
 * ones: after a crash, the steps since the last checkpoint. So no step is there twice. If it loses any, a copy of the
 * file stays in the folder as {@code replaced-events.nn}. A TensorBoard that shows the folder meanwhile must be
 * restarted then. Give a new training a new folder. Two trainings must not write into one folder at the same time: the
 * second is not refused, and begins the file anew.
 *
 * <p>Values of a fit are appended to the file at the end of an epoch or the fit, and when a tenth of a second has
 * passed. If a fit ends by an exception, {@link #flush} writes the last ones. What a checkpoint counts as done should
 * have been written before it: give a fit this observer before {@link nn.train.checkpoint.Checkpoint#everyEpoch}, and
 * call {@link #flush} before saving a checkpoint in {@code onStep}, or a program that is killed loses the values of the
 * last tenth of a second. Values of one's own, by {@link #scalar}, {@link #histogram(String, long, Tensor)} and {@link
 * #text}, are written at once, with all that wait; the file is open only meanwhile, so there is nothing to close.
 *
 * <p>A file that cannot be written ends the fit with an {@link UncheckedIOException}; its cause is a {@link
 * nn.train.io.DataFormatException} if the file was damaged. A TensorBoard is for one thread.
 */
public final class TensorBoard implements TrainingObserver {
    private static final int PERIOD = 10; // steps
    private static final String INIT = "init";
    private static final long LONGEST_DELAY = 100_000_000; // nanoseconds between two looks at the file

    private final Path folder;
    private final int period;
    private final Optional<Layer> model;
    private final Optional<TrainingWatch> watch;
    private final Optional<InitReport> init;
    private final EventFile file;
    private boolean begun; // the current fit has had a step
    private long step; // the last one
    private long flushed; // the time of the last flush

    private TensorBoard(
            Path folder, int period, Optional<Layer> model, Optional<TrainingWatch> watch, Optional<InitReport> init) {
        this.folder = folder;
        this.period = period;
        this.model = model;
        this.watch = watch;
        this.init = init;
        this.file = new EventFile(folder);
    }

    /**
     * Writes into a folder.
     *
     * @param folder the folder of one training, created when the first value is written; its name is that of the curves
     * @return an observer of that training
     */
    public static TensorBoard to(Path folder) {
        return new TensorBoard(
                Objects.requireNonNull(folder, "folder"), PERIOD, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Writes more or fewer steps.
     *
     * @param steps from one written step to the next; the first step is written; 1 or more
     * @return a copy that has written nothing
     * @throws IllegalArgumentException if it is below 1
     */
    public TensorBoard every(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("one step in " + steps + " cannot be written; give 1 or more");
        }
        return new TensorBoard(folder, steps, model, watch, init);
    }

    /**
     * Writes the distributions of a model's parameters, too.
     *
     * @param trained the model
     * @return a copy that has written nothing
     */
    public TensorBoard histograms(Layer trained) {
        return new TensorBoard(folder, period, Optional.of(Objects.requireNonNull(trained, "model")), watch, init);
    }

    /**
     * Writes the readings of a watch, too.
     *
     * @param watching an observer of the same fit, given before this one
     * @return a copy that has written nothing
     */
    public TensorBoard watch(TrainingWatch watching) {
        return new TensorBoard(folder, period, model, Optional.of(Objects.requireNonNull(watching, "watch")), init);
    }

    /**
     * Writes a report on the initial weights, too, if the file has no such report and no values of steps yet.
     *
     * @param report made before the training
     * @return a copy that has written nothing
     */
    public TensorBoard init(InitReport report) {
        return new TensorBoard(folder, period, model, watch, Optional.of(Objects.requireNonNull(report, "report")));
    }

    /**
     * Writes a number of one's own, at once.
     *
     * @param tag its name; the part before the first slash groups it
     * @param at the number of a step, 0 or more
     * @param value the number
     * @throws IllegalArgumentException if the tag is blank, or the step below 0
     * @throws UncheckedIOException if the file cannot be written
     */
    public void scalar(String tag, long at, double value) {
        file.scalar(requireTag(tag), requireStep(at), value);
        flush();
    }

    /**
     * Writes the distribution of the elements of a tensor, at once.
     *
     * @param tag its name; the part before the first slash groups it
     * @param at the number of a step, 0 or more
     * @param values a tensor of any shape
     * @throws IllegalArgumentException if it has no elements, or one that is not finite; if the tag is blank, or the
     *     step below 0
     * @throws UncheckedIOException if the file cannot be written
     */
    public void histogram(String tag, long at, Tensor values) {
        requireTag(tag);
        if (Objects.requireNonNull(values, "values").size() == 0 || !values.isFinite()) {
            throw new IllegalArgumentException("histogram '" + tag + "' of a tensor of shape " + values.shape()
                    + ": it must have elements, and all of them must be finite");
        }
        file.histogram(tag, requireStep(at), values);
        flush();
    }

    /**
     * Writes a text, at once.
     *
     * @param tag its name; the part before the first slash groups it
     * @param at the number of a step, 0 or more
     * @param text in Markdown
     * @throws IllegalArgumentException if the tag is blank, or the step below 0
     * @throws UncheckedIOException if the file cannot be written
     */
    public void text(String tag, long at, String text) {
        file.text(requireTag(tag), requireStep(at), Objects.requireNonNull(text, "text"));
        flush();
    }

    private static String requireTag(String tag) {
        if (Objects.requireNonNull(tag, "tag").isBlank()) {
            throw new IllegalArgumentException("a tag must not be blank");
        }
        return tag;
    }

    private static long requireStep(long at) {
        if (at < 0) {
            throw new IllegalArgumentException("the number of a step is 0 or more, not " + at);
        }
        return at;
    }

    /**
     * Writes the values that wait for the next look at the file.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public void flush() {
        try {
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        flushed = System.nanoTime();
    }

    @Override
    public void onStart(int epochs, int steps, int completedSteps) {
        begun = false;
    }

    @Override
    public Context over(long next, Context context) {
        if (!begun) {
            begin(next);
            begun = true;
        }
        return context;
    }

    private void begin(long first) {
        boolean lacksInit;
        try {
            lacksInit = file.continueAt(first, INIT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (lacksInit && init.isPresent()) {
            write(init.get());
        }
    }

    private void write(InitReport report) {
        file.text(INIT, 0, preformatted(report));
        for (LayerReading layer : report.layers()) {
            number("init/pre_activation/" + layer.path(), 0, layer.preActivation());
            number("init/predicted/" + layer.path(), 0, layer.predicted());
            number("init/output/" + layer.path(), 0, layer.output());
            number("init/gradient/" + layer.path(), 0, layer.gradient());
            number("init/correlation/" + layer.path(), 0, layer.correlation());
        }
    }

    /** Keeps lines and columns as they are. */
    private static String preformatted(Object report) {
        return "```\n" + report + "```\n";
    }

    private void number(String tag, long at, double value) {
        if (!Double.isNaN(value)) {
            file.scalar(tag, at, value);
        }
    }

    @Override
    public void onStep(StepReport report) {
        step = report.step();
        if ((step - 1) % period == 0) {
            number("step/loss", step, report.loss());
            number("step/gradient_norm", step, report.gradientNorm());
            number("step/rate", step, report.rate());
            if (System.nanoTime() - flushed > LONGEST_DELAY) {
                flush();
            }
        }
    }

    @Override
    public void onEpoch(EpochReport report) {
        number("epoch/loss", step, report.loss());
        number("epoch/validation_loss", step, report.validationLoss());
        report.metrics().forEach((name, value) -> number("metric/" + name, step, value));
        report.observations().forEach((name, value) -> number("observation/" + name, step, value));
        model.ifPresent(trained -> trained.parametersByPath().forEach(this::histogram));
        watch.ifPresent(watching -> write(watching.report()));
        flush();
    }

    private void histogram(String path, Parameter parameter) {
        file.histogram("parameter/" + path, step, parameter.value());
    }

    private void write(WatchReport report) {
        for (WatchReport.Units units : report.units()) {
            number("dead/" + units.path(), step, units.dead());
            number("saturated/" + units.path(), step, units.saturated());
        }
        for (WatchReport.Weight weight : report.weights()) {
            number("update/" + weight.path(), step, weight.update());
            number("gradient/" + weight.path(), step, weight.gradient());
            number("signal_to_noise/" + weight.path(), step, weight.signalToNoise());
        }
        file.text("watch", step, preformatted(report));
    }

    @Override
    public void onEnd(History history) {
        flush();
    }

    /** Returns a text such as {@code TensorBoard to runs/first}. */
    @Override
    public String toString() {
        return "TensorBoard to " + folder;
    }
}
