package nn.examples;

import java.util.Arrays;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.linalg.SingularValues;

/** Applies one matrix fifty times: an orthogonal one preserves directions that a Gaussian one loses. */
final class OrthogonalRnn extends Story {
    private static final int UNITS = 128;
    private static final int STEPS = 50;

    OrthogonalRnn() {
        super("orthogonal", "a recurrent net remembers with orthogonal weights");
    }

    @Override
    void tell(Key key, Terminal terminal, Expectations expectations) {
        Tensor orthogonal = weight(Init.orthogonal(), key);
        Tensor gaussian = weight(Init.lecunNormal(), key);
        Tensor start = Tensor.zeros(1, UNITS);
        key.child("state").normal(start, 0f, 1f);

        terminal.line("A state h of %d units, %d steps of h <- tanh(h W).", UNITS, STEPS);
        terminal.line("Both W have singular values around 1 and lose the size of h alike. They");
        terminal.line("differ in how many directions of the first h still matter at the end.");
        expectations.expect("orthogonal, no tanh: |h| / |h at start|", 1, linear(orthogonal, start), 1e-4);
        expectations.expect("orthogonal: directions of 128 that remain", 124, directions(orthogonal, start), 110, 128);
        expectations.expect("Gaussian: directions of 128 that remain", 12, directions(gaussian, start), 1, 45);
    }

    private static Tensor weight(Initializer initializer, Key key) {
        Tensor w = Tensor.zeros(UNITS, UNITS);
        initializer.fill(w, new Fans(UNITS, UNITS), key.child("weight"));
        return w;
    }

    private static double linear(Tensor w, Tensor start) {
        Tensor h = start;
        for (int t = 0; t < STEPS; t++) {
            h = h.matmul(w);
        }
        return h.norm() / start.norm();
    }

    /**
     * Counts the singular values of dh[T]/dh[0] above a hundredth of the largest. The Jacobian of a step is W with
     * column j times 1 - h[j]^2; that of all steps is the product of these.
     */
    private static long directions(Tensor w, Tensor start) {
        Tensor h = start;
        Tensor jacobian = Tensor.zeros(UNITS, UNITS);
        Init.identity().fill(jacobian, new Fans(UNITS, UNITS), Key.of(0));
        for (int t = 0; t < STEPS; t++) {
            h = h.matmul(w).tanh();
            Tensor slopes = h.map(a -> 1 - a * a);
            jacobian = jacobian.matmul(w, Transposed.NONE);
            for (int i = 0; i < UNITS; i++) {
                Tensor row = jacobian.row(i);
                row.multiplyInto(slopes.row(0), row);
            }
        }
        double[] values = SingularValues.of(jacobian);
        double largest = Arrays.stream(values).max().orElseThrow();
        return Arrays.stream(values).filter(s -> s > largest / 100).count();
    }
}
