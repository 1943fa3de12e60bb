package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Running statistics that become the mean of what was observed, instead of moving towards it. */
class ObservedStatisticsTest {
    private static Parameter statistic(String name) {
        return Parameter.create(
                name, Parameter.Kind.STATISTIC, Shape.of(2), new Fans(1, 1), Init.constant(7), Key.of(1));
    }

    @Test
    void aStatisticBecomesTheMeanOfAllThatWasObservedWhateverTheMomentum() {
        Parameter mean = statistic("mean");
        Parameter other = statistic("other");
        Gradients gradients = new Gradients(List.of(mean, other));
        gradients.observeStatistics();
        gradients.moveStatistic(mean, new double[] {1, -2}, 0.1);
        gradients.moveStatistic(mean, new double[] {2, -4}, 0.1); // another place of the same pass
        gradients.clear();
        gradients.moveStatistic(mean, new double[] {6, 0}, 0.9);
        assertThat(mean.value()).isBitEqualTo(Tensor.of(new float[] {7, 7}, 2));
        gradients.setObservedStatistics();
        assertThat(mean.value()).isBitEqualTo(Tensor.of(new float[] {3, -2}, 2));
        assertThat(other.value()).as("not observed").isBitEqualTo(Tensor.of(new float[] {7, 7}, 2));
        assertThat(gradients.statistic(mean).change().toArray()).containsOnly(0f);

        gradients.moveStatistic(mean, new double[] {7, 2}, 0.5); // moves again
        gradients.statistic(mean).apply();
        assertThat(mean.value()).isBitEqualTo(Tensor.of(new float[] {5, 0}, 2));
        gradients.observeStatistics();
        gradients.moveStatistic(mean, new double[] {1, 1}, 0.5);
        gradients.setObservedStatistics();
        assertThat(mean.value()).as("of this time alone").isBitEqualTo(Tensor.of(new float[] {1, 1}, 2));
    }

    @Test
    void aFrozenStatisticIsNotObserved() {
        Parameter mean = statistic("mean");
        Gradients gradients = new Gradients(List.of(mean));
        gradients.freeze(List.of(mean));
        gradients.observeStatistics();
        gradients.moveStatistic(mean, new double[] {1, 2}, 0.1);
        gradients.setObservedStatistics();
        assertThat(mean.value()).isBitEqualTo(Tensor.of(new float[] {7, 7}, 2));
    }

    @Test
    void aMeanThatIsNotFiniteIsRefusedAndNothingChanges() {
        Parameter mean = statistic("mean");
        Parameter large = statistic("large");
        Gradients gradients = new Gradients(List.of(mean, large));
        gradients.observeStatistics();
        gradients.moveStatistic(mean, new double[] {1, 2}, 0.1);
        gradients.moveStatistic(large, new double[] {1, 1e39}, 0.1);
        assertThatIllegalArgumentException()
                .isThrownBy(gradients::setObservedStatistics)
                .withMessageContaining(" is 1.0E39; look for large values in the data or weights");
        assertThat(mean.value()).isBitEqualTo(Tensor.of(new float[] {7, 7}, 2));
    }
}
