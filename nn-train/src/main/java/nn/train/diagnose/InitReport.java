package nn.train.diagnose;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.internal.LayerPaths;
import nn.train.loss.Loss;

/**
 * Reports what the first weights of a model do to a batch of its data and to the gradient, layer by layer, and what is
 * wrong with that: made by one pass forward and one backward, as in the first step of training, without changing
 * anything. For 20 layers of Xavier weights under ReLU:
 *
 * <pre>{@code
 * layer                                   E z^2  theory   E y^2  grad^2 alike  off
 * hidden1     Dense 64 -> 64, relu        0.249   0.236   0.109  2.9e-6  0.72 0.09
 * hidden2     Dense 64 -> 64, relu        0.123   0.110  0.0609  5.4e-6  0.79 0.08
 * ...
 * WARNING gradient: The squared length of the gradient vanishes: what comes back
 *   to the first layer is 2.9e-6 times what it was, by 0.529 a layer.
 *   Remedy: 'he normal' weights suit relu; Lsuv.standard().apply(model, batch)
 *   scales any to the data.
 * }</pre>
 *
 * <p>Layers without children are looked at, and those with parameters of their own, in the order in which data reaches
 * them; a layer made of others has to run them by {@link nn.layers.Context#run}. A custom layer is examined as a
 * built-in one is if it describes itself ({@link Layer#linearMap}, {@link Layer#activation}, {@link
 * Layer#takesIndices}); of any other, only the numbers that go in and out are known. Some hundred rows tell most; dead
 * units are judged from 256 on.
 *
 * @param rows of the batch: one for each time step, if it is one of sequences
 * @param input E x^2, the mean square of the batch
 * @param inputAlike the mean product of two different rows of the batch, over E x^2; NaN for one row
 * @param loss of the batch; NaN if the gradient was drawn
 * @param layers one for each layer that has parameters, with the nonlinearity that follows it, and for each
 *     nonlinearity that follows no such layer, in the order in which data reaches them
 * @param forwardGain the mean square of what the last layer with a weight gets, over that of the first one's
 *     pre-activations; NaN if there are not two
 * @param backwardGain the squared length of the gradient by the first weighted layer's pre-activations, over that by
 *     the model's output; NaN if there are not two
 * @param findings what is wrong, failures first; empty if nothing is
 */
public record InitReport(
        int rows,
        double input,
        double inputAlike,
        double loss,
        List<LayerReading> layers,
        double forwardGain,
        double backwardGain,
        List<InitFinding> findings) {
    /**
     * Takes unmodifiable copies.
     *
     * @throws NullPointerException if a list or an element is null
     */
    public InitReport {
        layers = List.copyOf(Objects.requireNonNull(layers, "layers"));
        findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
    }

    /**
     * Looks at a model with independent normal numbers as the gradient at its output: what it does to gradients
     * whatever the loss.
     *
     * @param model a layer, or a tree of them
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param key names the gradient, and the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite
     */
    public static InitReport of(Layer model, Tensor x, Key key) {
        return of(model, x, key, output -> {
            Tensor gradient = Tensor.zeros(output.shape());
            key.child("gradient").normal(gradient, 0f, 1f);
            return new Loss.Value(Double.NaN, gradient);
        });
    }

    /**
     * Looks at a model with the gradient of a loss.
     *
     * @param model a layer, or a tree of them
     * @param loss what is to be made small
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param y targets, of the shape that the loss asks for
     * @param key names the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite, or the loss cannot take output and targets
     */
    public static InitReport of(Layer model, Loss loss, Tensor x, Tensor y, Key key) {
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(y, "y");
        return of(model, x, key, output -> loss.checked(output, y, Context.training(key)));
    }

    private interface End {
        Loss.Value of(Tensor output);
    }

    private static InitReport of(Layer model, Tensor x, Key key, End end) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(x, "x");
        if (x.size() == 0) {
            throw new IllegalArgumentException("init report: the batch " + x.shape() + " is empty; give some rows");
        }
        if (!x.isFinite()) {
            throw new IllegalArgumentException(
                    "init report: the batch " + x.shape() + " has a value that is not finite; mend the data first");
        }
        ActivationRecorder probe = new ActivationRecorder(model, key);
        Pass pass = model.forward(x, probe);
        double loss = Double.NaN;
        double outputGradient = Double.NaN;
        Gradients gradients = null;
        if (pass.output().isFinite()) {
            Loss.Value value = end.of(pass.output());
            loss = value.value();
            outputGradient = value.dOutput().dot(value.dOutput());
            gradients = new Gradients(model);
            pass.pullback(value.dOutput(), gradients);
        }
        InitDiagnosis examination =
                new InitDiagnosis(probe.runs(), LayerPaths.of(model), probe.drawsAtRandom(), x, outputGradient);
        Tensor signal = examination.signal();
        return new InitReport(
                RowStatistics.count(signal),
                signal.secondMoment(),
                RowStatistics.alike(signal),
                loss,
                examination.readings(),
                examination.forwardGain(),
                examination.backwardGain(),
                examination.findings(gradients));
    }

    /**
     * The findings of one severity.
     *
     * @param severity which
     * @return perhaps none
     */
    public List<InitFinding> with(Severity severity) {
        return findings.stream().filter(f -> f.severity() == severity).toList();
    }

    /**
     * The finding of one symptom; there is at most one.
     *
     * @param symptom which
     * @return perhaps none
     */
    public Optional<InitFinding> finding(Symptom symptom) {
        return findings.stream().filter(f -> f.symptom() == symptom).findFirst();
    }

    /**
     * Returns whether nothing hinders training. There may be warnings.
     *
     * @return false if there is a failure
     */
    public boolean passed() {
        return with(Severity.FAILURE).isEmpty();
    }

    /**
     * For tests of a model: makes a failure loud.
     *
     * @return this
     * @throws AssertionError if there is a failure; the message lists all of them
     */
    public InitReport throwIfFailed() {
        if (!passed()) {
            throw new AssertionError(with(Severity.FAILURE).stream()
                    .map(InitFinding::toString)
                    .collect(Collectors.joining("\n  ", "the model before training:\n  ", "")));
        }
        return this;
    }

    /** The layers as a table and the findings, in lines of at most 80 columns. */
    @Override
    public String toString() {
        return ReportText.of(this);
    }
}
