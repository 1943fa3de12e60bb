package nn.train.shard;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nn.train.ShardedTraining;
import nn.train.checkpoint.Child;

/** A worker as a process of its own: messages come by standard input, results go to standard output. */
public final class ShardProcess {
    private static final int WEIGHTS = 0;
    private static final int TASK = 1;

    private ShardProcess() {}

    /** Starts a class of these tests with a flag of the JVM. */
    public static Process start(String flag, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                flag,
                "-cp",
                Child.classPath(main),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Computes until the input ends. The argument names the training. */
    public static void main(String[] args) throws IOException {
        ShardWorker worker = ShardedTraining.valueOf(args[0]).worker();
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        while (true) {
            int kind;
            ByteBuffer message;
            try {
                kind = in.readInt();
                message = read(in);
            } catch (EOFException e) {
                return;
            }
            if (kind == WEIGHTS) {
                worker.weights(message);
            } else {
                write(out, worker.compute(message));
            }
        }
    }

    static void weights(DataOutputStream out, ByteBuffer message) throws IOException {
        out.writeInt(WEIGHTS);
        write(out, message.duplicate());
    }

    static void task(DataOutputStream out, ByteBuffer message) throws IOException {
        out.writeInt(TASK);
        write(out, message);
    }

    static ByteBuffer read(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static void write(DataOutputStream out, ByteBuffer message) throws IOException {
        out.writeInt(message.remaining());
        out.write(message.array(), message.arrayOffset() + message.position(), message.remaining());
        out.flush();
    }
}
