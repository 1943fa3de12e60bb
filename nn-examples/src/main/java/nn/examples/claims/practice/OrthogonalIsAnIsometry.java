package nn.examples.claims.practice;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Matrices;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** 55: an orthogonal matrix keeps lengths, and its determinant is 1 or -1. */
public final class OrthogonalIsAnIsometry implements Claim {
    private static final int N = 32;
    private static final int INPUTS = 64;

    @Override
    public Card card() {
        return Card.of(
                        List.of("55"),
                        "an orthogonal matrix keeps the norm of every vector, and its determinant is 1 or -1.")
                .isTrue(
                        "true up to float32 rounding; both signs of the determinant are drawn equally often.",
                        "|Wx|^2 = x^T W^T W x = x^T x, and det(W)^2 = det(W^T W) = 1.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(400, 100);
        double[] norm = e.sample("draws", draws, key -> normError(e, key));
        double[] size = e.sample("draws", draws, key -> Math.abs(determinant(e, key)));
        long positive = e.repeat("draws", draws, key -> determinant(e, key) > 0).stream()
                .filter(p -> p)
                .count();
        // a float is exact to 2^-24; a sum of 32 products of two of them to a few times that
        e.sampled("largest | |Wx| / |x| - 1 |", 0, norm).over(Over.WEIGHTS).atMost(1e-6);
        e.sampled("|det W|", 1, size).over(Over.WEIGHTS).within(N * 0x1p-23);
        e.proportion("det W > 0", 0.5, positive, draws.count())
                .over(Over.WEIGHTS)
                .within(4.5 * 0.5 / Math.sqrt(draws.count()));
    }

    private static double normError(Experiment e, Key key) {
        Tensor x = e.normal(key.child("inputs"), INPUTS, N);
        Tensor y = x.matmul(e.weight(Init.orthogonal(), N, N, key.child("weight")));
        double worst = 0;
        for (int i = 0; i < INPUTS; i++) {
            worst = Math.max(worst, Math.abs(y.row(i).norm() / x.row(i).norm() - 1));
        }
        return worst;
    }

    private static double determinant(Experiment e, Key key) {
        return Matrices.determinant(e.weight(Init.orthogonal(), N, N, key.child("weight")));
    }
}
