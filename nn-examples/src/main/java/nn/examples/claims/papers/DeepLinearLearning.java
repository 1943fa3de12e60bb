package nn.examples.claims.papers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Statistics;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.theory.DeepLinear;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.Reduction;
import nn.train.optimizer.Sgd;

/** B3, P9, Saxe, McClelland and Ganguli 2014: the course and the duration of learning in deep linear networks. */
public final class DeepLinearLearning implements Claim {
    private static final int MODES = 6;
    private static final double START = 1e-3;
    private static final double UNTIL = 8;

    private static final int INPUTS = 16;
    private static final int WIDTH = 32;
    private static final int OUTPUTS = 4;
    private static final double RATE = 0.1;
    private static final double LEARNED = 0.01;

    @Override
    public Card card() {
        return Card.of(
                        List.of("B3", "P9"),
                        "a linear network learns each mode of its data along a sigmoid, and with orthogonal weights in"
                                + " a time that does not depend on the depth (Saxe, McClelland and Ganguli 2014).")
                .isTrue(
                        "at a learning rate of 0.1/L, orthogonal networks of 2 to 64 layers need 20 to 45 steps to"
                                + " reach 1 % of the loss; Gaussian ones need more steps with every layer, and most"
                                + " need over 150 at 32 layers. With one hidden layer, a mode of strength s follows s e"
                                + " / (e - 1 + s / u0), e = exp(2 s t).",
                        "A mode of L layers grows by L a^(2 - 2/L) (s - a) in a unit of time: about L (s - a) near"
                                + " a = 1.",
                        "At a rate of 0.1/L the error then shrinks by a factor of 0.9 per step: to 0.1 in ln 0.1 / ln"
                                + " 0.9 = 22 steps.");
    }

    @Override
    public void measure(Experiment e) {
        modes(e);
        depths(e);
    }

    // ---- one hidden layer: the course of each mode ----

    private static void modes(Experiment e) {
        double dt = e.choose(1e-3, 4e-3);
        int steps = (int) Math.round(UNTIL / dt);
        int every = steps / 200;
        double[][] courses = courses(e, dt, steps, every);
        double[] times = Arrays.stream(Chart.upTo(steps / every))
                .map(i -> i * every * dt)
                .toArray();
        Chart chart = Chart.of(
                "The modes that a linear network with one hidden layer has learned, by time",
                "Each mode rests, rises in a sigmoid and stays at its strength; the strong ones rise first. Training"
                        + " follows the curves of theory.",
                Axis.linear("time, steps times rate"),
                Axis.linear("weight of the mode"));
        for (int mode = 0; mode < MODES; mode++) {
            double strength = mode + 1;
            DeepLinear theory = new DeepLinear(strength, START, 1);
            double[] predicted = Arrays.stream(times).map(theory::at).toArray();
            double worst = 0;
            for (int i = 0; i < times.length; i++) {
                worst = Math.max(worst, Math.abs(courses[mode][i] - predicted[i]) / strength);
            }
            // A step multiplies a small u by (1 + s dt)^2, not by exp(2 s dt): ln u lags by s^2 dt in a unit of time,
            // by s dt ln(s / u0) / 2 at u = s / 2, where u / s moves by a quarter of that. Half as much again allows
            // for the rest of the course.
            double lag = strength * dt * StrictMath.log(strength / START) / 8;
            e.value(String.format(Locale.ROOT, "mode %.0f: max |u - u(t)| / s", strength), 0, worst)
                    .atMost(1.5 * lag + 1e-4);
            chart = chart.line(String.format(Locale.ROOT, "mode %.0f", strength), times, courses[mode])
                    .prediction(String.format(Locale.ROOT, "mode %.0f", strength), times, predicted);
        }
        e.draw(chart.slider(Slider.of(
                "log10(u_0), mode " + MODES,
                "weight of the mode at the end",
                Slider.positions(-8, -1, 0.25),
                StrictMath.log10(START),
                times,
                u -> Arrays.stream(times)
                        .map(new DeepLinear(MODES, StrictMath.pow(10, u), 1)::at)
                        .toArray())));
    }

    /** Runs gradient descent on white data from diagonal weights; returns the weights of the modes, [mode][time]. */
    private static double[][] courses(Experiment e, double dt, int steps, int every) {
        Initializer diagonal = (out, fans, key) -> {
            Init.identity().fill(out, fans, key);
            out.scaleInPlace((float) Math.sqrt(START));
        };
        Network network = Network.builder(e.key().child("modes"))
                .input(MODES)
                .layer("first", Dense.units(MODES).weight(e.weights(diagonal)).withoutBias())
                .layer("second", Dense.units(MODES).weight(e.weights(diagonal)).withoutBias())
                .build();
        Tensor x = Tensor.zeros(MODES, MODES);
        Tensor y = Tensor.zeros(MODES, MODES);
        for (int i = 0; i < MODES; i++) {
            x.set(1, i, i);
            y.set(i + 1, i, i);
        }
        Trainer trainer = halfSquares(e, network, dt, e.key());
        double[][] courses = new double[MODES][steps / every];
        for (int step = 1; step <= steps; step++) {
            trainer.step(x, y);
            if (step % every == 0) {
                Tensor product = network.predict(x);
                for (int i = 0; i < MODES; i++) {
                    courses[i][step / every - 1] = product.get(i, i);
                }
            }
        }
        return courses;
    }

