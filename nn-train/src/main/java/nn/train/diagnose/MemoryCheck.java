package nn.train.diagnose;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.tensor.Key;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.InitFinding.Severity;

/** Looks at states and gradients of recurrent layers over time. */
final class MemoryCheck implements Check {
    /** Growth of a mean square over the sequence. */
    private static final double HUGE = 1e6;

    /** A gradient's squared length at the first step over the largest: its root is 10^-12. */
    private static final double FORGOTTEN = 1e-24;

    private static final double KEEP = 3;

    private static final int SHORT = 10; // steps

    @Override
    public List<InitFinding> findings(Examination examination) {
        for (Run run : examination.runs()) {
            if (run.layer instanceof Recurrent layer && run.x.shape().rank() == 3 && run.x.dim(0) >= SHORT) {
                int steps = run.x.dim(0);
                double growth = growth(run, steps);
                if (growth > HUGE) {
                    return List.of(grows(examination, layer, growth, steps, "The mean square of the states of "));
                }
                if (run.gradientAtSteps.length == 0) {
                    continue;
                }
                double largest = Arrays.stream(run.gradientAtSteps).max().orElse(0);
                double first = run.gradientAtSteps[0];
                double last = run.gradientAtSteps[steps - 1];
                if (last > 0 && first > HUGE * last) {
                    String quantity = "Going back in time, the squared length of the gradient at ";
                    return List.of(grows(examination, layer, first / last, steps, quantity));
                }
                if (largest > 0 && !(first > FORGOTTEN * largest)) {
                    return List.of(forgets(examination, layer, first / largest, steps));
                }
            }
        }
        return List.of();
    }

    /** The mean square of the last state over that of the first, if the layer returns all of them. */
    private static double growth(Run run, int steps) {
        return run.y.shape().rank() == 3 && run.y.dim(0) == steps
                ? run.y.row(steps - 1).secondMoment() / run.y.row(0).secondMoment()
                : 0;
    }

    private static InitFinding grows(
            Examination examination, Recurrent layer, double growth, int steps, String quantity) {
        return InitFinding.of(
                Severity.FAILURE,
                Symptom.MEMORY,
                examination.path(layer),
                growth,
                HUGE,
                quantity + Examination.name(examination.path(layer)) + " grows " + Sentences.number(growth)
                        + " times over " + steps + " steps.",
                orthogonal(examination, layer));
    }

    private static InitFinding forgets(Examination examination, Recurrent layer, double share, int steps) {
        return InitFinding.of(
                Severity.WARNING,
                Symptom.MEMORY,
                examination.path(layer),
                share,
                FORGOTTEN,
                Sentences.capital(Examination.name(examination.path(layer))) + " forgets the first of " + steps
                        + " steps: the gradient's squared length there is "
                        + (share == 0 ? "0." : Sentences.number(share) + " of the largest."),
                orthogonal(examination, layer),
                keeping(examination, layer),
                remembering(examination, layer, steps),
                Remedy.advice("shorter sequences, or a layer with gates and a chrono bias."));
    }

    private static Remedy orthogonal(Examination examination, Recurrent layer) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        for (Parameter p : layer.parameters()) {
            if (p.kind() == Parameter.Kind.RECURRENT) {
                initializers.put(GateCheck.path(examination, layer, p), Init.orthogonal());
            }
        }
        return new Remedy(
                "draw the recurrent weights by 'orthogonal', which keep the length of a state.",
                Treatment.of(initializers));
    }

    /** Gates that keep most of what they have in every step: a sigmoid of 3 is 0.95. */
    private static Remedy keeping(Examination examination, Recurrent layer) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        for (Parameter p : layer.parameters()) {
            if (p.kind() == Parameter.Kind.BIAS
                    && (p.name().startsWith("forget") || p.name().startsWith("update"))) {
                initializers.put(GateCheck.path(examination, layer, p), Init.constant(KEEP));
            }
        }
        return new Remedy(
                "let the bias of the forget or update gate be " + Sentences.number(KEEP)
                        + ": it then keeps 95 % in every step.",
                Treatment.of(initializers));
    }

    /** Gates that keep what they have for as many steps as the sequence is long. */
    private static Remedy remembering(Examination examination, Recurrent layer, int steps) {
        SequencedMap<String, Initializer> initializers = new LinkedHashMap<>();
        Key key = Key.of(0).child("chrono");
        for (Parameter p : layer.parameters()) {
            String at = GateCheck.path(examination, layer, p);
            if (p.kind() == Parameter.Kind.BIAS) {
                if (p.name().startsWith("forget") || p.name().startsWith("update")) {
                    initializers.put(at, Init.chronoKeep(steps, key));
                } else if (p.name().startsWith("input")) {
                    initializers.put(at, Init.chronoAdmit(steps, key));
                }
            } else if (p.kind() == Parameter.Kind.RECURRENT) {
                initializers.put(at, Init.orthogonal());
            }
        }
        return new Remedy(
                "chrono biases for " + steps + " steps: Init.chronoKeep, and Init.chronoAdmit at an input gate.",
                Treatment.of(initializers));
    }
}
