package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import nn.init.Initializer;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for NaN and infinity: in every parameter, in outputs, in gradients. */
final class FiniteCheck implements Check {
    private static final Remedy SMALLER = Remedy.advice("smaller weights, inputs or targets.");

    @Override
    public List<InitFinding> findings(Examination examination) {
        SequencedMap<String, Initializer> bad = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> entry :
                examination.model().parametersByPath().entrySet()) {
            if (!entry.getValue().value().isFinite()) {
                bad.put(entry.getKey(), entry.getValue().initializer());
            }
        }
        if (!bad.isEmpty()) {
            String path = bad.firstEntry().getKey();
            int others = bad.size() - 1;
            return List.of(InitFinding.of(
                    Severity.FAILURE,
                    Symptom.NOT_FINITE,
                    path.substring(0, Math.max(0, path.lastIndexOf('.'))),
                    Double.NaN,
                    Double.NaN,
                    "Parameter '" + path + "' has an element that is NaN or infinite."
                            + (others == 0 ? "" : " So have " + others + " more parameters."),
                    new Remedy("draw it again, or load it from a sound file.", Treatment.of(bad))));
        }
        Optional<Run> run =
                examination.runs().stream().filter(r -> !r.y.isFinite()).findFirst();
        if (run.isPresent()) {
            String path = examination.path(run.get().layer);
            String layer = Examination.name(path) + " (" + Layer.describe(run.get().layer) + ")";
            return List.of(finding(path, Double.NaN, "The output of " + layer + " is not finite."));
        }
        Optional<Gradients> gradients = examination.gradients();
        if (gradients.isEmpty()) { // a layer made of layers computed it from finite outputs
            return List.of(
                    finding("", Double.NaN, "The output of the model is not finite, though that of every layer is."));
        }
        double norm = gradients.get().norm();
        return Double.isFinite(norm) ? List.of() : List.of(finding("", norm, "The gradient is not finite."));
    }

    private static InitFinding finding(String path, double measured, String text) {
        return InitFinding.of(Severity.FAILURE, Symptom.NOT_FINITE, path, measured, Double.NaN, text, SMALLER);
    }
}
