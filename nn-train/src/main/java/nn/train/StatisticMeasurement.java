package nn.train;

import java.util.List;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.internal.Refusal;

/** Sets running statistics to the means of what their layers observe in a pass over data. */
final class StatisticMeasurement {
    private StatisticMeasurement() {}

    /** Measures the statistics that are not frozen. Layers hand over what they observe in their backward passes. */
    static void run(Layer model, Batches data, List<TrainedParameter> parameters, Key key) {
        Gradients gradients = new Gradients(model);
        List<Parameter> rest = parameters.stream()
                .filter(trained -> !trained.isStatistic() || trained.isFrozen())
                .map(TrainedParameter::parameter)
                .toList();
        if (rest.size() == parameters.size()) {
            return;
        }
        gradients.freeze(rest); // so that no gradient of a weight is computed
        gradients.observeStatistics();
        Workspace workspace = new Workspace();
        Context context = gradients.over(workspace);
        Pass pass = Pass.of(model);
        long count = 0;
        for (Batch batch : data.epoch(0)) {
            workspace.begin(key, ++count);
            try {
                Tensor y = context.run(pass, batch.x());
                Tensor dy = context.empty(y.shape());
                dy.fill(0f);
                pass.pullbackParameters(dy, gradients);
            } catch (IllegalArgumentException e) {
                throw Refusal.about("batch " + count + ": ", e);
            }
        }
        gradients.setObservedStatistics();
        parameters.stream()
                .filter(trained -> trained.isStatistic() && !trained.isFrozen() && trained.isLimited())
                .forEach(TrainedParameter::limit);
    }
}
