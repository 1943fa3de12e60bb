package nn.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * One file of golden results, made with another framework, and what its index says of its cases. There are two families
 * of files, each with an index; README.md and README2.md next to the files give conventions and rules. A key
 * is what follows the name of the case: {@code in/x}, {@code out/y}, {@code
 * grad/weight}.
 *
 * <pre>{@code
 * Golden golden = Golden.load("layers.safetensors");
 * for (String name : golden.cases("linear/")) {
 *     Tensor x = golden.tensor(name, "in/x");
 *     ...
 *     golden.assertClose(name, "out/y", y);
 * }
 * }</pre>
 */
public final class Golden {
    /** The index of the first family. */
    public static final String FIRST = "index.json";

    /** The index of the second family. */
    public static final String SECOND = "index2.json";

    /** A rounding of float32, half an ulp of a value from 1 to 2: the unit that entries are judged in. */
    private static final double UNIT = 0x1p-24;

    private final String file;
    private final JsonNode cases;
    private final JsonNode header;
    private final ByteBuffer data;

    private Golden(String file, JsonNode cases, JsonNode header, ByteBuffer data) {
        this.file = file;
        this.cases = cases;
        this.header = header;
        this.data = data;
    }

    /** Reads {@code /golden/<file>} from the class path, and the index that lists it. */
    public static Golden load(String file) {
        ByteBuffer bytes = ByteBuffer.wrap(resource(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(bytes.getLong())];
        bytes.get(header);
        try {
            JsonNode tensors = new ObjectMapper().readTree(header);
            JsonNode index = index(FIRST);
            if (!index.get("files").has(file)) {
                index = index(SECOND);
            }
            return new Golden(file, index.get("cases"), tensors, bytes.slice());
        } catch (IOException e) {
            throw new UncheckedIOException("header of " + file, e);
        }
    }

    /** The whole index of the first family, for its tables. */
    public static JsonNode index() {
        return index(FIRST);
    }

    /** The whole index of a family, {@link #FIRST} or {@link #SECOND}, for its tables. */
    public static JsonNode index(String name) {
        try {
            return new ObjectMapper().readTree(resource(name));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream stream = Golden.class.getResourceAsStream("/golden/" + name)) {
            if (stream == null) {
                throw new IllegalArgumentException("no /golden/" + name + " on the test class path");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /**
     * The cases of this file whose name starts so, in the order of the index; never none, so no loop is empty unseen.
     */
    public List<String> cases(String prefix) {
        List<String> names = new ArrayList<>();
        cases.fieldNames().forEachRemaining(name -> {
            if (name.startsWith(prefix) && entry(name).path("file").asText().equals(file)) {
                names.add(name);
            }
        });
        if (names.isEmpty()) {
            throw new IllegalArgumentException("no case of " + file + " starts with '" + prefix + "'");
        }
        return names;
    }

    /** What a case was made with. */
    public JsonNode config(String name) {
        return entry(name).get("config");
    }

    private JsonNode entry(String name) {
        JsonNode entry = cases.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no case '" + name + "' in the index");
        }
        return entry;
    }

    /** Whether a case has such a tensor; not every layer has a bias. */
    public boolean has(String name, String key) {
        return header.has(name + "/" + key);
    }

    /** The dimensions of a tensor; none for a scalar. */
    public int[] shape(String name, String key) {
        JsonNode dims = tensorEntry(name, key).get("shape");
        int[] shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dims.get(i).asInt();
        }
        return shape;
    }

    /** A float32 input, to the bit. */
    public float[] floats(String name, String key) {
        ByteBuffer bytes = bytes(name, key, "F32");
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    /** A float32 input as a tensor of its shape. */
    public Tensor tensor(String name, String key) {
        return Tensor.wrap(floats(name, key), 0, Shape.of(shape(name, key)));
    }

    /** A float64 result, or a float32 input widened. */
    public double[] doubles(String name, String key) {
        if (dtype(name, key).equals("F32")) {
            return widened(floats(name, key));
        }
        ByteBuffer bytes = bytes(name, key, "F64");
        double[] values = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(values);
        return values;
    }

    /** Labels. */
    public long[] longs(String name, String key) {
        ByteBuffer bytes = bytes(name, key, "I64");
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return values;
    }

    private JsonNode tensorEntry(String name, String key) {
        JsonNode entry = header.get(name + "/" + key);
        if (entry == null) {
            throw new IllegalArgumentException("no tensor '" + name + "/" + key + "' in " + file);
        }
        return entry;
    }

    private String dtype(String name, String key) {
        return tensorEntry(name, key).get("dtype").asText();
    }

    private ByteBuffer bytes(String name, String key, String dtype) {
        if (!dtype(name, key).equals(dtype)) {
            throw new IllegalArgumentException(name + "/" + key + " is " + dtype(name, key) + ", not " + dtype);
        }
        JsonNode offsets = tensorEntry(name, key).get("data_offsets");
        int from = offsets.get(0).asInt();
        return data.slice(from, offsets.get(1).asInt() - from).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How far PyTorch's own float32 run is from the truth at worst; 0 where the index does not say. */
    public double torchError(String name, String key) {
        return entry(name)
                .path("torch_f32_error_vs_truth")
                .path(key)
                .path("max_abs")
                .asDouble(0);
    }

    /**
     * The README's first rule: four times PyTorch's own error, or 2^-22 of the largest magnitude if that is more. For a
     * gradient that is zero by its formula, the second README's second rule.
     */
    public double tolerance(String name, String key) {
        JsonNode zero = entry(name).path("analytically_zero");
        for (JsonNode gradient : zero.path("grads")) {
            if (gradient.asText().equals(key)) {
                double torch = zero.get("torch_f32_worst_over_scale").asDouble();
                return Math.max(0x1p-20, 4 * torch) * zero.get("scale").asDouble();
            }
        }
        double largest = Arrays.stream(doubles(name, key))
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
        return Math.max(4 * torchError(name, key), 0x1p-22 * largest);
    }

    /**
     * The second README's fourth rule: how many units of its own an entry may be off, four times PyTorch's own number
     * if that is more than one. Where the index does not have the number, PyTorch's largest error in units of the
     * largest entry stands for it, which is no more than that.
     */
    public double allowedUnits(String name, String key) {
        double relative = entry(name)
                .path("torch_f32_error_vs_truth")
                .path(key)
                .path("max_rel_to_maxabs")
                .asDouble(0);
        return 4
                * Math.max(
                        1, entry(name).path("torch_f32_elementwise").path(key).asDouble(relative / UNIT));
    }

    /** Fails unless a result has the golden shape and is within {@link #tolerance} of the truth everywhere. */
    public void assertClose(String name, String key, Tensor actual) {
        assertShape(name, key, actual);
        assertClose(name, key, widened(actual.toArray()), tolerance(name, key));
    }

    private void assertShape(String name, String key, Tensor actual) {
        int[] shape = shape(name, key);
        if (!Arrays.equals(actual.shape().dims(), shape)) {
            throw new AssertionError(
                    name + "/" + key + ": expected shape " + Shape.of(shape) + ", got " + actual.shape());
        }
    }

    /**
     * Fails unless each value is within a tolerance of the truth; NaN and infinities must be the same. The message
     * names the worst element.
     */
    public void assertClose(String name, String key, double[] actual, double tolerance) {
        assertWithin(name, key, actual, doubles(name, key), i -> tolerance);
    }

    /**
     * The second README's fourth rule, for entries of very different size: fails unless each is within that
     * rule's number of units of the truth, a unit being 2^-24 of the entry's scale.
     *
     * @param scales one for each entry, such as {@link #atLeastOne}
     */
    public void assertEntries(String name, String key, Tensor actual, double[] scales) {
        assertShape(name, key, actual);
        assertEntries(name, key, widened(actual.toArray()), scales);
    }

    /** As {@link #assertEntries(String, String, Tensor, double[])}, for values that are no tensor. */
    public void assertEntries(String name, String key, double[] actual, double[] scales) {
        double allowed = allowedUnits(name, key) * UNIT;
        assertWithin(name, key, actual, doubles(name, key), i -> allowed * scales[i]);
    }

    /** The scale of each entry of a log probability or a loss: its magnitude, at least 1. */
    public double[] atLeastOne(String name, String key) {
        return Arrays.stream(doubles(name, key))
                .map(truth -> Math.max(Math.abs(truth), 1))
                .toArray();
    }

    /** The scale of each entry of a list of steps [steps x entries]: the entry's largest magnitude over the steps. */
    public double[] largestOverSteps(String name, String key) {
        double[] truth = doubles(name, key);
        int entries = truth.length / shape(name, key)[0];
        double[] scales = new double[truth.length];
        for (int i = 0; i < truth.length; i++) {
            for (int other = i % entries; other < truth.length; other += entries) {
                scales[i] = Math.max(scales[i], Math.abs(truth[other]));
            }
        }
        return scales;
    }

    /**
     * The second README's third rule, for an activation: its value {@code out/y} and the gradient {@code grad/x} it
     * makes of {@code in/cotangent_y}, entry by entry. Where the file has NaN for a limit at infinity, the limit is
     * asked for: that of another case, which has it.
     *
     * @param limits the file and the case that have the limits; may be this one
     */
    public void assertActivation(String name, Tensor y, Tensor dx, Golden limits, String limitsName) {
        float[] x = floats(name, "in/x");
        float[] dy = floats(name, "in/cotangent_y");
        double[] values = truthWithLimits(name, "out/y", limits, limitsName);
        double[] gradients = truthWithLimits(name, "grad/x", limits, limitsName);
        assertWithin(
                name,
                "out/y",
                widened(y.toArray()),
                values,
                i -> 4 * UNIT * Math.max(Math.abs(values[i]), Math.max(Math.min(Math.abs(x[i]), 1), 0x1p-125)));
        assertWithin(
                name,
                "grad/x",
                widened(dx.toArray()),
                gradients,
                i -> 8 * UNIT * Math.max(Math.abs(gradients[i]), Math.abs(dy[i])));
    }

    private double[] truthWithLimits(String name, String key, Golden limits, String limitsName) {
        float[] x = floats(name, "in/x");
        float[] known = limits.floats(limitsName, "in/x");
        double[] truth = doubles(name, key).clone();
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < known.length; j++) {
                if (Float.isInfinite(x[i]) && x[i] == known[j]) {
                    truth[i] = limits.doubles(limitsName, key)[j];
                }
            }
        }
        return truth;
    }

    private void assertWithin(
            String name, String key, double[] actual, double[] truth, IntToDoubleFunction tolerances) {
        if (actual.length != truth.length) {
            throw new AssertionError(name + "/" + key + ": expected " + truth.length + " values, got " + actual.length);
        }
        int worst = 0;
        double largest = 0;
        int count = 0;
        for (int i = 0; i < truth.length; i++) {
            double error = distance(actual[i], truth[i]);
            double share = error == 0 ? 0 : error / tolerances.applyAsDouble(i); // infinite where none is allowed
            count += share > 1 ? 1 : 0;
            if (share > largest) {
                largest = share;
                worst = i;
            }
        }
        if (count > 0) {
            throw new AssertionError(name + "/" + key + ": " + count + " of " + truth.length
                    + " values are further from the truth than allowed; the worst is at "
                    + Arrays.toString(position(worst, shape(name, key))) + ": expected " + truth[worst] + ", got "
                    + actual[worst] + ", off by " + distance(actual[worst], truth[worst]) + ", allowed "
                    + tolerances.applyAsDouble(worst));
        }
    }

    /** Of a float32 result from the truth, which is infinite where float32 has no room for it. */
    private static double distance(double actual, double truth) {
        if (Double.compare(actual, truth) == 0 || Double.isInfinite(actual) && actual == (float) truth) {
            return 0; // equal infinities, and NaN where NaN is due
        }
        double distance = Math.abs(actual - truth);
        return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
    }

    private static int[] position(int index, int[] shape) {
        int[] position = new int[shape.length];
        int rest = index;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            position[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return position;
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
