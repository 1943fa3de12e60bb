package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A context of training that records the inputs, outputs and lengths of gradients of layers without children or with
 * parameters of their own, in the order in which data reaches them.
 */
final class ActivationRecorder extends ForwardingContext {
    /** One run of one layer. */
    static final class Run {
        final Layer layer;
        final Tensor x;
        final Tensor y;

        /** Squared lengths of the gradients at x and y; NaN before the backward pass. */
        double gradientAtX = Double.NaN;

        double gradientAtY = Double.NaN;

        /** Squared lengths of the gradient at each time step of x, for a recurrent layer; empty for others. */
        double[] gradientAtSteps = {};

        private Run(Layer layer, Tensor x, Tensor y) {
            this.layer = layer;
            this.x = x;
            this.y = y;
        }
    }

    private final List<Run> runs = new ArrayList<>();
    private final List<Run> composites = new ArrayList<>(); // of layers made of layers
    private final Map<Pass, Run> byPass = new IdentityHashMap<>();
    private final Set<Layer> withParameters = Collections.newSetFromMap(new IdentityHashMap<>()); // of their own

    private boolean drawsAtRandom;

    ActivationRecorder(Layer model, Key key) {
        super(Context.training(key));
        Map<String, Layer> layers = model.layersByPath();
        for (String path : model.parametersByPath().keySet()) {
            withParameters.add(layers.get(path.substring(0, Math.max(0, path.lastIndexOf('.')))));
        }
    }

    List<Run> runs() {
        return runs;
    }

    /** Returns the runs of layers with children and without parameters of their own; those in them come first. */
    List<Run> composites() {
        return composites;
    }

    /** Returns whether a layer has asked for a key to draw random numbers, as dropout does. */
    boolean drawsAtRandom() {
        return drawsAtRandom;
    }

    @Override
    public Key key() {
        drawsAtRandom = true;
        return super.key();
    }

    @Override
    public Key key(Key layer) {
        drawsAtRandom = true;
        return super.key(layer);
    }

    @Override
    public Tensor run(Pass pass, Tensor x, Context outermost) {
        Tensor y = super.run(pass, x, outermost);
        Layer layer = pass.layer();
        Run run = new Run(layer, x, y);
        if (layer.children().isEmpty() || withParameters.contains(layer)) {
            runs.add(run);
            byPass.put(pass, run);
        } else {
            composites.add(run);
        }
        return y;
    }

    @Override
    public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients gradients) {
        Run run = byPass.get(pass);
        if (run != null) {
            run.gradientAtX = dInput == null ? Double.NaN : dInput.dot(dInput);
            run.gradientAtY = dOutput.dot(dOutput);
            if (run.layer instanceof Recurrent && dInput != null) {
                run.gradientAtSteps = new double[dInput.dim(0)];
                for (int t = 0; t < run.gradientAtSteps.length; t++) {
                    run.gradientAtSteps[t] = dInput.row(t).dot(dInput.row(t));
                }
            }
        }
    }
}
