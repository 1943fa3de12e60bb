package nn.train.diagnose;

import java.util.List;
import java.util.Optional;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.train.diagnose.ActivationRecorder.Run;
import nn.train.diagnose.Examination.Place;
import nn.train.diagnose.InitFinding.Severity;

/** Looks for weights whose gradient is exactly zero, and for the layer at which it becomes zero. */
final class NoGradientCheck implements Check {
    @Override
    public List<InitFinding> findings(Examination examination) {
        Optional<Gradients> gradients = examination.gradients();
        if (gradients.isEmpty()) {
            return List.of();
        }
        List<Place> without = examination.weighted().stream()
                .filter(p -> !hasGradient(p.layer(), gradients.get()))
                .toList();
        boolean all = without.size() == examination.weighted().size();
        if (without.isEmpty()
                || isUnlockedByZeros(examination, gradients.get())
                || !all && isUnlockedByScales(examination, gradients.get())) {
            return List.of();
        }
        String whose = all
                ? "No weight gets a gradient"
                : "The weight of " + Sentences.name(without.getLast(), without) + " gets no gradient";
        Optional<Run> wall = wall(examination);
        String where = wall.map(run -> ": it becomes 0 at " + Examination.name(examination.path(run.layer)) + " ("
                        + Layer.describe(run.layer) + "), whose " + reason(run) + ".")
                .orElse(".");
        boolean zeros = examination.weighted().stream().anyMatch(p -> SymmetryCheck.isZero(p.layer()));
        Remedy remedy = zeros
                ? SuitableWeights.random("the weights", examination.weighted())
                : Remedy.advice(wall.map(NoGradientCheck::advice).orElse("let the output depend on these weights."));
        return List.of(InitFinding.of(
                all ? Severity.FAILURE : Severity.WARNING,
                Symptom.NO_GRADIENT,
                without.getLast().reading().path(),
                0,
                0,
                whose + where,
                remedy));
    }

    private static boolean hasGradient(Layer layer, Gradients gradients) {
        return layer.parameters().stream()
                .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
                .anyMatch(p -> gradients.of(p).maxAbs() != 0);
    }

    /**
     * Whether weights that are zero keep the gradient from those before them, as in a residual branch whose last weight
     * begins at zero, but get one themselves: after one step all others get one, too.
     */
    private static boolean isUnlockedByZeros(Examination examination, Gradients gradients) {
        return examination.weighted().stream()
                .anyMatch(p -> SymmetryCheck.isZero(p.layer()) && hasGradient(p.layer(), gradients));
    }

    /**
     * The same of a branch whose last normalization begins with a scale of zero. One that begins with another bias as
     * well gives a constant for its inputs: its scale and bias are exchanged.
     */
    private static boolean isUnlockedByScales(Examination examination, Gradients gradients) {
        return examination.places().stream()
                .filter(Place::isNormalization)
                .filter(p -> p.layer().parameters().stream()
                        .noneMatch(q ->
                                q.kind() == Parameter.Kind.BIAS && q.value().maxAbs() != 0))
                .flatMap(p -> p.layer().parameters().stream())
                .filter(p -> p.kind() == Parameter.Kind.SCALE && p.value().maxAbs() == 0)
                .anyMatch(p -> gradients.of(p).maxAbs() != 0);
    }

    /** The last run, in the order of data, that gets a gradient at its output and passes none to its input. */
    private static Optional<Run> wall(Examination examination) {
        return examination.runs().reversed().stream()
                .filter(run -> run.gradientAtY > 0 && run.gradientAtX == 0)
                .findFirst();
    }

    private static String reason(Run run) {
        if (run.layer.activation().isPresent()) {
            return "slope is 0 for all rows";
        }
        Optional<Parameter> zero = zero(run);
        if (zero.isPresent()) {
            return zero.get().name() + " is all zero";
        }
        if (hasOneOutput(run)) {
            return "one output is the same for every input";
        }
        return "output does not depend on its input";
    }

    private static String advice(Run run) {
        if (run.layer.activation().isPresent()) {
            return DeadUnitsCheck.ALIVE;
        }
        Optional<Parameter> zero = zero(run);
        if (zero.isPresent()) {
            return zero.get().kind() == Parameter.Kind.SCALE
                    ? "let the " + zero.get().name() + " begin with Init.ones()."
                    : "draw the " + zero.get().name() + " at random.";
        }
        return hasOneOutput(run)
                ? "leave out " + Layer.describe(run.layer) + ", or give it more units."
                : "let " + Layer.describe(run.layer) + " depend on its input.";
    }

    /** A weight or a scale of the layer that is all zero. */
    private static Optional<Parameter> zero(Run run) {
        return run.layer.parameters().stream()
                .filter(p -> p.kind() != Parameter.Kind.BIAS && p.kind() != Parameter.Kind.STATISTIC)
                .filter(p -> p.value().maxAbs() == 0)
                .findFirst();
    }

    private static boolean hasOneOutput(Run run) {
        return run.y.shape().rank() > 0 && RowStatistics.units(run.y) == 1;
    }
}
