package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A custom optimizer, whose rule extends ElementRule, has the bits of a built-in one of the same formula. */
class CustomOptimizerTest {
    private static String trained(Optimizer optimizer) {
        Network network = Network.builder(Key.of(1))
                .input(5)
                .dense("a", 7)
                .tanh()
                .batchNorm("n")
                .dense("b", 2)
                .build();
        Tensor x = Tensor.zeros(30, 5);
        Tensor y = Tensor.zeros(30, 2);
        Key.of(2).normal(x, 0, 1);
        Key.of(3).normal(y, 0, 1);
        Trainer trainer = new Trainer(network, new MeanSquaredError(), optimizer, Key.of(4));
        trainer.fit(Batches.shuffled(new Dataset(x, y), 8, Key.of(5)), 5);
        StringBuilder bits = new StringBuilder();
        network.parametersByPath()
                .forEach((path, p) ->
                        bits.append(path).append(p.value().sha256()).append('\n'));
        return bits.toString();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.9})
    void aCustomRuleGivesTheBitsOfTheBuiltInOne(double momentum) {
        String own = trained(new CustomMomentum(0.1, momentum));
        assertThat(own).isEqualTo(trained(Sgd.of(0.1).withMomentum(momentum)));
        assertThat(own).isNotEqualTo(trained(new CustomMomentum(0.1, 0.5)));
    }
}
