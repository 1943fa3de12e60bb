package nn.train.shard;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import nn.layers.network.Network;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;

/**
 * Measures what a step in V shards costs on one thread, beside a plain step of the same batch: networks with Adam. Each
 * JVM runs one kind of step only, as a program does: in one JVM, both compile to code for either. JVMs of one network
 * take turns, and each cost is from neighbours. What it prints is explained in {@code nn-train/SHARDS.md}.
 *
 * <p>Arguments: how many JVMs for each kind of step, the seconds for each JVM, the batch, numbers of shards with commas
 * between, and names of networks, or none for all.
 *
 * <pre>mvn -q -Pjmh -pl nn-train -am test-compile exec:exec@ratios -Djmh.ratios=nn.train.shard.ShardCost -Djmh.in=train
 * -Dratios="7 10 128 4,8"</pre>
 */
public final class ShardCost {
    private static final List<String> NETWORKS =
            List.of("dense", "dropout", "layer-norm", "batch-norm", "wide", "lstm");
    private static final double WARM_UP = 0.4; // share of the time that is not measured
    private static final int BLOCK = 20; // steps

    private ShardCost() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("measure")) {
            measure(args[1], Double.parseDouble(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
            return;
        }
        int forks = Integer.parseInt(args[0]);
        int[] counts =
                Arrays.stream(args[3].split(",")).mapToInt(Integer::parseInt).toArray();
        List<String> names = Arrays.asList(args).subList(4, args.length);
        System.out.println("network     batch  V  plain us    cost of shards, %: median, all");
        for (String name : names.isEmpty() ? NETWORKS : names) {
            double[] plain = new double[forks];
            double[][] costs = new double[counts.length][forks];
            for (int i = 0; i < forks; i++) {
                boolean isFirst = i % 2 == 0; // the plain step, so that a drift cancels
                if (isFirst) {
                    plain[i] = fork(name, args[1], args[2], 1);
                }
                for (int v = 0; v < counts.length; v++) {
                    costs[v][i] = fork(name, args[1], args[2], counts[v]);
                }
                if (!isFirst) {
                    plain[i] = fork(name, args[1], args[2], 1);
                }
                for (double[] cost : costs) {
                    cost[i] = 100 * (cost[i] / plain[i] - 1);
                }
            }
            Arrays.sort(plain);
            for (int v = 0; v < counts.length; v++) {
                Arrays.sort(costs[v]);
                StringBuilder all = new StringBuilder();
                for (double cost : costs[v]) {
                    all.append(String.format(Locale.ROOT, " %5.1f", cost));
                }
                System.out.printf(
                        Locale.ROOT,
                        "%-11s %5s %2d %9.0f %17.1f   %s%n",
                        name,
                        args[2],
                        counts[v],
                        plain[forks / 2],
                        costs[v][forks / 2],
                        all);
            }
        }
    }

    private static double fork(String name, String seconds, String batch, int shards) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-Dnn.threads=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ShardCost.class.getName(),
                        "measure",
                        name,
                        seconds,
                        batch,
                        "" + shards)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("the JVM that measures " + name + " printed nothing");
            }
            return Double.parseDouble(line);
        }
    }

    // ---- a JVM that measures one network ----

    private static Network network(String name) {
        Network.Builder builder = Network.builder(Key.of(1));
        return switch (name) {
            case "wide" ->
                builder.input(784)
                        .dense("a", 512)
                        .relu()
                        .dense("b", 512)
                        .relu()
                        .dense("c", 10)
                        .build();
            case "lstm" ->
                builder.sequence(28)
                        .timeMajor()
                        .layer("lstm", Lstm.units(128).last())
                        .dense("out", 10)
                        .build();
            default -> {
                builder.input(784);
                hidden(builder, name, "a", 256);
                hidden(builder, name, "b", 128);
                yield builder.dense("c", 10).build();
            }
        };
    }

    private static void hidden(Network.Builder builder, String name, String layer, int units) {
        builder.dense(layer, units);
        switch (name) {
            case "dense" -> builder.relu();
            case "dropout" -> builder.relu().dropout(layer + "drop", 0.2);
            case "layer-norm" -> builder.layerNorm(layer + "norm").relu();
            case "batch-norm" -> builder.batchNorm(layer + "norm").relu();
            default -> throw new IllegalArgumentException("network " + name + "; there are " + NETWORKS);
        }
    }

    /** Prints microseconds of a step: the median of blocks of steps. */
    private static void measure(String name, double seconds, int batch, int shards) {
        TrainerOptions options = shards == 1 ? TrainerOptions.NONE : TrainerOptions.NONE.shards(shards);
        // a rate so small that all weights stay what they are: no network learns, and no unit dies
        Trainer trainer = new Trainer(network(name), new SoftmaxCrossEntropy(), Adam.of(1e-8), Key.of(2), options);
        Tensor x = name.equals("lstm") ? Tensor.zeros(batch, 28, 28) : Tensor.zeros(batch, 784);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(batch);
        for (int i = 0; i < batch; i++) {
            y.set(i % 10, i);
        }
        long begin = System.nanoTime();
        List<Double> blocks = new ArrayList<>();
        for (double elapsed = 0; elapsed < seconds; elapsed = (System.nanoTime() - begin) * 1e-9) {
            long start = System.nanoTime();
            for (int step = 0; step < BLOCK; step++) {
                trainer.step(x, y);
            }
            if (elapsed >= WARM_UP * seconds) {
                blocks.add((System.nanoTime() - start) * 1e-3 / BLOCK);
            }
        }
        System.out.println(blocks.stream().sorted().toList().get(blocks.size() / 2));
    }
}
