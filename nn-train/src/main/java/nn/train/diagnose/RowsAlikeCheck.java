package nn.train.diagnose;

import java.util.List;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for networks whose last layer gets nearly the same input for all rows. */
final class RowsAlikeCheck implements Check {
    private static final double MIN_DIFFERENCE = 1e-3;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Place> weighted = examination.weighted();
        if (weighted.size() < 2 || examination.gradients().isEmpty()) {
            return List.of();
        }
        Place last = weighted.getLast();
        double difference = 1 - RowStatistics.correlation(last.input());
        if (!(difference < MIN_DIFFERENCE)) {
            return List.of();
        }
        List<Place> hidden = weighted.subList(0, weighted.size() - 1);
        return List.of(InitFinding.of(
                Severity.WARNING,
                Symptom.ROWS_ALIKE,
                last.reading().path(),
                difference,
                MIN_DIFFERENCE,
                "The input of " + last.name() + " is nearly the same for all rows: differences make up "
                        + Sentences.number(Math.max(difference, 0)) + " of its mean square, and "
                        + Sentences.number(1 - RowStatistics.correlation(examination.signal()))
                        + " of the data's.",
                SuitableWeights.orthogonalOr(
                        "the hidden weights",
                        hidden,
                        "fewer layers, residual connections, or weights at the critical gain.")));
    }
}
