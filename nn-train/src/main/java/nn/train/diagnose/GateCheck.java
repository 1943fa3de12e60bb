package nn.train.diagnose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/**
 * Looks inside recurrent layers: for states at the flat ends, for units that are equal at all times, and for gates
 * whose biases shut them.
 */
final class GateCheck implements Check {
    /** A sigmoid of this bias lets a hundredth through. */
    private static final double SHUT = -4.6;

    /** What a gate must admit of inputs over a sequence; chrono biases admit about one whole input. */
    private static final double LITTLE = 0.1;

    private static final double FLAT = 0.99;
    private static final double MOST = 0.5;

    @Override
    public List<InitFinding> findings(Examination examination) {
        for (Run run : examination.runs()) {
            if (run.layer instanceof Recurrent layer && run.y.isFinite()) {
                Optional<InitFinding> finding = equalUnits(examination, run, layer)
                        .or(() -> shut(examination, run, layer))
                        .or(() -> saturated(examination, run, layer));
                if (finding.isPresent()) {
                    return List.of(finding.get());
                }
            }
        }
        return List.of();
    }

    private static Optional<InitFinding> equalUnits(Examination examination, Run run, Recurrent layer) {
        int units = RowStatistics.units(run.y);
        int distinct = UnitStatistics.distinctColumns(run.y);
        if (distinct == units || run.y.maxAbs() == 0) {
            return Optional.empty();
        }
        boolean sure = !examination.drawsAtRandom();
        return Optional.of(InitFinding.of(
                sure ? Severity.FAILURE : Severity.WARNING,
                Symptom.SYMMETRY,
                examination.path(layer),
                distinct,
                units,
                Sentences.capital(Examination.name(examination.path(layer))) + " has " + units + " units, only "
                        + distinct + " distinct: equal units stay equal in training.",
                drawn(examination, layer)));
    }

    private static Optional<InitFinding> shut(Examination examination, Run run, Recurrent layer) {
        int steps = run.x.shape().rank() == 3 ? run.x.dim(0) : 1;
        boolean hasGates = layer.parameters().size() > 3; // an Rnn has three parameters, and no gate
        for (Parameter bias : layer.parameters()) {
            if (!hasGates || bias.kind() != Parameter.Kind.BIAS) {
                continue;
            }
            double mean = bias.value().mean();
            boolean admits = bias.name().startsWith("input");
            boolean keeps = bias.name().startsWith("update"); // what it does not keep, it admits
            double admitted = steps / (1 + StrictMath.exp(keeps ? mean : -mean)); // over the sequence
            if ((admits || keeps) && admitted < LITTLE) {
                return Optional.of(InitFinding.of(
                        Severity.WARNING,
                        Symptom.GATES,
                        examination.path(layer),
                        admitted,
                        LITTLE,
                        "Bias '" + path(examination, layer, bias) + "' is " + Sentences.number(mean)
                                + " on average, so its gate admits only " + Sentences.number(admitted)
                                + " of an input in all " + steps + " steps.",
                        drawn(examination, layer)));
            }
            if (!admits && mean < SHUT) {
                return Optional.of(InitFinding.of(
                        Severity.WARNING,
                        Symptom.GATES,
                        examination.path(layer),
                        mean,
                        SHUT,
                        "Bias '" + path(examination, layer, bias) + "' is " + Sentences.number(mean)
                                + " on average, so its gate lets less than a hundredth through.",
                        drawn(examination, layer)));
            }
        }
        return Optional.empty();
    }

    private static Optional<InitFinding> saturated(Examination examination, Run run, Recurrent layer) {
        int flat = 0;
        for (int i = 0; i < run.y.size(); i++) {
            float h = Math.abs(run.y.array()[run.y.offset() + i]);
            if (h > 1) {
                return Optional.empty(); // the state is not bounded by tanh
            }
            flat += h > FLAT ? 1 : 0;
        }
        double share = (double) flat / run.y.size();
        if (!(share > MOST)) {
            return Optional.empty();
        }
        return Optional.of(InitFinding.of(
                Severity.FAILURE,
                Symptom.SATURATION,
                examination.path(layer),
                share,
                MOST,
                Sentences.percent(share) + " of the states of " + Examination.name(examination.path(layer))
                        + " lie at the flat ends of tanh, where almost no gradient passes.",
                drawn(examination, layer)));
    }

    /** The defaults of recurrent layers. */
    static Remedy drawn(Examination examination, Recurrent layer) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        for (Parameter p : layer.parameters()) {
            initializers.put(path(examination, layer, p), usual(p));
        }
        boolean forgets = layer.parameters().stream().anyMatch(p -> p.name().startsWith("forget"));
        return new Remedy(
                "take the defaults: Xavier uniform for inputs, orthogonal for states, biases 0"
                        + (forgets ? " (forget gate 1)." : "."),
                Treatment.of(initializers));
    }

    /** The path of a layer's own parameter. */
    static String path(Examination examination, Recurrent layer, Parameter p) {
        String path = examination.path(layer);
        return path.isEmpty() ? p.name() : path + "." + p.name();
    }

    static Initializer usual(Parameter p) {
        return switch (p.kind()) {
            case WEIGHT -> Init.xavierUniform();
            case RECURRENT -> Init.orthogonal();
            default -> p.name().startsWith("forget") ? Init.ones() : Init.zeros();
        };
    }
}
