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

    /** They compare a field with null and look at a flag of the recorder. */
    @Test
    void withoutARecordingAStepMakesNoObjectsForEvents() {
        Context context = Context.inference();
        StepReport report = new StepReport(1, 0.5, 1, 0.1, 4);
        TrainingObserver events = FlightEvents.of(Activation.RELU).orElseThrow();
        events.over(0, context); // loads classes
        events.onStep(report);
        long before = Allocation.soFar();
        long own = Allocation.soFar() - before; // what measuring makes
        before = Allocation.soFar();
        for (int step = 1; step <= 1000; step++) {
            events.over(step, context);
            events.onStep(report);
        }
        assertThat(Allocation.soFar() - before).isLessThanOrEqualTo(own);
    }

    @Test
    void withoutARecordingPassesAreNotWrapped() {
        Layer model = Activation.RELU;
        Context context = Context.inference();
        FlightEvents.of(model)
                .ifPresent(events -> assertThat(events.over(1, context)).isSameAs(context));
    }
}
