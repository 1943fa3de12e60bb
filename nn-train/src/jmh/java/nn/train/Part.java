package nn.train;

import java.util.List;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.regularization.Dropout;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.loss.DirectLoss;
import nn.train.loss.Huber;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;

/**
 * A layer or a loss on one batch, forward and backward. A name is that of the part and the shape of its input:
 * {@code gelu-256x512}.
 */
final class Part {
    /** In a second-level cache, in part. */
    static final String SMALL = "256x512";

    /** In no cache of a core. */
    static final String LARGE = "2048x4096";

    static final List<String> LAYERS = List.of(
            "relu",
            "leaky_relu",
            "prelu",
            "elu",
            "selu",
            "gelu",
            "silu",
            "softplus",
            "sigmoid",
            "tanh",
            "hard_tanh",
            "sin",
            "softmax",
            "layer_norm",
            "batch_norm",
            "dropout");

    static final List<String> LOSSES = List.of("cross_entropy", "sigmoid_loss", "squares", "huber", "absolute");

    /** Parts for which no other library is called. */
    private static final List<String> WITHOUT_PEERS = List.of("absolute");

    private static final Key KEY = Key.of(7);

    final String name;
    final Tensor x;
    final Tensor dy; // the target of a loss
    private final Runnable run;
    private Tensor output;
    private Tensor gradient;

    private Part(String name, Tensor x, Tensor dy, Shape shape) {
        this.name = name;
        this.x = x;
        this.dy = dy;
        this.run = LOSSES.contains(name) ? loss(lossOf(name)) : layer(layerOf(name, shape));
    }

    static Part of(String nameAndShape) {
        String[] words = nameAndShape.split("-");
        String[] dims = words[1].split("x");
        int rows = Integer.parseInt(dims[0]);
        int columns = Integer.parseInt(dims[1]);
        Tensor x = Tensor.zeros(rows, columns);
        KEY.child("x").normal(x, 0, 1);
        Tensor dy = Tensor.zeros(rows, columns);
        switch (words[0]) {
            case "cross_entropy" -> {
                dy = Tensor.zeros(rows);
                for (int i = 0; i < rows; i++) {
                    dy.set(Integer.remainderUnsigned(KEY.word(i), columns), i);
                }
            }
            case "sigmoid_loss" -> KEY.child("dy").uniform(dy, 0, 1);
            default -> KEY.child("dy").normal(dy, 0, 1);
        }
        return new Part(words[0], x, dy, Shape.of(rows, columns));
    }

    static boolean hasPeer(String nameAndShape) {
        return !WITHOUT_PEERS.contains(nameAndShape.split("-")[0]);
    }

    /** The part with a small odd shape, often enough to be compiled. */
    static void pollute() {
        for (List<String> names : List.of(LAYERS, LOSSES)) {
            for (String name : names) {
                Part part = of(name + "-7x37");
                for (int i = 0; i < 300; i++) {
                    part.run();
                }
            }
        }
    }

    private static DirectLoss lossOf(String name) {
        return switch (name) {
            case "cross_entropy" -> new SoftmaxCrossEntropy();
            case "sigmoid_loss" -> new SigmoidCrossEntropy();
            case "squares" -> new MeanSquaredError();
            case "huber" -> new Huber(1);
            case "absolute" -> new MeanAbsoluteError();
            default -> throw new IllegalArgumentException("no loss is called '" + name + "'");
        };
    }

    private static Layer layerOf(String name, Shape shape) {
        return switch (name) {
            case "relu" -> new Activation(Nonlinearity.RELU);
            case "leaky_relu" -> new Activation(Nonlinearity.leakyRelu(0.01));
            case "elu" -> new Activation(Nonlinearity.elu(1));
            case "selu" -> new Activation(Nonlinearity.SELU);
            case "gelu" -> new Activation(Nonlinearity.GELU);
            case "silu" -> new Activation(Nonlinearity.SILU);
            case "softplus" -> new Activation(Nonlinearity.SOFTPLUS);
            case "sigmoid" -> new Activation(Nonlinearity.SIGMOID);
            case "tanh" -> new Activation(Nonlinearity.TANH);
            case "hard_tanh" -> new Activation(Nonlinearity.HARD_TANH);
            case "sin" -> new Activation(Nonlinearity.SIN);
            case "softmax" -> new Softmax();
            case "prelu" -> PRelu.standard().create(shape, KEY);
            case "layer_norm" -> LayerNorm.standard().create(shape, KEY);
            case "batch_norm" -> BatchNorm.standard().create(shape, KEY);
            case "dropout" -> Dropout.of(0.5).create(shape, KEY);
            default -> throw new IllegalArgumentException("no layer is called '" + name + "'");
        };
    }

    private Runnable layer(Layer layer) {
        Pass pass = Pass.of(layer);
        Workspace workspace = new Workspace();
        Gradients gradients = new Gradients(layer);
        return () -> {
            workspace.begin(KEY);
            gradients.clear();
            output = workspace.run(pass, x);
            gradient = pass.pullback(dy, gradients);
        };
    }

    private Runnable loss(DirectLoss loss) {
        Tensor dOutput = Tensor.zeros(x.shape());
        gradient = dOutput;
        output = Tensor.zeros();
        return () -> output.set((float) loss.of(x, dy, dOutput));
    }

    void run() {
        run.run();
    }

    /** The output of the last run, or the loss. */
    Tensor output() {
        return output;
    }

    /** The gradient with respect to x of the last run. */
    Tensor gradient() {
        return gradient;
    }
}
