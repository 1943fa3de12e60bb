package nn.tensor.internal.thread;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.linalg.Qr;
import nn.tensor.linalg.RandomOrthogonal;
import nn.tensor.linalg.SingularValues;

/** Asks each operation that allocates for more than there is, and prints the errors. Run in a child JVM of 64 MB. */
final class SmallHeapMain {
    private SmallHeapMain() {}

    public static void main(String[] args) {
        Tensor x = Tensor.zeros(300, 1000); // 1.2 MB
        float[] values = x.array();
        attempt("zeros", () -> Tensor.zeros(300, 1000));
        attempt("copy", x::copy);
        attempt("toArray", x::toArray);
        attempt("of", () -> Tensor.of(values, 1000, 300));
        attempt("transpose", x::transpose);
        attempt("tanh", x::tanh);
        attempt("matmul", () -> x.matmul(x, Transposed.LEFT));
        attempt("argMaxRows", () -> x.reshape(300_000, 1).argMaxRows());
        attempt("permutation", () -> Key.of(1).permutation(300_000));
        attempt("qr", () -> Qr.of(x.reshape(1000, 300)));
        attempt("singular values", () -> SingularValues.of(x));
        attempt("orthogonal", () -> {
            RandomOrthogonal.fill(x, 1, Key.of(1));
            return x;
        });
    }

    /** In a heap that was filled before. */
    private static void attempt(String name, Supplier<Object> allocation) {
        List<Object> held = new ArrayList<>();
        String outcome;
        try {
            while (true) {
                held.add(Tensor.zeros(100, 1000));
            }
        } catch (OutOfMemoryError full) {
            try {
                allocation.get();
                outcome = "done";
            } catch (OutOfMemoryError e) {
                outcome = e.getMessage();
            }
            held.clear();
        }
        System.out.println(name + ": " + outcome);
    }
}
