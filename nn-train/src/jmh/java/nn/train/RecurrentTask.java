package nn.train;

import java.util.List;
import java.util.stream.Stream;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.layers.network.Predictor;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A recurrent layer of 128 units on 50 time steps of 64 numbers; in inference its outputs, in training these and all
 * gradients, the one at the input too: {@code lstm-32-train} has a batch of 32. {@code stacked} are two LSTM layers,
 * {@code bilstm} is one in both directions.
 */
final class RecurrentTask implements Task {
    static final List<String> NAMES = Stream.of(
                    "rnn-1", "rnn-32", "lstm-1", "lstm-32", "gru-1", "gru-32", "stacked-32", "bilstm-32")
            .flatMap(layer -> Stream.of("infer", "train").map(use -> "recurrent:" + layer + "-" + use))
            .toList();

    /** Odd sizes. */
    static final List<String> POLLUTION = NAMES.stream()
            .map(name -> name.replace("-1-", "-3-21-").replace("-32-", "-5-21-"))
            .toList();

    private static final Key KEY = Key.of(13);
    private static final int TIME = 50;
    private static final int INPUTS = 64;
    private static final int UNITS = 128;

    final Layer layer;
    final boolean training;
    final Tensor x;
    final Tensor dy;
    private final Runnable run;
    private Tensor output;

    private RecurrentTask(Layer layer, Shape input, boolean training) {
        this.layer = layer;
        this.training = training;
        x = Tensor.zeros(input);
        KEY.child("x").normal(x, 0, 1);
        dy = Tensor.zeros(layer.outputShape(input));
        KEY.child("dy").normal(dy, 0, 1);
        run = training ? train() : infer();
    }

    static RecurrentTask of(String name) {
        String[] words = name.split("-");
        int batch = Integer.parseInt(words[1]);
        boolean training = name.endsWith("train");
        boolean odd = words.length > 3; // with its own number of time steps
        Shape input = odd ? Shape.of(Integer.parseInt(words[2]), batch, 5) : Shape.of(TIME, batch, INPUTS);
        return new RecurrentTask(layerOf(words[0], odd ? 131 : UNITS).create(input, KEY), input, training);
    }

    private static LayerFactory layerOf(String name, int units) {
        return switch (name) {
            case "rnn" -> Rnn.units(units);
            case "lstm" -> Lstm.units(units);
            case "gru" -> Gru.units(units);
            case "stacked" -> Stacked.of(Lstm.units(units), Lstm.units(units));
            case "bilstm" -> Bidirectional.of(Lstm.units(units));
            default -> throw new IllegalArgumentException("no recurrent layer is called '" + name + "'");
        };
    }

    private Runnable infer() {
        Predictor predictor = Predictor.of(layer);
        return () -> output = predictor.predict(x);
    }

    private Runnable train() {
        Pass pass = Pass.of(layer);
        Workspace workspace = new Workspace();
        Gradients gradients = new Gradients(layer);
        return () -> {
            workspace.begin(KEY);
            gradients.clear();
            workspace.run(pass, x);
            output = pass.pullback(dy, gradients);
        };
    }

    @Override
    public void run() {
        run.run();
    }

    /** The outputs at all time steps; in training the gradient at the input. */
    @Override
    public float[] result() {
        return output.toArray();
    }
}
