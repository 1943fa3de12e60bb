package nn.train;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Tensor;
import nn.train.internal.LayerPaths;
import org.jspecify.annotations.Nullable;

/**
 * Events of a training for the Flight Recorder of the JDK: steps, epochs, and the layers in a step. While no recording
 * has run, a step costs two comparisons and a look at a flag: 0.4 nanoseconds, and 4 after a recording. In a recording
 * it costs 0.05 microseconds, of which most are two looks at the clock, and 0.08 if it is written (measured by
 * FlightCost, in a loop of nothing else). Steps below 100 microseconds are not written, and layers wait to be enabled,
 * so that a recording stays small, and below 1 % of steps of 10 microseconds or more. Objects are reused, so that a
 * step makes none.
 *
 * <p>The module {@code jdk.jfr} may be missing, as in a small linked image: then {@link #of} is empty, and no class of
 * that module is loaded.
 */
final class FlightEvents implements TrainingObserver {
    private final Layer model;
    private @Nullable Recording recording; // none before the recorder has run

    private FlightEvents(Layer model) {
        this.model = model;
    }

    /** Returns the events of a training; empty if this JDK has no Flight Recorder. */
    static Optional<TrainingObserver> of(Layer model) {
        boolean isThere = ModuleLayer.boot()
                .findModule("jdk.jfr")
                .map(FlightEvents.class.getModule()::canRead)
                .orElse(false);
        return isThere ? Optional.of(new FlightEvents(model)) : Optional.empty();
    }

    @Override
    public Context over(long step, Context context) {
        Recording to = recording();
        return to == null ? context : to.begin(context);
    }

    @Override
    public void onStep(StepReport report) {
        Recording to = recording;
        if (to != null) {
            to.end(report);
        }
    }

    @Override
    public void onEpoch(EpochReport report) {
        Recording to = recording();
        if (to != null) {
            to.end(report);
        }
    }

    /** Makes the events once the recorder runs: to register them takes many milliseconds. */
    private @Nullable Recording recording() {
        if (recording == null && FlightRecorder.isInitialized()) {
            recording = new Recording(model);
        }
        return recording;
    }

    /** The events, which need the recorder. */
    private static final class Recording {
        private static final EventType STEPS = EventType.getEventType(StepEvent.class);
        private static final EventType EPOCHS = EventType.getEventType(EpochEvent.class);
        private static final EventType LAYERS = EventType.getEventType(LayerEvent.class);

        private final Layer model;
        private final StepEvent step = new StepEvent();
        private final EpochEvent epoch = new EpochEvent();
        private boolean inStep;
        private @Nullable LayerTimes layers;

        Recording(Layer model) {
            this.model = model;
        }

        Context begin(Context context) {
            inStep = STEPS.isEnabled();
            if (inStep) {
                step.begin();
            }
            if (!LAYERS.isEnabled()) {
                return context;
            }
            LayerTimes times = layers;
            if (times == null || times.passes != context) {
                times = new LayerTimes(context, LayerPaths.of(model));
                layers = times;
            }
            return times;
        }

        void end(StepReport report) {
            if (inStep) {
                step.end();
                step.step = report.step();
                step.loss = report.loss();
                step.gradientNorm = report.gradientNorm();
                step.rate = report.rate();
                step.batchSize = report.batchSize();
                step.commit();
                inStep = false;
            }
        }

        void end(EpochReport report) {
            if (EPOCHS.isEnabled()) {
                epoch.epoch = report.epoch();
                epoch.loss = report.loss();
                epoch.validationLoss = report.validationLoss();
                epoch.steps = report.steps();
                epoch.examples = report.examples();
                epoch.seconds = report.seconds();
                epoch.commit();
            }
        }
    }

    /** Measures layers that have no children. */
    private static final class LayerTimes extends ForwardingContext {
        private final Context passes;
        private final Map<Layer, String> paths;
        private final Map<Layer, String> texts = new IdentityHashMap<>();
        private final LayerEvent forward = new LayerEvent();
        private final LayerEvent backward = new LayerEvent();

        LayerTimes(Context passes, Map<Layer, String> paths) {
            super(passes);
            this.passes = passes;
            this.paths = paths;
            paths.keySet().forEach(layer -> texts.put(layer, Layer.describe(layer)));
        }

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            Layer layer = pass.layer();
            if (!layer.children().isEmpty()) {
                return super.run(pass, x, outermost);
            }
            forward.begin();
            Tensor y = super.run(pass, x, outermost);
            forward.end();
            commit(forward, layer, false);
            backward.begin();
            return y;
        }

        @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
        @Override
        public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients into) {
            Layer layer = pass.layer();
            if (layer.children().isEmpty()) {
                backward.end();
                commit(backward, layer, true);
            }
            super.afterBackward(pass, dOutput, dInput, into);
            backward.begin();
        }

        private void commit(LayerEvent event, Layer layer, boolean isBackward) {
            if (event.shouldCommit()) {
                event.path = paths.getOrDefault(layer, "");
                event.layer = texts.getOrDefault(layer, "");
                event.backward = isBackward;
                event.commit();
            }
        }
    }

    /** A step. */
    @Name("nn.Step")
    @Label("Training Step")
    @Category("nn")
    @Description("One step of a trainer: forward, backward and update")
    @StackTrace(false)
    @Threshold("100 us")
    static final class StepEvent extends Event {
        @Label("Step")
        @Description("Its number, from 1")
        long step;

        @Label("Loss")
        double loss;

        @Label("Gradient Norm")
        @Description("Before clipping")
        double gradientNorm;

        @Label("Learning Rate")
        double rate;

        @Label("Batch Size")
        int batchSize;
    }

    /** An epoch, at its end. */
    @Name("nn.Epoch")
    @Label("Training Epoch")
    @Category("nn")
    @Description("The end of an epoch of a trainer")
    @StackTrace(false)
    static final class EpochEvent extends Event {
        @Label("Epoch")
        @Description("Its number, from 1")
        int epoch;

        @Label("Loss")
        double loss;

        @Label("Validation Loss")
        @Description("NaN without validation data")
        double validationLoss;

        @Label("Steps")
        int steps;

        @Label("Examples")
        long examples;

        @Label("Seconds")
        @Description("Its duration, with observers and validation")
        double seconds;
    }

    /** A pass of a layer. */
    @Name("nn.Layer")
    @Label("Layer")
    @Category("nn")
    @Description("One layer forward, or backward, in a step; the backward pass of the last layer includes the loss")
    @StackTrace(false)
    @Enabled(false)
    static final class LayerEvent extends Event {
        @Label("Path")
        String path = "";

        @Label("Layer")
        String layer = "";

        @Label("Backward")
        boolean backward;
    }
}
