package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import nn.golden.Golden;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.golden.GoldenInputs;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Optimizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares whole networks with another framework, forward, backward and over 20 steps. */
class GoldenTrainingTest {
    private static final Golden MLP = Golden.load("mlp.safetensors");
    private static final Golden OPTIM = Golden.load("optim.safetensors");
    private static final Golden RNN = Golden.load("rnn.safetensors");
    private static final String COMMON = "train/common";

    static List<String> gradients() {
        return MLP.cases("mlp/");
    }

    static List<String> recurrent() {
        return RNN.cases("rnncls/");
    }

    static List<String> trajectory() {
        List<String> runs = OPTIM.cases("train/").stream()
                .filter(name -> !name.equals(COMMON))
                .toList();
        assertThat(runs).hasSize(16);
        return runs;
    }

    private static Initializer given(Tensor values) {
        return (out, fans, key) -> out.copyFrom(values);
    }

    /** Returns [in x out] for a weight that the other framework stores as [out x in]. */
    private static Initializer transposed(Golden golden, String name, String key) {
        return given(golden.tensor(name, key).transpose());
    }

    private static Dense.Config dense(int units, Golden golden, String name, String weight, String bias) {
        return Dense.units(units).weight(transposed(golden, name, weight)).bias(given(golden.tensor(name, bias)));
    }

    /** Builds layers 0, 1, ... with the initial weights of a case; a mixed network alternates tanh and ReLU. */
    private static Network mlp(Golden golden, String name, JsonNode config) {
        JsonNode sizes = config.get("sizes");
        String act = config.get("act").asText();
        Network.Builder builder = Network.builder(Key.of(0)).input(sizes.get(0).asInt());
        for (int i = 0; i + 1 < sizes.size(); i++) {
            if (i > 0) {
                boolean relu = act.equals("relu") || act.equals("mixed") && i % 2 == 0;
                builder = relu ? builder.relu() : builder.tanh();
            }
            builder.layer("" + i, dense(sizes.get(i + 1).asInt(), golden, name, "in/w" + i, "in/b" + i));
        }
        return builder.build();
    }

    @ParameterizedTest
    @MethodSource
    void gradients(String name) {
        Network model = mlp(MLP, name, MLP.config(name));
        boolean squares = MLP.config(name).get("loss").asText().equals("mse");
        Loss loss = squares ? new MeanSquaredError() : new SoftmaxCrossEntropy();
        Tensor target = squares ? MLP.tensor(name, "in/target") : GoldenInputs.labels(MLP.longs(name, "in/target"));
        Gradients gradients = backward(MLP, name, model, loss, target, "out/y");
        for (int i = 0; MLP.has(name, "grad/w" + i); i++) {
            MLP.assertClose(
                    name,
                    "grad/w" + i,
                    gradient(gradients, model, i + ".weight").transpose());
            MLP.assertClose(name, "grad/b" + i, gradient(gradients, model, i + ".bias"));
        }
    }

    @ParameterizedTest
    @MethodSource
    void recurrent(String name) {
        JsonNode config = RNN.config(name);
        Tensor bias = Tensor.zeros(config.get("H").asInt());
        for (int i = 0; i < bias.size(); i++) {
            bias.set((float) (RNN.doubles(name, "in/bias_ih")[i] + RNN.doubles(name, "in/bias_hh")[i]), i);
        }
        boolean relu = config.get("nl").asText().equals("relu");
        Rnn.Config rnn = Rnn.units(config.get("H").asInt())
                .activation(relu ? Nonlinearity.RELU : Nonlinearity.TANH)
                .input(transposed(RNN, name, "in/weight_ih"))
                .recurrent(transposed(RNN, name, "in/weight_hh"))
                .bias(given(bias))
                .last();
        Network model = Network.builder(Key.of(0))
                .sequence(config.get("I").asInt())
                .layer("rnn", rnn)
                .layer("head", dense(config.get("C").asInt(), RNN, name, "in/head_weight", "in/head_bias"))
                .build();
        Tensor labels = GoldenInputs.labels(RNN.longs(name, "in/labels"));
        Gradients gradients = backward(RNN, name, model, new SoftmaxCrossEntropy(), labels, "out/logits");
        RNN.assertClose(
                name, "grad/weight_ih", gradient(gradients, model, "rnn.input").transpose());
        RNN.assertClose(
                name,
                "grad/weight_hh",
                gradient(gradients, model, "rnn.recurrent").transpose());
        RNN.assertClose(name, "grad/bias_ih", gradient(gradients, model, "rnn.bias"));
        RNN.assertClose(name, "grad/bias_hh", gradient(gradients, model, "rnn.bias"));
        RNN.assertClose(
                name,
                "grad/head_weight",
                gradient(gradients, model, "head.weight").transpose());
        RNN.assertClose(name, "grad/head_bias", gradient(gradients, model, "head.bias"));
    }

    /** Checks output, loss and the gradient at the input, and returns the parameters' gradients. */
    private static Gradients backward(
            Golden golden, String name, Network model, Loss loss, Tensor target, String outputKey) {
        Context context = Context.training(Key.of(1));
        Gradients gradients = new Gradients(model.parameters());
        Pass pass = model.forward(golden.tensor(name, "in/x"), context);
        Loss.Value value = loss.of(pass.output(), target, context);
        Tensor dx = pass.pullback(value.dOutput(), gradients);

        golden.assertClose(name, outputKey, pass.output());
        golden.assertClose(name, "out/loss", new double[] {value.value()}, golden.tolerance(name, "out/loss"));
        golden.assertClose(name, "grad/x", dx);
        return gradients;
    }

    private static Tensor gradient(Gradients gradients, Network model, String path) {
        return gradients.of(model.parametersByPath().get(path));
    }

    @ParameterizedTest
    @MethodSource
    void trajectory(String name) {
        Network model = mlp(OPTIM, COMMON, OPTIM.config(name));
        Optimizer optimizer = GoldenInputs.optimizer(OPTIM.config(name));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), optimizer, Key.of(1));
        Tensor x = OPTIM.tensor(COMMON, "in/x");
        Tensor y = GoldenInputs.labels(OPTIM.longs(COMMON, "in/target"));
        double[] losses = new double[20];
        for (int step = 1; step <= losses.length; step++) {
            losses[step - 1] = trainer.step(x, y).loss();
            if (step % 5 == 0) {
                String after = String.format("out/step%02d/", step);
                for (int i = 0; i < 2; i++) {
                    close(name, after + "w" + i, value(model, i + ".weight").transpose());
                    close(name, after + "b" + i, value(model, i + ".bias"));
                }
            }
        }
        OPTIM.assertClose(name, "out/loss_before_each_step", losses, tolerance(name, "out/loss_before_each_step"));
    }

    private static Tensor value(Network model, String path) {
        return model.parametersByPath().get(path).value();
    }

    private static void close(String name, String key, Tensor actual) {
        assertThat(actual.shape().dims()).isEqualTo(OPTIM.shape(name, key));
        double[] values = new double[actual.size()];
        Arrays.setAll(values, i -> actual.array()[actual.offset() + i]);
        OPTIM.assertClose(name, key, values, tolerance(name, key));
    }

    /** The index has one number for a trajectory: PyTorch's largest error in any tensor. */
    private static double tolerance(String name, String key) {
        return Math.max(4 * OPTIM.torchError(name, "worst"), OPTIM.tolerance(name, key));
    }
}
