package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import nn.golden.Golden;
import nn.layers.Context;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and their gradients against another framework's, case by case. */
class GoldenLossTest {
    private static final Golden GOLDEN = Golden.load("losses.safetensors");

    static List<String> crossEntropy() {
        List<String> all = GOLDEN.cases("ce/");
        assertThat(all).contains("ce/label_smoothing_0.1", "ce/soft_targets");
        return all;
    }

    static List<String> squares() {
        return GOLDEN.cases("mse/");
    }

    static Tensor labels(long[] labels) {
        Tensor t = Tensor.zeros(labels.length);
        for (int i = 0; i < labels.length; i++) {
            t.set(labels[i], i);
        }
        return t;
    }

    private static Reduction reduction(String name) {
        return Reduction.valueOf(GOLDEN.config(name).get("reduction").asText().toUpperCase(Locale.ROOT));
    }

    private static boolean reduced(String name) {
        return !GOLDEN.config(name).get("reduction").asText().equals("none");
    }

    @ParameterizedTest
    @MethodSource
    void crossEntropy(String name) {
        Tensor logits = GOLDEN.tensor(name, "in/logits");
        boolean probabilities = GOLDEN.has(name, "in/target");
        Tensor labels =
                probabilities ? GOLDEN.tensor(name, "in/target") : labels(GOLDEN.longs(name, "in/labels"));
        if (reduced(name)) {
            double smoothing = GOLDEN.config(name).path("label_smoothing").asDouble(0);
            SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(reduction(name)).withSmoothing(smoothing);
            loss = probabilities ? loss.ofProbabilities() : loss;
            check(name, "grad/logits", loss.of(logits, labels, Context.inference()));
            return;
        }
        double[] losses = new SoftmaxCrossEntropy().perExample(logits, labels);
        GOLDEN.assertClose(name, "out/loss", losses, GOLDEN.tolerance(name, "out/loss"));
        Tensor gradient = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits, labels, Context.inference())
                .dOutput();
        Tensor cotangent = GOLDEN.tensor(name, "in/cotangent_loss");
        for (int i = 0; i < losses.length; i++) {
            gradient.row(i).scaleInPlace(cotangent.get(i));
        }
        GOLDEN.assertClose(name, "grad/logits", gradient);
    }

    @Test
    void sigmoids() {
        String name = "bce_with_logits/mean";
        Tensor logits = GOLDEN.tensor(name, "in/logits");
        Tensor target = GOLDEN.tensor(name, "in/target");
        check(name, "grad/logits", new SigmoidCrossEntropy().of(logits, target, Context.inference()));
    }

    @ParameterizedTest
    @MethodSource
    void squares(String name) {
        Tensor output = GOLDEN.tensor(name, "in/pred");
        Tensor target = GOLDEN.tensor(name, "in/target");
        if (reduced(name)) {
            check(name, "grad/pred", new MeanSquaredError(reduction(name)).of(output, target, Context.inference()));
            return;
        }
        // Without a reduction: each element is a batch of its own.
        double[] losses = new double[output.size()];
        Tensor elements = output.reshape(losses.length);
        Tensor targets = target.reshape(losses.length);
        Tensor gradient = GOLDEN.tensor(name, "in/cotangent_loss");
        Tensor gradients = gradient.reshape(losses.length);
        for (int i = 0; i < losses.length; i++) {
            Loss.Value value = new MeanSquaredError().of(elements.row(i), targets.row(i), Context.inference());
            losses[i] = value.value();
            gradients.row(i).multiplyInto(value.dOutput(), gradients.row(i));
        }
        GOLDEN.assertClose(name, "out/loss", losses, GOLDEN.tolerance(name, "out/loss"));
        GOLDEN.assertClose(name, "grad/pred", gradient);
    }

    private static void check(String name, String gradientKey, Loss.Value value) {
        GOLDEN.assertClose(name, "out/loss", new double[] {value.value()}, GOLDEN.tolerance(name, "out/loss"));
        GOLDEN.assertClose(name, gradientKey, value.dOutput());
    }
}
