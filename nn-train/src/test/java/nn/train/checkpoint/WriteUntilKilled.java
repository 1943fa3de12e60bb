package nn.train.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.locks.LockSupport;
import nn.tensor.Tensor;
import nn.train.internal.io.AtomicFile;

/**
 * Writes one file after another under the same name, and prints the number of each one that is complete. Writes slowly,
 * so that a kill at a random moment usually interrupts the writing of a file.
 */
final class WriteUntilKilled {
    static final int VALUES = 1 << 18;

    private static final long PAUSE = 500_000; // nanoseconds, after each of the 16 chunks

    private WriteUntilKilled() {}

    public static void main(String[] arguments) throws IOException {
        for (long number = Long.parseLong(arguments[1]); ; number++) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("numbers", Tensor.full(number, VALUES));
            AtomicFile.Content content = new Safetensors(tensors, new LinkedHashMap<>()).content();
            AtomicFile.writeKeepingPrevious(Path.of(arguments[0]), out -> content.writeTo(new Slow(out)));
            System.out.println(number);
        }
    }

    private static final class Slow extends FilterOutputStream {
        Slow(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            LockSupport.parkNanos(PAUSE);
        }
    }
}
