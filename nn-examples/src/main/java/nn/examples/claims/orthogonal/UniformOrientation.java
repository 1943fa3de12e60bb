package nn.examples.claims.orthogonal;

import java.util.List;
import nn.examples.chart.Histograms;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.examples.numeric.Matrices;
import nn.init.Init;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;

/** O1, 31: the orthogonal factor of a QR factorization is uniform only with the right signs. */
public final class UniformOrientation implements Claim {
    private static final int N = 8;

    @Override
    public Card card() {
        return Card.of(
                        List.of("O1", "31"),
                        "W = Q of the QR factorization of a Gaussian matrix is a uniformly random orthogonal"
                                + " matrix.")
                .isConditional(
                        "true only if each column of Q is multiplied by the sign of R's diagonal element. Without"
                                + " this step, Householder's algorithm gives a Q whose first element is never"
                                + " positive, whose trace is -1.6 on average at n = 8, and whose determinant is always"
                                + " the same.",
                        "Q is unique up to signs of columns; with a positive diagonal of R, QR of UA is (UQ)R for"
                                + " any fixed",
                        "orthogonal U, and UA is distributed as A: so UQ is distributed as Q, which is what uniform"
                                + " means.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(4000, 1000);
        // The library's orthogonal weights are a product of random reflections, which has the distribution of the
        // claim.
        double[] traces = judge(e, "", e.repeat("draws", draws, key -> e.weight(Init.orthogonal(), N, N, key)));
        judge(
                e,
                "of QR: ",
                e.repeat(
                        "factorizations",
                        draws,
                        key -> Qr.of(e.normal(key, N, N)).q()));
        float[] values = new float[traces.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) traces[i];
        }
        e.draw(Histograms.of(
                        "The trace of random orthogonal 8 x 8 matrices",
                        "A bell around 0 of deviation 1, as for uniformly distributed matrices.",
                        "trace",
                        -4,
                        4,
                        40)
                .with("trace", values));
    }

    /** Compares matrices with the uniform distribution; returns the traces. */
    private static double[] judge(Experiment e, String which, List<Tensor> matrices) {
        int count = matrices.size();
        long negative = matrices.stream().filter(w -> w.get(0, 0) < 0).count();
        long positive =
                matrices.stream().filter(w -> Matrices.determinant(w) > 0).count();
        double[] traces =
                matrices.stream().mapToDouble(UniformOrientation::trace).toArray();
        // proportions and a trace of variance 1: four and a half standard errors
        double share = 4.5 * 0.5 / Math.sqrt(count);
        e.proportion(which + "first element below 0", 0.5, negative, count)
                .over(Over.WEIGHTS)
                .within(share);
        e.sampled(which + "trace", 0, traces).over(Over.WEIGHTS).within(2 * share);
        e.proportion(which + "determinant +1", 0.5, positive, count)
                .over(Over.WEIGHTS)
                .within(share);
        return traces;
    }

    private static double trace(Tensor w) {
        double sum = 0;
        for (int i = 0; i < N; i++) {
            sum += w.get(i, i);
        }
        return sum;
    }
}
