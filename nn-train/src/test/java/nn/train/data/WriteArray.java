package nn.train.data;

import java.io.IOException;
import java.nio.file.Path;
import nn.tensor.Tensor;

/** Writes an array of 4 megabytes, and prints 0 if it was written, 1 if an IOException was thrown. */
final class WriteArray {
    private WriteArray() {}

    public static void main(String[] arguments) {
        try {
            Npy.write(Path.of(arguments[0]), Tensor.zeros(1 << 20));
            System.out.println(0);
        } catch (IOException e) {
            System.out.println(1);
        }
    }
}
