package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for weights after dropout, which a layer tells by its {@link nn.layers.Layer#dropoutRate}. */
final class DropoutCheck implements Check {
    @Override
    public List<InitFinding> findings(Examination examination) {
        SequencedMap<String, Initializer> scaled = new LinkedHashMap<>();
        Set<String> schemes = new LinkedHashSet<>();
        double growth = 1;
        List<Run> runs = examination.runs();
        for (int i = 0; i < runs.size(); i++) {
            double keep = 1 - runs.get(i).layer.dropoutRate();
            Tensor y = runs.get(i).y;
            Optional<Run> next = keep == 1
                    ? Optional.empty()
                    : runs.stream().skip(i + 1L).filter(run -> run.x == y).findFirst();
            Optional<UnitMap> map = next.flatMap(run -> UnitMap.of(run.layer));
            if (map.isPresent()) {
                String path = examination.path(next.get().layer) + "."
                        + map.get().weight().name();
                scaled.put(path, Init.afterDropout(map.get().weight().initializer(), keep));
                schemes.add("Init.afterDropout(weights, " + Sentences.number(keep) + ")");
                growth /= keep;
            }
        }
        if (scaled.isEmpty()) {
            return List.of();
        }
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.DROPOUT,
                "",
                growth,
                1,
                "Dropout before " + (scaled.size() == 1 ? "one layer" : scaled.size() + " layers")
                        + " scales up the values that it keeps, which multiplies the" + " signal's mean square by "
                        + Sentences.number(growth) + " in all.",
                new Remedy(
                        "give the weights after dropout " + String.join(" or ", schemes) + ".", Treatment.of(scaled))));
    }
}
