package nn.layers;

import nn.golden.Golden;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Values for tests. */
final class Weights {
    private Weights() {}

    /** An initializer that copies. */
    static Initializer given(Tensor values) {
        return (out, fans, key) -> out.copyFrom(values);
    }

    /** A golden weight is [out x in], ours [in x out]. */
    static Initializer transposed(Golden golden, String name, String weight) {
        return given(golden.tensor(name, weight).transpose());
    }

    /** Standard normal values. */
    static Tensor normal(String name, int... dims) {
        Tensor result = Tensor.zeros(dims);
        Key.of(1).child(name).normal(result, 0, 1);
        return result;
    }
}
