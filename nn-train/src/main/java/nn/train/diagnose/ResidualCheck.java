package nn.train.diagnose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.tensor.Tensor;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/**
 * Looks for residual branches, by what they do: a layer made of layers whose output is its input plus the output of the
 * last of them.
 */
final class ResidualCheck implements Check {
    private static final double ROUNDING = 1e-5;

    /** The growth of the mean square over all branches that is ordinary: e^2, that of branches with Init.residual. */
    private static final double ORDINARY = 8;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Run> runs = examination.runs();
        List<Run> residuals = new ArrayList<>();
        SequencedMap<String, Initializer> scaled = new LinkedHashMap<>();
        for (Run run : examination.composites()) {
            int end = runs.size();
            for (Run other : examination.composites()) { // runs that began later than the inner ones of this run
                end = other != run && other.first > run.first ? Math.min(end, other.first) : end;
            }
            for (int i = run.first; i < end; i++) {
                if (isSum(run, runs.get(i).y)) {
                    residuals.add(run);
                    for (int j = i; j >= run.first; j--) {
                        List<Parameter> weights = weights(runs.get(j).layer);
                        if (!weights.isEmpty()) {
                            String path = examination.path(runs.get(j).layer);
                            scaled.put(path + "." + weights.getFirst().name(), Init.lecunNormal());
                            break;
                        }
                    }
                    break;
                }
            }
        }
        if (residuals.size() < 2 || scaled.isEmpty()) {
            return List.of();
        }
        double growth =
                residuals.getLast().y.secondMoment() / residuals.getFirst().x.secondMoment();
        if (!(growth > ORDINARY)) {
            return List.of();
        }
        int branches = residuals.size();
        scaled.replaceAll((path, base) -> Init.residual(base, branches));
        return List.of(InitFinding.of(
                Severity.SUSPICION,
                Symptom.RESIDUAL,
                examination.path(residuals.getFirst().layer),
                growth,
                ORDINARY,
                branches + " residual branches add up: they multiply the signal's mean square by "
                        + Sentences.number(growth) + ", each by "
                        + Sentences.number(StrictMath.pow(growth, 1.0 / branches)) + ".",
                new Remedy(
                        "give the last weight of each branch Init.residual(Init.lecunNormal(), " + branches
                                + "), or Init.zeros().",
                        Treatment.of(scaled))));
    }

    private static List<Parameter> weights(Layer layer) {
        return layer.parameters().stream()
                .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
                .toList();
    }

    /** Whether the output of a run is its input plus a tensor. */
    private static boolean isSum(Run run, Tensor branch) {
        if (!run.x.shape().equals(run.y.shape()) || !branch.shape().equals(run.y.shape())) {
            return false;
        }
        double error = 0;
        for (int i = 0; i < branch.size(); i++) {
            double difference = (double) run.y.array()[run.y.offset() + i]
                    - run.x.array()[run.x.offset() + i]
                    - branch.array()[branch.offset() + i];
            error += difference * difference;
        }
        return error <= ROUNDING * ROUNDING * run.y.size() * run.y.secondMoment() && run.x.maxAbs() > 0;
    }
}