    /** Descends on half of the sum of squares; the library's loss has twice that gradient. */
    private static Trainer halfSquares(Experiment e, Network network, double rate, Key key) {
        return new Trainer(e.model(network), new MeanSquaredError(Reduction.SUM), Sgd.of(rate / 2), key);
    }

    // ---- many layers: how long it takes ----

    private static void depths(Experiment e) {
        Repetitions nets = e.times(9, 5);
        int patience = e.choose(600, 150);
        int[] orthogonal = e.choose(new int[] {2, 4, 8, 16, 32, 64}, new int[] {2, 8, 64});
        int[] gaussian = e.choose(new int[] {2, 4, 8, 16, 32}, new int[] {2, 32});
        double[][] isometric = times(e, Init.orthogonal(), orthogonal, nets, patience);
        double[][] independent = times(e, Init.lecunNormal(), gaussian, nets, patience);
        double[] all = Arrays.stream(isometric).flatMapToDouble(Arrays::stream).toArray();
        double predicted = StrictMath.log(0.1) / StrictMath.log(1 - RATE);
        e.value("orthogonal: most steps", predicted, Arrays.stream(all).max().orElseThrow())
                .over(Over.WEIGHTS)
                .between(predicted / 2, 45);
        e.value("orthogonal: fewest steps", predicted, Arrays.stream(all).min().orElseThrow())
                .over(Over.WEIGHTS)
                .between(predicted / 2, 45);
        // The product of 32 Gaussian matrices varies so much between nets that the fewest steps of a few nets say
        // little: of 160 other nets, between 69 and more than 600 with the median 257, 14 needed fewer than 150. The
        // median of five is below that with a chance of 10 (14/160)^3 = 0.7 %, that of nine with less than 0.1 %.
        double half = Statistics.quantile(0.5, independent[gaussian.length - 1]);
        e.value("Gaussian, L = 32: median steps", 257, half)
                .reference()
                .over(Over.WEIGHTS)
                .atLeast(150);
        e.draw(Chart.of(
                        "Steps to 1 % of the loss, by depth",
                        "With orthogonal weights, "
                                + Caption.number(Arrays.stream(all).min().orElseThrow()) + " to "
                                + Caption.number(Arrays.stream(all).max().orElseThrow()) + " steps at every depth; with"
                                + " Gaussian ones a mean of " + Caption.mean(independent[0]) + " at two layers and of "
                                + Caption.mean(independent[gaussian.length - 1])
                                + " at 32 (or where training was stopped, at " + patience + ").",
                        Axis.log("layers"),
                        Axis.log("steps"))
                .sampled("orthogonal", places(orthogonal), isometric)
                .sampled("Gaussian", places(gaussian), independent));
    }

    private static double[] places(int[] depths) {
        return Arrays.stream(depths).asDoubleStream().toArray();
    }

    /** [depth][net]. */
    private static double[][] times(Experiment e, Initializer weights, int[] depths, Repetitions nets, int patience) {
        double[][] times = new double[depths.length][];
        for (int i = 0; i < depths.length; i++) {
            int layers = depths[i];
            times[i] = e.sample("nets of " + layers, nets, key -> steps(e, weights, layers, patience, key));
        }
        return times;
    }

    /** Counts the steps until the loss is 1 % of the first, up to the patience. */
    private static double steps(Experiment e, Initializer weights, int layers, int patience, Key key) {
        Network.Builder builder = Network.builder(key.child("weights")).input(INPUTS);
        for (int l = 1; l <= layers; l++) {
            int units = l == layers ? OUTPUTS : WIDTH;
            builder.layer(
                    "layer" + l, Dense.units(units).weight(e.weights(weights)).withoutBias());
        }
        Tensor x = Tensor.zeros(INPUTS, INPUTS); // white data: the loss is that of the product of all weights
        for (int i = 0; i < INPUTS; i++) {
            x.set(1, i, i);
        }
        Tensor y = e.normal(key.child("teacher"), INPUTS, OUTPUTS);
        y.scaleInPlace((float) Math.sqrt(1.0 / INPUTS));
        Trainer trainer = halfSquares(e, builder.build(), RATE / layers, key);
        double first = Double.NaN;
        for (int step = 0; step < patience; step++) {
            double loss;
            try {
                loss = trainer.step(x, y).loss(); // before the step
            } catch (NonFiniteException diverged) {
                return patience;
            }
            first = step == 0 ? loss : first;
            if (loss <= LEARNED * first) {
                return step;
            }
        }
        return patience;
    }
}
