package nn.train.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;

/** Runs files with ONNX Runtime, on one thread. */
final class Runtime {
    private Runtime() {}

    /** The outputs of a file by name, for inputs by name, which are converted to the types that the file wants. */
    static SequencedMap<String, Tensor> run(byte[] file, Map<String, Tensor> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
            try (OrtSession session = environment.createSession(file, options)) {
                assertThat(inputs.keySet()).isEqualTo(session.getInputNames());
                Map<String, OnnxTensor> given = new HashMap<>();
                for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                    TensorInfo info = (TensorInfo)
                            session.getInputInfo().get(input.getKey()).getInfo();
                    given.put(input.getKey(), tensor(environment, input.getValue(), info));
                }
                SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
                try (OrtSession.Result result = session.run(given)) {
                    result.forEach(entry -> {
                        OnnxTensor value = (OnnxTensor) entry.getValue();
                        int[] dims = Arrays.stream(value.getInfo().getShape())
                                .mapToInt(Math::toIntExact)
                                .toArray();
                        float[] numbers = new float[value.getFloatBuffer().remaining()];
                        value.getFloatBuffer().get(numbers);
                        outputs.put(entry.getKey(), Tensor.of(numbers, dims));
                    });
                }
                given.values().forEach(OnnxTensor::close);
                return outputs;
            }
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor value, TensorInfo info) throws OrtException {
        long[] shape = Arrays.stream(value.shape().dims()).asLongStream().toArray();
        return switch (info.type) {
            case FLOAT -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(value.toArray()), shape);
            case INT64 -> {
                long[] numbers = new long[value.size()];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = (long) value.toArray()[i];
                }
                yield OnnxTensor.createTensor(environment, LongBuffer.wrap(numbers), shape);
            }
            default -> throw new AssertionError(info.type + " is none of " + ElementKind.FLOAT32);
        };
    }
}
