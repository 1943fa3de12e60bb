package nn.train.group;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import nn.layers.Gradients;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.shard.ShardExecutor;
import nn.train.shard.Shards;

/**
 * Measures how a training step scales from one process to a {@link ShardGroup} of two on this machine, one thread each:
 * a dense network 784-w-w-10 with Adam, 8 shards. The processes stay, and rounds of one and of two of them alternate.
 * The arguments are the number of examples in a batch, the seconds, and widths w. What it prints is explained in {@code
 * nn-train/SHARDS.md}.
 */
public final class GroupScaling {
    private static final int SHARDS = 8;
    private static final int STEPS = 10; // of a round
    private static final int WARM_UP = 4; // rounds

    private GroupScaling() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("member")) {
            member(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            return;
        }
        int batch = Integer.parseInt(args[0]);
        double seconds = Double.parseDouble(args[1]) / (args.length - 2);
        for (int i = 2; i < args.length; i++) {
            measure(batch, Integer.parseInt(args[i]), seconds);
        }
    }

    private static Network network(int width) {
        return Network.builder(Key.of(1))
                .input(784)
                .dense("a", width)
                .relu()
                .dense("b", width)
                .relu()
                .dense("c", 10)
                .build();
    }

    // ---- a member ----

    /**
     * Reads its rank and all ports, then a word for each round: {@code group}, {@code alone} without the group, or
     * {@code half} for half a batch and half of the shards without the group.
     */
    private static void member(int batch, int width) throws IOException {
        Tensor x = Tensor.zeros(batch, 784);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(batch);
        for (int i = 0; i < batch; i++) {
            y.set(i % 10, i);
        }
        InetAddress here = InetAddress.getLoopbackAddress();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        long[] inShards = {0};
        ShardExecutor timed = step -> {
            long start = System.nanoTime();
            ShardExecutor.LOCAL.run(step);
            inShards[0] += System.nanoTime() - start;
        };
        try (ShardGroup group = ShardGroup.listen(new InetSocketAddress(here, 0), Duration.ofMinutes(1))) {
            Trainer together = trainer(width, new Shards(SHARDS, group));
            Trainer alone = trainer(width, new Shards(SHARDS, timed));
            Trainer half = trainer(width, new Shards(SHARDS / 2, timed));
            Tensor halfX = x.rows(0, batch / 2);
            Tensor halfY = y.rows(0, batch / 2);
            System.out.println(group.address().getPort());
            String[] words = in.readLine().split(" ");
            List<InetSocketAddress> members = Arrays.stream(words)
                    .skip(1)
                    .map(port -> new InetSocketAddress(here, Integer.parseInt(port)))
                    .toList();
            group.connect(together, Integer.parseInt(words[0]), members);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                boolean isHalf = line.equals("half");
                Trainer trainer = isHalf ? half : line.equals("alone") ? alone : together;
                inShards[0] = 0;
                long start = System.nanoTime();
                for (int i = 0; i < STEPS; i++) {
                    trainer.step(isHalf ? halfX : x, isHalf ? halfY : y);
                }
                long nanos = System.nanoTime() - start;
                System.out.println(nanos + " " + inShards[0] + " " + group.bytesSent());
            }
        }
    }

    private static Trainer trainer(int width, Shards shards) {
        return new Trainer(
                network(width),
                new SoftmaxCrossEntropy(),
                Adam.of(1e-3),
                Key.of(2),
                TrainerOptions.NONE.shards(shards));
    }

    // ---- who measures ----

    /** A member as a process of its own. */
    private static final class Member implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;
        private final String port;

        Member(int batch, int width) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-modules",
                            "jdk.incubator.vector",
                            "-Dnn.threads=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            GroupScaling.class.getName(),
                            "member",
                            "" + batch,
                            "" + width)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            out = process.inputReader(StandardCharsets.UTF_8);
            in = process.outputWriter(StandardCharsets.UTF_8);
            port = out.readLine();
        }

        void say(String line) throws IOException {
            in.write(line + "\n");
            in.flush();
        }

        /** Returns nanoseconds and nanoseconds in shards of a round, and all bytes sent so far. */
        long[] round() throws IOException {
            return Arrays.stream(out.readLine().split(" "))
                    .mapToLong(Long::parseLong)
                    .toArray();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    private static void measure(int batch, int width, double seconds) throws IOException {
        long end = Long.MAX_VALUE; // of the measurement, which begins after the warm-up
        List<Double> one = new ArrayList<>();
        List<Double> rest = new ArrayList<>();
        List<Double> two = new ArrayList<>();
        List<Double> halves = new ArrayList<>();
        long bytes = 0; // of a step
        long before = 0; // sent up to the round before
        try (Member first = new Member(batch, width);
                Member second = new Member(batch, width)) {
            first.say("0 " + first.port + " " + second.port);
            second.say("1 " + first.port + " " + second.port);
            for (int round = 0; System.nanoTime() < end; round++) {
                if (round == WARM_UP) {
                    end = System.nanoTime() + (long) (seconds * 1e9);
                }
                first.say("alone");
                long[] alone = first.round();
                first.say("half");
                second.say("half");
                long[] firstHalf = first.round();
                long[] secondHalf = second.round();
                first.say("group");
                second.say("group");
                long[] together = first.round();
                second.round();
                long sent = firstHalf[2] + secondHalf[2]; // up to the group's last round
                if (round >= WARM_UP) {
                    bytes = (sent - before) / STEPS;
                    one.add(alone[0] * 1e-3 / STEPS);
                    rest.add((alone[0] - alone[1]) * 1e-3 / STEPS);
                    two.add(together[0] * 1e-3 / STEPS);
                    halves.add(Math.max(firstHalf[0], secondHalf[0]) * 1e-3 / STEPS);
                }
                before = sent;
            }
        }
        double t1 = median(one);
        double serial = median(rest);
        double t2 = median(two);
        double half = median(halves);
        System.out.printf(
                Locale.ROOT,
                "batch %d, width %d, %d rounds: one process %.0f us a step, of these %.0f outside of the shards; half"
                        + " of the batch in each of two at a time, without exchange, %.0f us; a group of two %.0f us;"
                        + " efficiency %.0f %%, of the machine alone %.0f %%; exchange %.0f us; %d bytes of"
                        + " gradients, %d bytes sent%n",
                batch,
                width,
                one.size(),
                t1,
                serial,
                half,
                t2,
                50 * t1 / t2,
                50 * t1 / half,
                t2 - half,
                new Gradients(network(width)).byteSize(),
                bytes);
        System.out.println("  rounds of one and of two: " + sample(one) + "; " + sample(two));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Returns the quartiles. */
    private static String sample(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return List.of(1, 2, 3).stream()
                .map(q -> String.format(Locale.ROOT, "%.0f", sorted.get((sorted.size() - 1) * q / 4)))
                .collect(Collectors.joining(" "));
    }
}
