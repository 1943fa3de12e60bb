package nn.train.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.util.Map;
import java.util.function.Supplier;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A layer with an input for it, to be compared with what another program makes of its file.
 *
 * @param name for failures
 * @param in the shape that the file declares
 * @param layer makes the layer
 * @param x an input
 */
record Exported(String name, Shape in, Supplier<Layer> layer, Tensor x) {
    private static final Key KEY = Key.of(5);

    /** A layer on an input of normal numbers. */
    static Exported of(String name, Shape in, Supplier<Layer> layer, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return new Exported(name, in, layer, x);
    }

    /** A layer on indices below a number. */
    static Exported ofIndices(String name, Shape in, Supplier<Layer> layer, int entries, int... dims) {
        Tensor x = Tensor.zeros(dims);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = (7 * i + 3) % entries;
        }
        return new Exported(name, in, layer, x);
    }

    /** Draws every parameter anew, so that no bias is zero and no scale 1: a forgotten one would be seen. */
    static Layer drawn(Layer layer) {
        for (Map.Entry<String, Parameter> entry : layer.parametersByPath().entrySet()) {
            Parameter parameter = entry.getValue();
            Tensor value = parameter.value();
            Key key = KEY.child(entry.getKey());
            switch (parameter.kind()) {
                case WEIGHT, RECURRENT -> Init.xavierNormal().fill(value, parameter.fans(), key);
                case BIAS -> key.normal(value, 0, 0.5f);
                case SCALE, STATISTIC -> key.uniform(value, 0.5f, 1.5f);
            }
        }
        return layer;
    }

    /** The largest difference between both outputs, as a part of the largest number. */
    double error() throws OrtException {
        Layer model = drawn(layer.get());
        Tensor expected = model.forward(x, Context.inference()).output();
        Tensor actual = Runtime.run(OnnxModel.of(model, in).toBytes(), Map.of("input", x))
                .get("output");
        return error(actual, expected);
    }

    static double error(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(expected.isFinite()).isTrue();
        assertThat(expected.maxAbs()).isPositive();
        return actual.subtract(expected).maxAbs() / (double) expected.maxAbs();
    }

    @Override
    public String toString() {
        return name;
    }
}
