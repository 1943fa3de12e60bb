package nn.train.group;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.ShardedTraining;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;

/**
 * A member of a group as a process of its own. It prints its port, then reads its rank and the ports of all, and
 * trains. If another member is lost it prints {@code lost} and the rank, and reads a new list. In the end it prints the
 * SHA-256 of weights, optimizer state and history, or the message of what has failed.
 */
final class ShardGroupProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private ShardGroupProcess() {}

    /** The arguments are the training and, for a member that is to be killed, the last step that it makes. */
    public static void main(String[] args) throws IOException {
        ShardedTraining training = ShardedTraining.valueOf(args[0]);
        long last = args.length > 1 ? Long.parseLong(args[1]) : 0;
        PrintStream out = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        InetAddress here = InetAddress.getLoopbackAddress();
        List<EpochReport> history = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == last) {
                    out.println("step " + last);
                    sleep(); // until it is killed, while the others wait for its part of the next step
                }
            }

            @Override
            public void onEpoch(EpochReport report) {
                history.add(report);
            }
        };
        try (ShardGroup group = ShardGroup.listen(new InetSocketAddress(here, 0), PATIENCE)) {
            Trainer trainer = training.trainer(group);
            out.println(group.address().getPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                List<InetSocketAddress> members = new ArrayList<>();
                for (int i = 1; i < words.length; i++) {
                    members.add(new InetSocketAddress(here, Integer.parseInt(words[i])));
                }
                try {
                    group.connect(trainer, Integer.parseInt(words[0]), members);
                    trainer.fit(training.batches(), FitOptions.epochs(4).observers(observer));
                    out.println(ShardedTraining.print(trainer, history));
                } catch (LostMemberException e) {
                    out.println("lost " + e.rank() + " after step " + trainer.steps());
                } catch (IllegalArgumentException e) {
                    out.println(e.getMessage());
                }
            }
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
