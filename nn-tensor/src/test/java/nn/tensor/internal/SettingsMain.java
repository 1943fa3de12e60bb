package nn.tensor.internal;

import nn.tensor.Tensor;

/** Uses tensors twice and prints what comes of it. Run in child JVMs. */
final class SettingsMain {
    private SettingsMain() {}

    public static void main(String[] args) {
        Tensor x = Tensor.full(1, 3, 3);
        attempt("small product", () -> x.matmul(x));
        attempt("small product", () -> x.matmul(x));
        attempt("sum", () -> x.add(x));
        attempt("sum", () -> x.add(x));
        Tensor large = Tensor.full(1, 200, 200);
        attempt("large product", () -> large.matmul(large));
        attempt("large product", () -> large.matmul(large));
        System.out.println("end");
    }

    private static void attempt(String what, Runnable operation) {
        try {
            operation.run();
            System.out.println(what + ": done");
        } catch (Throwable e) { // to be printed, whatever it is
            System.out.println(what + ": " + e);
        }
    }
}
