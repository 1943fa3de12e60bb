package nn.train.diagnose;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.diagnose.Examination.Target;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.internal.LayerPaths;
import nn.train.loss.Loss;
import org.jspecify.annotations.Nullable;

/**
 * Examines models before they are trained. It runs a batch forward and backward once, asks its {@linkplain Check
 * checks} what is wrong, and then tries the remedies, in the order of the checks: a finding is a cause if its remedy
 * makes it disappear, and what disappears with it are its consequences. A remedy that makes nothing better is not
 * printed.
 *
 * <p>Each trial takes one more pass, at most one for each remedy. The remedies are tried on the model's own parameters,
 * whose bits are written back in the end; so nobody else may use the model meanwhile.
 */
public final class Doctor {
    private static final Doctor STANDARD = new Doctor(List.of(
            new FiniteCheck(),
            new OutputCheck(),
            new SymmetryCheck(),
            new InputCheck(),
            new BiasCheck(),
            new GateCheck(),
            new ResidualCheck(),
            new DropoutCheck(),
            new WeightCheck(),
            new MemoryCheck(),
            new NoGradientCheck(),
            new DeadUnitsCheck(),
            new SaturationCheck(),
            new GainCheck(),
            new RowsAlikeCheck(),
            new LossCheck(),
            new BornDeadCheck(),
            new TheoryCheck()));

    private final List<Check> checks;

    private Doctor(List<Check> checks) {
        this.checks = checks;
    }

    /**
     * The doctor of {@link InitReport#of(Layer, Tensor, Key)}, with a check for each {@link Symptom}.
     *
     * @return a doctor
     */
    public static Doctor standard() {
        return STANDARD;
    }

    /**
     * A doctor of some checks only; without any it reads the layers and judges nothing.
     *
     * @param checks in the order of causes
     * @return a doctor
     */
    public static Doctor of(Check... checks) {
        return new Doctor(List.of(checks));
    }

    /**
     * Adds a check, as the last one.
     *
     * @param check the check
     * @return a doctor with all checks of this one, and the new one
     */
    public Doctor and(Check check) {
        List<Check> more = new ArrayList<>(checks);
        more.add(Objects.requireNonNull(check, "check"));
        return new Doctor(List.copyOf(more));
    }

    /**
     * Examines a model with independent normal numbers as the gradient at its output, which shows its effect on
     * gradients independent of a loss.
     *
     * @param model a layer, or a tree of them
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param key names the gradient, and the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite
     */
    public InitReport examine(Layer model, Tensor x, Key key) {
        return examine(model, x, null, key);
    }

    /**
     * Examines a model with the gradient of a loss.
     *
     * @param model a layer, or a tree of them
     * @param loss the loss to minimize
     * @param x real data, at least one row: [batch x features], [time x batch x features], or what the model takes
     * @param y targets, of the shape that the loss asks for
     * @param key names the randomness of layers such as dropout
     * @return the report
     * @throws nn.tensor.ShapeException if the model cannot take the data
     * @throws IllegalArgumentException if the batch is empty or not finite, or the loss cannot take output and targets
     */
    public InitReport examine(Layer model, Loss loss, Tensor x, Tensor y, Key key) {
        return examine(model, x, new Target(Objects.requireNonNull(loss, "loss"), Objects.requireNonNull(y, "y")), key);
    }

    /** A doctor without the checks of a class, which shows what they find. */
    Doctor without(Class<? extends Check> kind) {
        return new Doctor(
                checks.stream().filter(check -> !kind.isInstance(check)).toList());
    }

