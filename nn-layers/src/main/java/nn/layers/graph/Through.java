package nn.layers.graph;

import nn.layers.Layer;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** A layer on one input. {@link Program} runs its pass. */
final class Through extends Op {
    final Layer layer;

    Through(Layer layer) {
        this.layer = layer;
    }

    @Override
    String name() {
        return Layer.describe(layer);
    }

    @Override
    Shape shape(Shape[] in) {
        return layer.outputShape(in[0]);
    }

    @Override
    void forward(Tensor[] in, Tensor out) {
        throw new AssertionError("a layer is run by its pass");
    }

    @Override
    void backward(int i, Tensor[] in, Tensor out, Tensor dOut, Tensor dIn, boolean add) {
        throw new AssertionError("a layer is run by its pass");
    }

    @Override
    Value export(OperatorGraph graph, Value... in) {
        return layer.export(graph, in[0]);
    }

    @Override
    boolean reads(int i, int j) {
        return false; // the pass saves what it reads
    }
}
