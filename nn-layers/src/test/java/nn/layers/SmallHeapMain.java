package nn.layers;

import nn.fixtures.Weights;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/** Runs 100,000 steps of training by hand in a small heap, and then asks for tensors that do not fit into it. */
final class SmallHeapMain {
    private static final int STEPS = 100_000;

    private SmallHeapMain() {}

    public static void main(String[] args) {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .dense("a", 8)
                .relu()
                .dropout("drop", 0.1)
                .layerNorm("norm")
                .layer("block", Residual.of(b -> b.dense("b", 8).tanh()))
                .dense("out", 1)
                .build();
        Tensor x = Weights.normal("x", 4, 3);
        Tensor target = Weights.normal("y", 4, 1);
        Workspace workspace = new Workspace();
        Gradients gradients = new Gradients(network.parameters());
        double first = 0;
        double last = 0;
        for (int step = 0; step < STEPS; step++) {
            workspace.begin(Key.of(step));
            gradients.clear();
            Pass pass = network.forward(x, workspace);
            Tensor difference = workspace.empty(target.shape());
            pass.output().subtractInto(target, difference);
            last = difference.dot(difference);
            first = step == 0 ? last : first;
            pass.pullbackParameters(difference, gradients);
            for (Parameter p : gradients.parameters()) {
                p.value().addScaledInPlace(-1e-3f, gradients.of(p));
            }
        }
        System.out.println("steps " + STEPS + (last < first ? " learned" : " learned nothing"));
        try {
            Tensor.zeros(Shape.of(1 << 15, 1 << 14));
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        Tensor half = Tensor.zeros(9_000_000); // 36 of the heap's 64 megabytes
        try {
            Tensor.zeros(3000, 3000);
        } catch (OutOfMemoryError e) {
            System.out.println(e.getMessage() + half.get(0));
        }
    }
}
