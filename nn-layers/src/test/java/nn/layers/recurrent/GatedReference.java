package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * LSTM and GRU in plain double, written from the equations in PyTorch's documentation, in its layout: weights [gates *
 * units x inputs], two biases. Gradients are fourth-order differences, so no derivative is written by hand.
 */
final class GatedReference {
    /** Computes the next state from the gates' sums over the input and over the state. */
    interface Cell {
        double[][] next(double[] fromInput, double[] fromState, double[][] state);
    }

    private static final double STEP = 1e-3;

    private final int time;
    private final int batch;
    private final int inputs;
    private final int units;
    private final Cell cell;

    GatedReference(int time, int batch, int inputs, int units, Cell cell) {
        this.time = time;
        this.batch = batch;
        this.inputs = inputs;
        this.units = units;
        this.cell = cell;
    }

    static Cell lstm(int units) {
        return (a, b, state) -> {
            double[][] next = new double[2][units];
            for (int j = 0; j < units; j++) {
                double i = sigmoid(a[j] + b[j]);
                double f = sigmoid(a[units + j] + b[units + j]);
                double g = Math.tanh(a[2 * units + j] + b[2 * units + j]);
                double o = sigmoid(a[3 * units + j] + b[3 * units + j]);
                next[1][j] = f * state[1][j] + i * g;
                next[0][j] = o * Math.tanh(next[1][j]);
            }
            return next;
        };
    }

    static Cell gru(int units) {
        return (a, b, state) -> {
            double[][] next = new double[1][units];
            for (int j = 0; j < units; j++) {
                double r = sigmoid(a[j] + b[j]);
                double z = sigmoid(a[units + j] + b[units + j]);
                double n = Math.tanh(a[2 * units + j] + r * b[2 * units + j]);
                next[0][j] = (1 - z) * n + z * state[0][j];
            }
            return next;
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /**
     * The tensors that the result depends on, flat: x, weight_ih, weight_hh, bias_ih, bias_hh, then the first states.
     */
    record Given(List<double[]> tensors) {}

    /** Returns all outputs [time * batch * units], then the parts of the last state [batch * units]. */
    List<double[]> run(Given given) {
        double[] x = given.tensors().get(0);
        int parts = given.tensors().size() - 5;
        List<double[]> result = new ArrayList<>();
        result.add(new double[time * batch * units]);
        for (int p = 0; p < parts; p++) {
            result.add(new double[batch * units]);
        }
        for (int b = 0; b < batch; b++) {
            double[][] state = new double[parts][units];
            for (int p = 0; p < parts; p++) {
                System.arraycopy(given.tensors().get(5 + p), b * units, state[p], 0, units);
            }
            for (int t = 0; t < time; t++) {
                double[] input = new double[inputs];
                System.arraycopy(x, (t * batch + b) * inputs, input, 0, inputs);
                double[] fromInput =
                        affine(given.tensors().get(1), input, given.tensors().get(3));
                double[] fromState =
                        affine(given.tensors().get(2), state[0], given.tensors().get(4));
                state = cell.next(fromInput, fromState, state);
                System.arraycopy(state[0], 0, result.get(0), (t * batch + b) * units, units);
            }
            for (int p = 0; p < parts; p++) {
                System.arraycopy(state[p], 0, result.get(1 + p), b * units, units);
            }
        }
        return result;
    }

    private static double[] affine(double[] weight, double[] x, double[] bias) {
        double[] y = bias.clone();
        for (int j = 0; j < y.length; j++) {
            for (int i = 0; i < x.length; i++) {
                y[j] += weight[j * x.length + i] * x[i];
            }
        }
        return y;
    }

    /** Returns the gradients of sum(cotangent * result) at the given tensors, with an error of about 1e-11. */
    List<double[]> gradients(Given given, List<double[]> cotangents) {
        ToDoubleFunction<Given> f = g -> {
            double sum = 0;
            List<double[]> result = run(g);
            for (int k = 0; k < result.size(); k++) {
                for (int i = 0; i < result.get(k).length; i++) {
                    sum += result.get(k)[i] * cotangents.get(k)[i];
                }
            }
            return sum;
        };
        List<double[]> gradients = new ArrayList<>();
        for (double[] tensor : given.tensors()) {
            double[] gradient = new double[tensor.length];
            for (int i = 0; i < tensor.length; i++) {
                double original = tensor[i];
                double[] at = new double[4];
                for (int k = 0; k < 4; k++) {
                    tensor[i] = original + STEP * (k < 2 ? k - 2 : k - 1);
                    at[k] = f.applyAsDouble(given);
                }
                tensor[i] = original;
                gradient[i] = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * STEP);
            }
            gradients.add(gradient);
        }
        return gradients;
    }
}
