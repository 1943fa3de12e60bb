package nn.train.diagnose;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/** Looks at what the residual branches of a model, which {@link Layer#residualBranches} tells, add to its signal. */
final class ResidualCheck implements Check {
    /** The growth of the mean square over all branches that is ordinary: e^2, that of branches with Init.residual. */
    private static final double ORDINARY = 8;

    @Override
    public List<InitFinding> findings(Examination examination) {
        List<Run> residuals = Stream.concat(examination.composites().stream(), examination.runs().stream())
                .filter(run -> !run.layer.residualBranches().isEmpty())
                .toList();
        Map<Parameter, String> paths = new IdentityHashMap<>();
        examination.model().parametersByPath().forEach((path, parameter) -> paths.put(parameter, path));
        SequencedMap<String, Initializer> last = new LinkedHashMap<>(); // the last weights of the branches
        for (Run run : residuals) {
            for (ResidualBranch branch : run.layer.residualBranches()) {
                branch.output().map(paths::get).ifPresent(path -> last.put(path, Init.lecunNormal()));
            }
        }
        if (last.size() < 2) {
            return List.of();
        }
        double growth =
                residuals.getLast().y.secondMoment() / residuals.getFirst().x.secondMoment();
        if (!(growth > ORDINARY)) {
            return List.of();
        }
        int branches = last.size();
        last.replaceAll((path, base) -> Init.residual(base, branches));
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
                        Treatment.of(last))));
    }
}
