package nn.train.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import nn.train.ShardedTraining;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shards on several processes: the bits of a training in one, even if a process is killed in the middle of a step. */
@Tag("slow")
class ShardProcessTest {
    private static final int KILLED = 5; // the step in which a process is killed

    /** Processes that take shards from one queue. */
    private static final class Processes implements ShardExecutor, AutoCloseable {
        private final List<Process> alive = new ArrayList<>();
        private int killed;

        Processes(ShardedTraining training, List<String> flags) throws IOException {
            for (String flag : flags) {
                alive.add(ShardProcess.start(flag, ShardProcess.class, training.name()));
            }
        }

        @Override
        public void run(ShardStep step) {
            ByteBuffer weights = step.weights();
            Queue<Integer> open = new ConcurrentLinkedQueue<>();
            for (int shard = 0; shard < step.count(); shard++) {
                open.add(shard);
            }
            while (!open.isEmpty()) {
                assertThat(alive).as("processes that are left").isNotEmpty();
                boolean kill = step.number() == KILLED && killed == 0;
                List<Thread> threads = new ArrayList<>();
                for (Process process : List.copyOf(alive)) {
                    boolean victim = kill && process == alive.getFirst();
                    threads.add(Thread.ofPlatform().start(() -> serve(process, victim, step, weights, open)));
                }
                threads.forEach(Processes::join);
            }
        }

        private void serve(Process process, boolean victim, ShardStep step, ByteBuffer weights, Queue<Integer> open) {
            DataOutputStream out = new DataOutputStream(process.getOutputStream());
            DataInputStream in = new DataInputStream(process.getInputStream());
            for (Integer shard = open.poll(); shard != null; shard = open.poll()) {
                try {
                    ShardProcess.weights(out, weights);
                    ShardProcess.task(out, step.task(shard));
                    if (victim) {
                        process.destroyForcibly().waitFor();
                    }
                    step.accept(ShardProcess.read(in));
                } catch (IOException e) {
                    open.add(shard);
                    synchronized (alive) {
                        alive.remove(process);
                        killed++;
                    }
                    return;
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        private static void join(Thread thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            alive.forEach(Process::destroyForcibly);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theBitsAreThoseOfOneProcessEvenIfAnotherIsKilledInTheMiddleOfAStep(ShardedTraining training) {
        List<String> flags = List.of("-Dnn.threads=1", "-Dnn.threads=2", "-Dnn.kernels=scalar");
        try (Processes processes = new Processes(training, flags)) {
            assertThat(training.straight(processes)).isEqualTo(training.bits());
            assertThat(processes.killed).isEqualTo(1);
            assertThat(processes.alive).hasSize(2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
