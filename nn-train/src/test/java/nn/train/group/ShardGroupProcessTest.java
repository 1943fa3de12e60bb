package nn.train.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import nn.train.ShardedTraining;
import nn.train.internal.LibraryVersion;
import nn.train.shard.ShardProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Groups whose members are processes: the bits of a training in one, even if a process is killed in a step. */
@Tag("slow")
@Timeout(120) // a member that waits in vain fails the test instead of holding it up
class ShardGroupProcessTest {
    /** One of the processes. */
    private static final class Member implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;
        private final String port;

        Member(String flag, String... arguments) throws IOException {
            this.process = ShardProcess.start(flag, ShardGroupProcess.class, arguments);
            this.out = process.inputReader(StandardCharsets.UTF_8);
            this.in = process.outputWriter(StandardCharsets.UTF_8);
            this.port = out.readLine();
        }

        String line() throws IOException {
            return out.readLine();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** Tells all members who they are; they connect and train. */
    private static void train(List<Member> members) throws IOException {
        String ports = members.stream().map(member -> member.port).collect(Collectors.joining(" "));
        for (int rank = 0; rank < members.size(); rank++) {
            members.get(rank).in.write(rank + " " + ports + "\n");
            members.get(rank).in.flush();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKilledProcessLosesNoStepAndChangesNoBit(ShardedTraining training) throws Exception {
        List<Member> members = new ArrayList<>();
        try {
            members.add(new Member("-Dnn.threads=1", training.name()));
            members.add(new Member("-Dnn.kernels=scalar", training.name(), "4"));
            members.add(new Member("-Dnn.threads=2", training.name()));
            train(members);
            Member victim = members.get(1);
            assertThat(victim.line()).isEqualTo("step 4");
            victim.process.destroyForcibly().waitFor();
            members.remove(victim);
            for (Member survivor : members) {
                assertThat(survivor.line()).isEqualTo("lost 1 after step 4");
            }
            train(members);
            for (Member survivor : members) {
                assertThat(survivor.line()).isEqualTo(training.bits());
            }
        } finally {
            members.forEach(Member::close);
        }
    }

    @Test
    void aProcessOfAnotherVersionIsRefusedByName(@TempDir Path folder) throws Exception {
        Path version = folder.resolve(Path.of("nn", "train", "internal", "version.txt"));
        Files.createDirectories(version.getParent());
        Files.writeString(version, "0.0.1\n");
        String training = ShardedTraining.DROPOUT_AND_ADAM.name();
        try (Member right = new Member("-Dnn.threads=1", training);
                Member wrong = new Member("-Xbootclasspath/a:" + folder, training)) {
            train(List.of(right, wrong));
            assertThat(right.line())
                    .isEqualTo(
                            "this is member 0, and member 1 (localhost:" + wrong.port + ") has another version of nn:"
                                    + " 0.0.1, here it is " + LibraryVersion.TEXT
                                    + ". All must be built alike, and run the same version");
            assertThat(wrong.line()).contains("version of nn: " + LibraryVersion.TEXT + ", here it is 0.0.1");
        }
    }
}
