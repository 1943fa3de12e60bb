package nn.train;

import java.util.List;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.NAdam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RAdam;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Scratch;
import nn.train.optimizer.Sgd;

/**
 * The update of two matrices by given gradients, with the check that it stays finite, as every training step does it:
 * {@code adam-1448x1448}.
 */
final class OptimizerTask implements Task {
    /** Parameters and state stay in a second-level cache, in part. */
    static final String SMALL = "256x512";

    /** 4.2 million numbers in two matrices: in no cache of a core. */
    static final String LARGE = "1448x1448";

    static final List<String> OPTIMIZERS = List.of(
            "sgd",
            "momentum",
            "nesterov",
            "adam",
            "adam+decay",
            "adamw",
            "amsgrad",
            "rmsprop",
            "adagrad",
            "lion",
            "nadam",
            "radam",
            "adafactor",
            "muon");

    private static final Key KEY = Key.of(11);

    /** So small that parameters hardly move in the thousands of steps that are timed. */
    private static final double RATE = 1e-6;

    final Optimizer optimizer;
    final List<Parameter> parameters;
    final List<Tensor> gradients;
    private final OptimizerStep update;
    private final double largest;
    private long steps;

    private OptimizerTask(Optimizer optimizer, int rows, int columns) {
        this.optimizer = optimizer;
        Network network = Network.builder(KEY)
                .input(rows)
                .dense("a", columns)
                .dense("b", rows)
                .build();
        parameters = network.parametersByPath().values().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
                .toList();
        parameters.forEach(parameter -> parameter.value().fill(0)); // so that the result is the first change
        Gradients all = new Gradients(parameters);
        gradients = parameters.stream().map(all::of).toList();
        gradients.forEach(gradient -> KEY.child("gradient").normal(gradient, 0, 1));
        largest = gradients.stream().mapToDouble(Tensor::maxAbs).max().orElseThrow();
        Scratch scratch = new Scratch();
        update = new OptimizerStep(parameters.stream()
                .map(parameter -> TrainedParameter.of(parameter.name(), parameter, all, optimizer, scratch))
                .toList());
    }

    static List<String> names(String shape) {
        return OPTIMIZERS.stream()
                .map(optimizer -> "optimizer:" + optimizer + "-" + shape)
                .toList();
    }

    static OptimizerTask of(String name) {
        String[] words = name.split("[-x]");
        return new OptimizerTask(optimizerOf(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    }

    private static Optimizer optimizerOf(String name) {
        return switch (name) {
            case "sgd" -> Sgd.of(RATE);
            case "momentum" -> Sgd.of(RATE).withMomentum(0.9);
            case "nesterov" -> Sgd.of(RATE).withMomentum(0.9).withNesterov();
            case "adam" -> Adam.of(RATE);
            case "adam+decay" -> Adam.of(RATE).withWeightDecay(0.01);
            case "adamw" -> AdamW.of(RATE);
            case "amsgrad" -> Adam.of(RATE).withAmsgrad();
            case "rmsprop" -> RmsProp.of(RATE);
            case "adagrad" -> Adagrad.of(RATE);
            case "lion" -> Lion.of(RATE);
            case "nadam" -> NAdam.of(RATE);
            case "radam" -> RAdam.of(RATE);
            case "adafactor" -> Adafactor.of(RATE);
            case "muon" -> Muon.of(RATE);
            default -> throw new IllegalArgumentException("no optimizer is called '" + name + "'");
        };
    }

    @Override
    public void run() {
        update.run(largest, 1, ++steps, 0);
    }

    /** The first matrix. */
    @Override
    public float[] result() {
        return parameters.getFirst().value().toArray();
    }
}
