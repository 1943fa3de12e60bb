package nn.examples;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;
import nn.train.EpochReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.data.Batches;
import nn.train.data.Csv;
import nn.train.data.Dataset;
import nn.train.data.Standardizer;
import nn.train.data.Table;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.AdamW;

/**
 * Forecasts next year's sunspot number from the years before: an ensemble of small networks against simpler baselines.
 * It trains on the years before 1921, as is customary for these data (Weigend, Huberman and Rumelhart, <i>Predicting
 * the future: a connectionist approach</i>, 1990), and is tested on the years from 1921 on, whose maxima are higher
 * than any before. With seeds 1 to 3 the ensemble's error is 14.5 to 16.5: far below that of a linear rule of two
 * years, and about that of a linear rule of the nine square roots that the networks get. Most of the gain comes from
 * the preparation.
 */
final class Sunspots extends Example {
    private static final int FIRST_HELD_OUT = 1921;
    private static final int WINDOW = 9;
    private static final int ENSEMBLE = 5;

    Sunspots() {
        super(
                "sunspots",
                "forecasts sunspot numbers, against linear regression",
                new Option("--epochs", "N", "200", "passes over the years before 1921"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) throws IOException {
        Key key = arguments.key();
        int epochs = arguments.number("--epochs", 1, 1_000_000);
        Table table = load();
        int years = table.values().dim(0);
        double[] numbers = column(table.select("SUNACTIVITY"));
        double[] year = column(table.select("YEAR"));
        int held = 0;
        while (year[held] < FIRST_HELD_OUT) {
            held++;
        }
        terminal.line(
                "%.0f to %.0f: %d years to learn from, %d held out", year[0], year[years - 1], held, years - held);

        long start = System.nanoTime();
        double[] forecast = ensemble(numbers, held, epochs, key, terminal);
        double seconds = (System.nanoTime() - start) * 1e-9;
        double[] last = new double[years];
        System.arraycopy(numbers, 0, last, 1, years - 1);
        double two = error(linear(numbers, held, 2), numbers, held);
        double own = error(forecast, numbers, held);
        // Square roots make the variance alike at minima and maxima; that helps a linear rule as well.
        double roots = error(squares(linear(roots(numbers), held, WINDOW)), numbers, held);
        double nine = error(linear(numbers, held, WINDOW), numbers, held);
        terminal.line("");
        terminal.line("root mean square error of next year's number, over the held-out years");
        terminal.line("  as last year                                     %5.1f", error(last, numbers, held));
        terminal.line("  linear in 2 years                                %5.1f", two);
        terminal.line("  linear in 9 years                                %5.1f", nine);
        terminal.line("  linear in the roots of 9 years                   %5.1f", roots);
        terminal.line("  %d networks on the roots of 9 years, their mean   %5.1f   (%.1f s)", ENSEMBLE, own, seconds);
        if (epochs >= 200 && own >= two) {
            terminal.line("The networks should beat the linear rule of 2 years, but do not.");
            return 1;
        }
        return 0;
    }

    /** Mean forecast of networks that differ in their first weights and in the order of their batches. */
    private static double[] ensemble(double[] numbers, int held, int epochs, Key key, Terminal terminal) {
        double[] roots = roots(numbers);
        Tensor all = Tensor.zeros(roots.length, 1);
        for (int i = 0; i < roots.length; i++) {
            all.set((float) roots[i], i, 0);
        }
        Standardizer standardizer = Standardizer.fit(all.rows(0, held));
        Dataset windows = windows(standardizer.apply(all));
        Dataset known = windows.rows(0, held - WINDOW);
        double[] mean = new double[roots.length];
        for (int member = 0; member < ENSEMBLE; member++) {
            Key own = key.child(member);
            Network network = Network.builder(own.child("network"))
                    .input(WINDOW)
                    .dense("hidden", 8)
                    .activation(Nonlinearity.leakyRelu(0.5))
                    .dense("out", 1)
                    .build();
            if (member == 0) {
                terminal.line("%s", network.summary());
            }
            Trainer trainer = new Trainer(
                    network, new MeanSquaredError(), AdamW.of(0.005).withWeightDecay(0.01), own.child("trainer"));
            int number = member + 1;
            TrainingObserver report = new TrainingObserver() {
                @Override
                public void onEpoch(EpochReport epoch) {
                    if (epoch.epoch() == epochs) {
                        terminal.line("network %d   loss %.4f", number, epoch.loss());
                    }
                }
            };
            trainer.fit(Batches.shuffled(known, 32, own.child("batches")), epochs, terminal.observers(report));
            Tensor forecast = standardizer.invert(network.predict(windows.x()));
            for (int i = 0; i < windows.size(); i++) {
                mean[WINDOW + i] += forecast.get(i, 0) / ENSEMBLE;
            }
        }
        return squares(mean);
    }

    /** The nine years before each year as x [n x 9], and the year's own number as y [n x 1]. */
    private static Dataset windows(Tensor series) {
        int n = series.dim(0) - WINDOW;
        Tensor x = Tensor.zeros(n, WINDOW);
        for (int i = 0; i < n; i++) {
            x.row(i).copyFrom(series.rows(i, i + WINDOW).reshape(WINDOW));
        }
        return new Dataset(x, series.rows(WINDOW, series.dim(0)));
    }

    /** Forecasts each year by the linear function of the years before it that fits the training years best. */
    private static double[] linear(double[] series, int held, int order) {
        int rows = held - order;
        int columns = order + 1;
        double[] a = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(series, i, a, i * columns, order);
            a[i * columns + order] = 1;
        }
        // Least squares: R w = Q' y, solved from the last weight up.
        Qr qr = Qr.of(a, rows, columns);
        double[] q = qr.qValues();
        double[] r = qr.rValues();
        double[] weights = new double[columns];
        for (int j = columns - 1; j >= 0; j--) {
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                sum += q[i * columns + j] * series[order + i];
            }
            for (int k = j + 1; k < columns; k++) {
                sum -= r[j * columns + k] * weights[k];
            }
            weights[j] = sum / r[j * columns + j];
        }
        double[] forecast = new double[series.length];
        for (int t = order; t < series.length; t++) {
            double sum = weights[order];
            for (int k = 0; k < order; k++) {
                sum += weights[k] * series[t - order + k];
            }
            forecast[t] = sum;
        }
        return forecast;
    }

    private static double error(double[] forecast, double[] numbers, int held) {
        double squares = 0;
        for (int t = held; t < numbers.length; t++) {
            squares += (forecast[t] - numbers[t]) * (forecast[t] - numbers[t]);
        }
        return Math.sqrt(squares / (numbers.length - held));
    }

    private static double[] roots(double[] numbers) {
        double[] roots = numbers.clone();
        for (int i = 0; i < roots.length; i++) {
            roots[i] = Math.sqrt(roots[i]);
        }
        return roots;
    }

    /** Inverts {@link #roots}; a forecast below 0 becomes 0. */
    private static double[] squares(double[] roots) {
        double[] squares = roots.clone();
        for (int i = 0; i < squares.length; i++) {
            squares[i] = squares[i] < 0 ? 0 : squares[i] * squares[i];
        }
        return squares;
    }

    private static double[] column(Tensor column) {
        double[] values = new double[column.dim(0)];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.get(i, 0);
        }
        return values;
    }

    private static Table load() throws IOException {
        String name = "sunspots.csv";
        try (InputStream in = Sunspots.class.getResourceAsStream("data/" + name)) {
            return Csv.withHeader().read(Objects.requireNonNull(in, name), name);
        }
    }
}
