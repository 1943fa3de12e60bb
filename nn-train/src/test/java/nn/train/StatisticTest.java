package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Running statistics are saved with the model, and changed by successful steps but by no optimizer. */
class StatisticTest {
    static final Optimizer[] OPTIMIZERS = {
        Sgd.of(0).withWeightDecay(0.5), AdamW.of(0.1).withWeightDecay(0.5)
    };

    private final Tensor x = Tensor.zeros(8, 5);
    private final Tensor labels = Tensor.zeros(8);

    {
        Key.of(1).uniform(x, -1f, 1f);
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void everyOptimizerMovesAStatisticByTheUpdateOfThePullback(Optimizer optimizer) {
        Noisy model = Noisy.of(5, 2, Key.of(1));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), optimizer, Key.of(2));
        model.mean().value().fill(4f);
        Tensor output = model.forward(x, Context.training(Key.of(2).child(1))).output();
        trainer.step(x, labels);
        for (int j = 0; j < 2; j++) {
            double batchMean = 0;
            for (int i = 0; i < 8; i++) {
                batchMean += output.get(i, j) / 8;
            }
            double expected = 4 + Noisy.MOMENTUM * (batchMean - 4);
            assertThat(model.mean().value().get(j)).isCloseTo((float) expected, within(1e-6f));
        }
        assertThat(trainer.rule(model.mean()).state()).isEmpty();
    }

    @Test
    void aStatisticThatIsNotFiniteFailsTheStep() {
        Noisy model = Noisy.of(5, 2, Key.of(1));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2));
        model.mean().value().set(Float.NEGATIVE_INFINITY, 1);
        String weights = model.inner().fingerprint();
        String mean = model.mean().value().sha256();
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(x, labels))
                .withMessageStartingWith("step 1: the change of the statistic 'mean' is Infinity;");
        assertThat(model.inner().fingerprint()).isEqualTo(weights);
        assertThat(model.mean().value().sha256()).isEqualTo(mean);
        assertThat(trainer.steps()).isZero();
    }
}
