package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for layers that set elements to 0 and scale the others, and for the weights after them. */
final class DropoutCheck implements Check {
    private static final double ROUNDING = 1e-5;

    @Override
    public List<InitFinding> findings(Examination examination) {
        if (!examination.drawsAtRandom()) {
            return List.of();
        }
        SequencedMap<String, Initializer> scaled = new LinkedHashMap<>();
        double keep = 1;
        List<Run> runs = examination.runs();
        for (int i = 0; i < runs.size(); i++) {
            OptionalDouble factor =
                    runs.get(i).layer.parameters().isEmpty() ? factor(runs.get(i)) : OptionalDouble.empty();
            Tensor y = runs.get(i).y;
            Optional<Run> next = factor.isEmpty()
                    ? Optional.empty()
                    : runs.stream().skip(i + 1L).filter(run -> run.x == y).findFirst();
            Optional<UnitMap> map = next.flatMap(run -> UnitMap.of(run.layer));
            if (map.isPresent()) {
                keep = 1 / factor.getAsDouble();
                String path = examination.path(next.get().layer) + "."
                        + map.get().weight().name();
                scaled.put(path, Init.afterDropout(map.get().weight().initializer(), keep));
            }
        }
        if (scaled.isEmpty()) {
            return List.of();
        }
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.DROPOUT,
                "",
                StrictMath.pow(1 / keep, scaled.size()),
                1,
                "Dropout before " + scaled.size() + " layers keeps " + Sentences.percent(keep)
                        + " of the values and scales them up, which multiplies the signal's mean square by "
                        + Sentences.number(1 / keep) + " each time.",
                new Remedy(
                        "give the weights after dropout Init.afterDropout(weights, " + Sentences.number(keep) + ").",
                        Treatment.of(scaled))));
    }

    /** The factor of the elements that a layer keeps; empty if it does anything else. */
    private static OptionalDouble factor(Run run) {
        if (!run.x.shape().equals(run.y.shape())) {
            return OptionalDouble.empty();
        }
        double factor = Double.NaN;
        for (int i = 0; i < run.x.size(); i++) {
            float x = run.x.array()[run.x.offset() + i];
            float y = run.y.array()[run.y.offset() + i];
            if (y == 0 || x == 0) {
                continue;
            }
            double ratio = (double) y / x;
            if (Double.isNaN(factor)) {
                factor = ratio;
            } else if (!(Math.abs(ratio - factor) <= ROUNDING * factor)) {
                return OptionalDouble.empty();
            }
        }
        return factor > 1 + ROUNDING ? OptionalDouble.of(factor) : OptionalDouble.empty();
    }
}