    private InitReport examine(Layer model, Tensor x, @Nullable Target target, Key key) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(x, "x");
        if (x.size() == 0) {
            throw new IllegalArgumentException("init report: the batch " + x.shape() + " is empty; give some rows");
        }
        if (!x.isFinite()) {
            throw new IllegalArgumentException(
                    "init report: the batch " + x.shape() + " has a value that is not finite; fix the data first");
        }
        Examination examination = look(model, x, target, key);
        Trial trial = new Trial(model, x, target, key);
        List<InitFinding> findings;
        try {
            findings = trial.causes(findings(examination));
        } finally {
            trial.restore();
        }
        Tensor signal = examination.signal();
        return new InitReport(
                model,
                RowStatistics.count(signal),
                signal.secondMoment(),
                RowStatistics.correlation(signal),
                examination.lossValue(),
                examination.places().stream().map(Examination.Place::reading).toList(),
                examination.forwardGain(),
                examination.backwardGain(),
                findings,
                trial.accepted);
    }

    private static Examination look(Layer model, Tensor x, @Nullable Target target, Key key) {
        ActivationRecorder recorder = new ActivationRecorder(model, key);
        Pass pass = model.forward(x, recorder);
        Tensor output = pass.output();
        double loss = Double.NaN;
        double outputGradient = Double.NaN;
        @Nullable Gradients gradients = null;
        if (output.isFinite()) {
            Loss.Value value = target == null
                    ? new Loss.Value(Double.NaN, randomGradient(output, key))
                    : target.loss().checked(output, target.y(), Context.training(key));
            loss = value.value();
            outputGradient = value.dOutput().dot(value.dOutput());
            gradients = new Gradients(model);
            pass.pullback(value.dOutput(), gradients);
        }
        return new Examination(
                model, recorder, LayerPaths.of(model), x, target, output, loss, outputGradient, gradients);
    }

    private static Tensor randomGradient(Tensor output, Key key) {
        Tensor gradient = Tensor.zeros(output.shape());
        key.child("gradient").normal(gradient, 0f, 1f);
        return gradient;
    }

    private List<InitFinding> findings(Examination examination) {
        List<InitFinding> findings = new ArrayList<>();
        for (Check check : checks) {
            findings.addAll(check.findings(examination));
        }
        return findings;
    }

    /** Tries remedies, and makes a tree of the findings. */
    private final class Trial {
        private final Layer model;
        private final Tensor x;
        private final @Nullable Target target;
        private final Key key;
        private final Map<Parameter, Tensor> saved = new IdentityHashMap<>();
        private Treatment accepted = Treatment.NONE;
        private List<InitFinding> open = List.of(); // the findings that have no cause yet, in order

        Trial(Layer model, Tensor x, @Nullable Target target, Key key) {
            this.model = model;
            this.x = x;
            this.target = target;
            this.key = key;
        }

        void restore() {
            saved.forEach((parameter, value) -> parameter.value().copyFrom(value));
            saved.clear();
        }

        /** Returns the causes, failures first, with their consequences. */
        List<InitFinding> causes(List<InitFinding> found) {
            open = found;
            List<InitFinding> causes = new ArrayList<>();
            int before;
            do { // a remedy may help only after another one
                before = causes.size();
                for (InitFinding finding : found) {
                    if (badness(open) > 0 && isOpen(finding)) {
                        cause(finding).ifPresent(causes::add);
                    }
                }
            } while (causes.size() > before);
            for (InitFinding finding : open) { // nothing that a program can do makes these better
                if (finding.severity() != Severity.SUSPICION) {
                    causes.add(withRemedies(finding, advice(finding), List.of(), finding.severity()));
                }
            }
            causes.sort(Comparator.comparing(InitFinding::severity).reversed());
            return causes;
        }

        private boolean isOpen(InitFinding finding) {
            return open.stream().anyMatch(f -> f.symptom() == finding.symptom());
        }

        /** Tries the remedies of a finding; empty if none helps. */
        private Optional<InitFinding> cause(InitFinding finding) {
            for (Remedy remedy : finding.remedies()) {
                if (remedy.treatment().isEmpty()) {
                    continue;
                }
                Treatment all = accepted.and(remedy.treatment());
                List<InitFinding> left = after(all);
                boolean isCured = finding.severity() == Severity.SUSPICION // only what follows from it matters
                        || left.stream()
                                .noneMatch(f -> f.symptom() == finding.symptom()
                                        && f.severity().compareTo(finding.severity()) >= 0);
                if (!isCured || badness(left) >= badness(open)) {
                    continue;
                }
                List<InitFinding> consequences = new ArrayList<>();
                List<InitFinding> stillOpen = new ArrayList<>();
                Severity severity = finding.severity();
                for (InitFinding other : open) {
                    if (other.symptom() == finding.symptom()) {
                        continue;
                    }
                    if (left.stream()
                            .anyMatch(f -> f.symptom() == other.symptom()
                                    && f.severity().compareTo(other.severity()) >= 0)) {
                        stillOpen.add(other);
                    } else if (other.severity() != Severity.SUSPICION) {
                        consequences.add(other);
                        severity = other.severity().compareTo(severity) > 0 ? other.severity() : severity;
                    }
                }
                accepted = all;
                open = stillOpen;
                List<Remedy> remedies = new ArrayList<>(List.of(remedy));
                remedies.addAll(finding.remedies().stream()
                        .filter(r -> r.treatment().isEmpty())
                        .toList());
                consequences.replaceAll(c -> withRemedies(c, remedies, List.of(), c.severity()));
                return Optional.of(withRemedies(finding, remedies, consequences, severity));
            }
            return Optional.empty();
        }

        /** The findings of the model with a treatment. */
        private List<InitFinding> after(Treatment treatment) {
            treatment.initializers().keySet().forEach(path -> {
                Parameter p = model.parameter(path);
                saved.computeIfAbsent(p, q -> q.value().copy());
            });
            try {
                treatment.applyTo(model);
                @Nullable
                Target treated = target == null ? null : new Target(target.loss(), treatment.targets(target.y()));
                return findings(look(model, treatment.inputs(x), treated, key));
            } finally {
                restore();
            }
        }

        private static List<Remedy> advice(InitFinding finding) {
            List<Remedy> advice = finding.remedies().stream()
                    .filter(r -> r.treatment().isEmpty())
                    .toList();
            return advice.isEmpty() ? List.of(Remedy.advice("none is known.")) : advice;
        }

        private static InitFinding withRemedies(
                InitFinding f, List<Remedy> remedies, List<InitFinding> consequences, Severity severity) {
            return new InitFinding(
                    severity, f.symptom(), f.layer(), f.measured(), f.limit(), f.text(), remedies, consequences);
        }

        private static int badness(List<InitFinding> findings) {
            int sum = 0;
            for (InitFinding finding : findings) {
                sum += switch (finding.severity()) {
                    case SUSPICION -> 0;
                    case WARNING -> 1;
                    case FAILURE -> 10;
                };
            }
            return sum;
        }
    }
}
