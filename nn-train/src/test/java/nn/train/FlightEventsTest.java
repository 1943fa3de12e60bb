package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.activation.Activation;
import nn.train.checkpoint.Child;
import org.junit.jupiter.api.Test;

/** Recordings are made in a JVM of their own: one that records stays in that state. */
class FlightEventsTest {
    @Test
    void aRecordingHasStepsEpochsLayersAndProducts() throws IOException {
        try (Child child = Child.run("-XX:TieredStopAtLevel=1", RecordTraining.class)) {
            assertThat(child.number()).as("steps").isEqualTo(7);
            assertThat(child.number()).as("number of the first step").isEqualTo(4);
            assertThat(child.number()).as("batch size").isEqualTo(4);
            assertThat(child.number()).as("epochs").isEqualTo(2);
            assertThat(child.number()).as("number of the last epoch").isEqualTo(3);
            assertThat(child.number()).as("its loss is that of the history").isEqualTo(1);
            assertThat(child.number()).as("hidden, forward").isEqualTo(7);
            assertThat(child.number()).as("hidden, backward").isEqualTo(7);
            assertThat(child.number()).as("three layers, forward and backward").isEqualTo(7 * 3 * 2);
            assertThat(child.number()).as("products of hidden, forward").isEqualTo(7);
            assertThat(child.number()).as("steps have a duration").isEqualTo(1);
        }
    }

    @Test
    void aJdkWithoutTheRecorderTrainsAsWell() throws IOException {
        try (Child child = Child.run("--limit-modules=java.base,jdk.incubator.vector", TrainUnrecorded.class)) {
            assertThat(child.number()).as("steps").isEqualTo(6);
            assertThat(child.number()).as("the recorder is there").isZero();
        }
    }

    @Test
    void withoutARecordingPassesAreNotWrapped() {
        Layer model = Activation.RELU;
        Context context = Context.inference();
        FlightEvents.of(model)
                .ifPresent(events -> assertThat(events.over(1, context)).isSameAs(context));
    }
}
