package nn.train.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.locks.LockSupport;
import nn.tensor.Tensor;

/**
 * Writes one file after another under one name, and prints the number of each that is there. Writes slowly, so that a
 * kill at a random moment finds it in the middle of a file more often than not.
 */
final class WriteForEver {
    static final int VALUES = 1 << 18;

    private static final long PAUSE = 500_000; // nanoseconds, after each of the 16 chunks

    private WriteForEver() {}

    public static void main(String[] arguments) throws IOException {
        for (long number = Long.parseLong(arguments[1]); ; number++) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("numbers", Tensor.full(number, VALUES));
            AtomicFile.Content content = new Safetensors(tensors, new LinkedHashMap<>()).content();
            AtomicFile.write(Path.of(arguments[0]), channel -> content.writeTo(new Slow(channel)));
            System.out.println(number);
        }
    }

    private record Slow(WritableByteChannel channel) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int written = channel.write(bytes);
            LockSupport.parkNanos(PAUSE);
            return written;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
