package nn.train.data;

import java.io.IOException;
import java.nio.file.Path;
import nn.tensor.Tensor;
import nn.train.io.DataFormatException;

/**
 * Reads a file that takes most of the heap, and prints the number of elements, or 0 if it was refused with a message
 * that names both sizes.
 */
final class ReadLargeFile {
    private ReadLargeFile() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        try {
            Tensor read = arguments[0].endsWith(".csv")
                    ? Csv.withoutHeader().read(file).values()
                    : Npy.read(file);
            System.out.println(read.size());
        } catch (DataFormatException e) {
            String[] parts = {"file\\.", " bytes", "the heap has only \\d+", "give the JVM more by -Xmx"};
            System.out.println(e.getMessage().matches("(?s).*" + String.join(".*", parts) + ".*") ? 0 : -1);
        }
    }
}
