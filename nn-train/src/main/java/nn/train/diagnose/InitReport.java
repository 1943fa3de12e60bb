package nn.train.diagnose;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.loss.Loss;

/**
 * Reports how the initial weights of a model change a batch of its data and the gradient, layer by layer, and what is
 * wrong. It takes one forward and one backward pass, as the first step of training does, and as many again for
 * each remedy that is tried; in the end the model has the bits that it had. For 20
 * layers of Xavier weights under ReLU:
 *
 * <pre>{@code
 * layer                                   E z^2  theory   E y^2  grad^2  corr  off
 * hidden1     Dense 64 -> 64, relu        0.249   0.236   0.109  2.9e-6  0.72 0.09
 * hidden2     Dense 64 -> 64, relu        0.123   0.110  0.0609  5.4e-6  0.79 0.08
 * ...
 * WARNING weights: Layer 'hidden20' (and 19 more) has weights too small for relu:
 *   their root mean square times sqrt(inputs) is 0.975, not 1.41. Remedy: Draw the
 *   weights by 'he normal'.
 *   so: signal: The signal vanishes: its mean square at the last layer is 1.2e-6
 *     times that at the first, a factor of 0.487 per layer.
 *   so: gradient: The gradient vanishes: its squared length at the first layer is
 *     2.9e-6 times that at the last hidden layer, a factor of 0.511 per layer.
 * }</pre>
 *
 * <p>The report covers layers without children and layers with parameters of their own, in the order in which data
 * reaches them; a layer made of layers must run them by {@link nn.layers.Context#run}. A custom layer is examined like
 * a built-in one if it describes itself ({@link Layer#linearMap}, {@link Layer#activation}, {@link
 * Layer#takesIndices}); of any other layer, only inputs and outputs are known. A few hundred rows are enough; dead
 * units need 256.
 *
 * @param model the model that was examined
 * @param rows number of rows of the batch, one for each time step of a sequence
 * @param input E x^2, the mean square of the batch
 * @param inputCorrelation the mean product of two different rows of the batch, over E x^2; NaN for one row
 * @param loss the loss of the batch; NaN if the gradient was drawn
 * @param layers a reading of each layer that has parameters, with the nonlinearity that follows it, and of each
 *     nonlinearity that follows no such layer, in the order in which data reaches them
 * @param forwardGain the mean square of the last weighted layer's input, over that of the first one's pre-activations;
 *     NaN if there are no two weighted layers
 * @param backwardGain the squared length of the gradient at the first weighted layer's pre-activations, over that at
 *     the model's output; NaN if there are no two weighted layers
 * @param findings the causes, failures first; what follows from each is in its {@link InitFinding#consequences}
 * @param treatment all remedies that a program can apply, together, as they were tried; {@link Treatment#NONE} if there
 *     are none. {@link #fixed} applies them
 */
public record InitReport(
        Layer model,
        int rows,
        double input,
        double inputCorrelation,
        double loss,
        List<LayerReading> layers,
        double forwardGain,
        double backwardGain,
        List<InitFinding> findings,
        Treatment treatment) {
    /**
     * Takes unmodifiable copies.
     *
     * @throws NullPointerException if the model, a list, an element or the treatment is null
     */
    public InitReport {
        Objects.requireNonNull(model, "model");
        layers = List.copyOf(Objects.requireNonNull(layers, "layers"));
        findings = List.copyOf(Objects.requireNonNull(findings, "findings"));
        Objects.requireNonNull(treatment, "treatment");
    }

    /**
     * Examines a model with independent normal numbers as the gradient at its output, which shows its effect on
     * gradients independent of a loss.
     *
     * @param model a layer, or a tree of them
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param key names the gradient, and the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite
     */
    public static InitReport of(Layer model, Tensor x, Key key) {
        return Doctor.standard().examine(model, x, key);
    }

    /**
     * Examines a model with the gradient of a loss.
     *
     * @param model a layer, or a tree of them
     * @param loss the loss to minimize
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param y targets, of the shape that the loss asks for
     * @param key names the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite, or the loss cannot take output and targets
     */
    public static InitReport of(Layer model, Loss loss, Tensor x, Tensor y, Key key) {
        return Doctor.standard().examine(model, loss, x, y, key);
    }

    /** All findings: the causes, each one before its consequences. */
    private Stream<InitFinding> all() {
        return findings.stream().flatMap(InitFinding::withConsequences);
    }

    /**
     * Returns the findings of one severity, causes and consequences.
     *
     * @param severity the severity
     * @return any number of findings
     */
    public List<InitFinding> findings(Severity severity) {
        return all().filter(f -> f.severity() == severity).toList();
    }

    /**
     * Returns the finding of one symptom, cause or consequence; there is at most one.
     *
     * @param symptom the symptom
     * @return the finding, if there is one
     */
    public Optional<InitFinding> finding(Symptom symptom) {
        return all().filter(f -> f.symptom() == symptom).findFirst();
    }

    /**
     * Returns whether there is no failure. There may be warnings.
     *
     * @return false if there is a failure
     */
    public boolean passed() {
        return findings(Severity.FAILURE).isEmpty();
    }

    /**
     * Applies all remedies that a program can apply to the model that was examined. Its parameters change; it is the
     * same object, because layers cannot be copied. What only people can do remains in the {@link #findings}.
     *
     * <pre>{@code
     * Fixed fixed = InitReport.of(network, batch, Key.of(1)).fixed();
     * System.out.println(fixed.changes());       // hidden1.weight: he normal in place of normal(0.05), ...
     * Tensor x = fixed.inputs(batch);            // standardized, if that was a remedy
     * }</pre>
     *
     * @return the model, and what was changed; no changes if there is no such remedy
     * @throws IllegalArgumentException if the model has lost a parameter since it was examined
     */
    public Fixed fixed() {
        return treatment.applyTo(model);
    }

    /**
     * Throws if there is a failure. For tests of a model.
     *
     * @return this
     * @throws AssertionError if there is a failure; the message lists all failures
     */
    public InitReport throwIfFailed() {
        if (!passed()) {
            throw new AssertionError(findings(Severity.FAILURE).stream()
                    .map(InitFinding::toString)
                    .collect(Collectors.joining("\n  ", "the model before training:\n  ", "")));
        }
        return this;
    }

    /** Returns a table of the layers, and the findings, in lines of at most 80 columns. */
    @Override
    public String toString() {
        return ReportText.of(this);
    }
}
