package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Sgd;
import nn.train.shard.ShardProcess;
import org.junit.jupiter.api.Test;

/** What a program that makes one step of training does not load, since it took a fifth of its time to start. */
class StartTest {
    /** Makes a first step. */
    static final class OneStep {
        private OneStep() {}

        public static void main(String[] args) {
            Network network = Network.builder(Key.of(1))
                    .input(8)
                    .dense("hidden", 16)
                    .relu()
                    .dense("logits", 4)
                    .build();
            Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2));
            trainer.step(Tensor.zeros(2, 8), Tensor.of(new float[] {0, 3}, 2));
            System.out.println("steps " + trainer.steps());
        }
    }

    @Test
    void aFirstStepLoadsNoSecurityProvidersAndNoMethodsOfRecordsThatAreMadeAtRunTime() throws Exception {
        Process process = ShardProcess.start("-Xlog:class+load", OneStep.class);
        String loaded = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(loaded).isZero();

        assertThat(loaded).contains("nn.train.Trainer source", "steps 1");
        assertThat(loaded)
                .doesNotContain("java.security.Provider source")
                .doesNotContain("java.lang.runtime.ObjectMethods source");
    }
}
