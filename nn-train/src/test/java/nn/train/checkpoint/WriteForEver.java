package nn.train.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import nn.tensor.Tensor;

/** Writes one file after another under one name, and prints the number of each that is there. */
final class WriteForEver {
    private WriteForEver() {}

    static final int VALUES = 1 << 18;

    public static void main(String[] arguments) throws IOException {
        for (long number = Long.parseLong(arguments[1]); ; number++) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("numbers", Tensor.full(number, VALUES));
            new Safetensors(tensors, new LinkedHashMap<>()).write(Path.of(arguments[0]));
            System.out.println(number);
        }
    }
}
