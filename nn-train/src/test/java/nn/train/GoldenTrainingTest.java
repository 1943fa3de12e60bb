package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import nn.golden.Golden;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks, forward, backward and over 20 steps, against another framework. */
class GoldenTrainingTest {
    private static final Golden MLP = Golden.load("mlp.safetensors");
    private static final Golden OPTIM = Golden.load("optim.safetensors");
    private static final String COMMON = "train/common";

    static List<String> gradients() {
        return MLP.cases("mlp/");
    }

    static List<String> trajectory() {
        return GoldenOptimizerTest.built("train/");
    }

    @ParameterizedTest
    @MethodSource
    void gradients(String name) {
        Mlp model = Mlp.golden(MLP, name, MLP.config(name).get("act").asText());
        boolean squares = MLP.config(name).get("loss").asText().equals("mse");
        Loss loss = squares ? new MeanSquaredError() : new SoftmaxCrossEntropy();
        Tensor target =
                squares ? MLP.tensor(name, "in/target") : GoldenLossTest.labels(MLP.longs(name, "in/target"));

        Context context = Context.training(Key.of(1));
        Gradients gradients = new Gradients(model.parameters());
        Pass pass = model.forward(MLP.tensor(name, "in/x"), context);
        Loss.Value value = loss.of(pass.output(), target, context);
        Tensor dx = pass.pullback().apply(value.dOutput(), gradients);

        MLP.assertClose(name, "out/y", pass.output());
        MLP.assertClose(name, "out/loss", new double[] {value.value()}, MLP.tolerance(name, "out/loss"));
        MLP.assertClose(name, "grad/x", dx);
        for (int i = 0; i < model.maps().size(); i++) {
            Affine map = model.maps().get(i);
            MLP.assertClose(name, "grad/w" + i, gradients.of(map.weight()).transpose());
            MLP.assertClose(name, "grad/b" + i, gradients.of(map.bias()));
        }
    }

    @ParameterizedTest
    @MethodSource
    void trajectory(String name) {
        Mlp model = Mlp.golden(OPTIM, COMMON, OPTIM.config(name).get("act").asText());
        Optimizer optimizer = GoldenOptimizerTest.optimizer(OPTIM.config(name));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), optimizer, Key.of(1));
        Tensor x = OPTIM.tensor(COMMON, "in/x");
        Tensor y = GoldenLossTest.labels(OPTIM.longs(COMMON, "in/target"));
        double[] losses = new double[20];
        for (int step = 1; step <= losses.length; step++) {
            losses[step - 1] = trainer.step(x, y).loss();
            if (step % 5 == 0) {
                String after = String.format("out/step%02d/", step);
                for (int i = 0; i < model.maps().size(); i++) {
                    close(name, after + "w" + i, model.maps().get(i).weight().value().transpose());
                    close(name, after + "b" + i, model.maps().get(i).bias().value());
                }
            }
        }
        OPTIM.assertClose(name, "out/loss_before_each_step", losses, tolerance(name, "out/loss_before_each_step"));
    }

    private static void close(String name, String key, Tensor actual) {
        assertThat(actual.shape().dims()).isEqualTo(OPTIM.shape(name, key));
        double[] values = new double[actual.size()];
        Arrays.setAll(values, i -> actual.array()[actual.offset() + i]);
        OPTIM.assertClose(name, key, values, tolerance(name, key));
    }

    /** Of a trajectory the index gives one number: PyTorch's worst error in any tensor. */
    private static double tolerance(String name, String key) {
        return Math.max(4 * OPTIM.torchError(name, "worst"), OPTIM.tolerance(name, key));
    }
}
