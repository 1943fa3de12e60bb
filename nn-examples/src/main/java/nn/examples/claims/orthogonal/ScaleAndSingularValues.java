package nn.examples.claims.orthogonal;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.numeric.Matrices;
import nn.init.Init;
import nn.tensor.Tensor;

/** 28: W'W = scale I has singular values sqrt(scale). */
public final class ScaleAndSingularValues implements Claim {
    private static final int N = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("28"),
                        "an orthogonal weight has W^T W = s I, and all singular values are 1, or the scale factor s.")
                .isFalse(
                        "they are the square root of the scale: for a scale of 4, all are 2.",
                        "W^T W v = r^2 v for a singular value r with the vector v, so r^2 = s.");
    }

    @Override
    public void measure(Experiment e) {
        Tensor w = e.weight(Init.orthogonal(2), N, N, e.key().child("weight"));
        double[] values = Matrices.singularValues(w);
        e.value("max |W^T W - 4 I|", 0, Matrices.distanceFromOrthogonal(w, 4)).atMost(4 * N * 0x1p-23);
        e.value("largest singular value", 2, values[0]).within(1e-5);
        e.value("smallest singular value", 2, values[N - 1]).within(1e-5);
    }
}
