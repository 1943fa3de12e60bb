package nn.layers.preset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import nn.init.DeepNorm;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Scaled;
import nn.init.VarianceScaling;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;
import nn.tensor.Tensor;

/**
 * The initialization of a whole model under its name: GPT-2's, Fixup, T-Fixup, DeepNorm, zero-last. It is applied to a
 * built model, a network or a graph, before training. It finds the {@linkplain ParameterRole role} of every parameter,
 * above all which are the last weights of residual branches ({@link Layer#residualBranches}), and draws it by the
 * scheme for the role.
 *
 * <p>A parameter is drawn with its own key and fans ({@link Parameter#draw}), so it gets the values that it would have
 * if its layer had been built with that initializer, and a model's {@code summary()} shows the scheme. Nothing is
 * missed silently: the report names every parameter about which the preset says nothing, and a preset for another
 * number of residual branches than the model has is refused.
 *
 * <pre>{@code
 * PresetReport report = Preset.gpt2(24).apply(model);   // 12 blocks of two residual branches
 * }</pre>
 *
 * <p>A preset of your own is a function of the role:
 *
 * <pre>{@code
 * Preset small = Preset.of("small heads", place -> place.role() == ParameterRole.HEAD
 *         ? new Decision.Draw(Init.normal(0.001))
 *         : new Decision.Keep());
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Preset {
    private static final Decision KEEP = new Decision.Keep();
    private static final int MAX_PATHS = 20; // in a message
    private static final double FALSE_ALARMS = 1e-6; // of a comparison of a model

    private final String name;
    private final boolean needsBranches;
    private final OptionalInt branches; // the number that the model must have; empty if any will do
    private final Function<Place, Decision> rule;
    private final List<String> notes;

    private Preset(
            String name,
            boolean needsBranches,
            OptionalInt branches,
            Function<Place, Decision> rule,
            List<String> notes) {
        this.name = name;
        this.needsBranches = needsBranches;
        this.branches = branches;
        this.rule = rule;
        this.notes = notes;
    }

    /**
     * Makes a preset, for models of any number of residual branches.
     *
     * @param name for reports and messages
     * @param rule decides for each parameter
     * @return the preset
     * @throws NullPointerException if an argument is null
     */
    public static Preset of(String name, Function<Place, Decision> rule) {
        Objects.requireNonNull(name, "name");
        return new Preset(name, false, OptionalInt.empty(), Objects.requireNonNull(rule, "rule"), List.of());
    }

    /**
     * Refuses models of another number of residual branches.
     *
     * @param count the residual additions of the model, at least 1
     * @return a copy
     * @throws IllegalArgumentException if there is none
     */
    public Preset forBranches(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(name + ": " + count
                    + " residual branches; there must be at least 1, two for each transformer block");
        }
        return new Preset(name, true, OptionalInt.of(count), rule, notes);
    }

    private Preset withNote(String note) {
        return new Preset(name, needsBranches, branches, rule, List.of(note));
    }

    /**
     * GPT-2 (Radford, Wu, Child, Luan, Amodei and Sutskever, <i>Language models are unsupervised multitask
     * learners</i>, 2019): all weights and tables N(0, 0.02^2), the last weight of each residual branch divided by
     * {@code sqrt(branches)}, positions N(0, 0.01^2) as in OpenAI's code (0.02 in that of Hugging Face and nanoGPT),
     * biases 0. Its head is the table of the tokens itself, so a head with a weight of its own is drawn as that table
     * is, and as Hugging Face draws it. Normalizations stay as built, with scales of 1.
     *
     * <p>Each addition then adds the same share, so the second moment of the trunk grows by {@code (1 + v / branches)}
     * at each, where v is that of a branch without the division.
     *
     * @param branches the residual additions of the model: two for each block, at least 1
     * @return the preset
     * @throws IllegalArgumentException if there is none
     */
    public static Preset gpt2(int branches) {
        Initializer weight = Init.normal(0.02);
        Preset any = of("GPT-2", place -> switch (place.role()) {
            case TABLE, QUERY_OR_KEY, BRANCH_WEIGHT, HEAD, WEIGHT -> new Decision.Draw(weight);
            case BRANCH_OUTPUT -> new Decision.Draw(Init.residual(weight, branches));
            case POSITIONS -> new Decision.Draw(Init.normal(0.01));
            case BIAS -> new Decision.Draw(Init.zeros());
            case SCALE, STATISTIC -> KEEP;
            case RECURRENT, OTHER -> unmatched(place, "GPT-2 has no such parameter");
        });
        return any.forBranches(branches);
    }

    /**
     * DeepNorm (Wang and others 2022): weights of residual branches are Xavier normal times beta, those of queries and
     * keys Xavier normal. What is outside the branches stays as built, as the paper does not change it. The residual
     * additions must multiply their input by alpha, and be normalized after the addition; a preset cannot change that.
     *
     * @param scales such as {@code DeepNorm.ofOneStack(100)}
     * @param branches the residual additions of the model, at least 1: 2 N for an encoder of N layers or a decoder
     *     alone, 3 M for a decoder of M layers that attends to an encoder
     * @return the preset; apply it to an encoder and its decoder one by one
     * @throws IllegalArgumentException if there is no branch
     * @throws NullPointerException if the scales are null
     */
    public static Preset deepNorm(DeepNorm scales, int branches) {
        Objects.requireNonNull(scales, "scales");
        Initializer scaled = new VarianceScaling(scales.beta(), Fan.AVERAGE, Distribution.NORMAL);
        Preset any = of("DeepNorm", place -> switch (place.role()) {
            case BRANCH_WEIGHT, BRANCH_OUTPUT -> new Decision.Draw(scaled);
            case QUERY_OR_KEY -> new Decision.Draw(Init.xavierNormal());
            case BIAS -> new Decision.Draw(Init.zeros());
            case TABLE, POSITIONS, HEAD, WEIGHT, SCALE, STATISTIC -> KEEP;
            case RECURRENT, OTHER -> unmatched(place, "DeepNorm is for transformers, which have no such parameter");
        });
        return any.forBranches(branches)
                .withNote("every residual addition must be norm(alpha x + f(x)) with alpha " + scales.alpha()
                        + "; the preset does not set it");
    }

    /**
     * T-Fixup for the encoder of a transformer without normalizations (Huang, Perez, Ba and Volkovs, <i>Improving
     * transformer optimization through better initialization</i>, ICML 2020): Xavier uniform, times {@code 0.67
     * N^(-1/4)} in the residual branches apart from queries and keys; tables N(0, 1 / units) times {@code (9
     * N)^(-1/4)}; biases 0.
     *
     * @param layers N, at least 1, the decoder having as many; each has two residual branches
     * @return the preset
     * @throws IllegalArgumentException if there is no layer
     */
    public static Preset tFixupEncoder(int layers) {
        return tFixup("T-Fixup encoder", layers, 0.67 * StrictMath.pow(layers, -0.25), 2);
    }

    /**
     * T-Fixup for the decoder of a transformer without normalizations: as {@link #tFixupEncoder}, with {@code (9
     * N)^(-1/4)} in the residual branches. It is derived for decoders that attend to an encoder.
     *
     * @param layers N, at least 1; each has three residual branches
     * @return the preset
     * @throws IllegalArgumentException if there is no layer
     */
    public static Preset tFixupDecoder(int layers) {
        return tFixup("T-Fixup decoder", layers, StrictMath.pow(9.0 * layers, -0.25), 3);
    }

    private static Preset tFixup(String name, int layers, double factor, int branchesEach) {
        if (layers < 1 || layers > Integer.MAX_VALUE / branchesEach) {
            throw new IllegalArgumentException(name + ": " + layers + " layers; there must be at least 1");
        }
        Initializer branch = new VarianceScaling(factor, Fan.AVERAGE, Distribution.UNIFORM);
        Initializer table =
                new Scaled(new VarianceScaling(1, Fan.OUT, Distribution.NORMAL), StrictMath.pow(9.0 * layers, -0.25));
        Preset any = of(name, place -> switch (place.role()) {
            case BRANCH_WEIGHT, BRANCH_OUTPUT -> new Decision.Draw(branch);
            case QUERY_OR_KEY, HEAD, WEIGHT -> new Decision.Draw(Init.xavierUniform());
            case TABLE -> new Decision.Draw(table);
            case BIAS -> new Decision.Draw(Init.zeros());
            case SCALE -> unmatched(place, "T-Fixup is for transformers without normalizations");
            case POSITIONS -> unmatched(place, "T-Fixup has positions by sines, which are not learned");
            case STATISTIC -> unmatched(place, "T-Fixup is for transformers without normalizations");
            case RECURRENT, OTHER -> unmatched(place, "T-Fixup is for transformers, which have no such parameter");
        });
        return any.forBranches(layers * branchesEach);
    }

    /**
     * Fixup for residual networks without normalizations (Zhang, Dauphin and Ma, <i>Fixup initialization: residual
     * learning without normalization</i>, ICLR 2019): the last weight of each residual branch and of the model are 0,
     * the other weights of a branch of m weights He normal times {@code branches^(-1 / (2 m - 2))}, all others He
     * normal; biases 0. Fixup's scalar multipliers and biases are layers of the model, which a preset cannot add.
     *
     * @param branches the residual additions of the model (L), at least 1
     * @return the preset
     * @throws IllegalArgumentException if there is none
     */
    public static Preset fixup(int branches) {
        Preset any = of("Fixup", place -> switch (place.role()) {
            case BRANCH_OUTPUT, HEAD, BIAS -> new Decision.Draw(Init.zeros());
            case BRANCH_WEIGHT ->
                new Decision.Draw(Init.fixup(
                        Init.heNormal(),
                        branches,
                        Math.max(2, place.branch().orElseThrow().weights().size())));
            case WEIGHT -> new Decision.Draw(Init.heNormal());
            case SCALE ->
                isScaleOfNormalization(place.parameter())
                        ? unmatched(place, "Fixup is for networks without normalizations")
                        : KEEP;
            case STATISTIC -> unmatched(place, "Fixup is for networks without normalizations");
            case TABLE, POSITIONS, QUERY_OR_KEY, RECURRENT, OTHER ->
                unmatched(place, "Fixup is for convolutions and dense layers");
        });
        return any.forBranches(branches)
                .withNote("Fixup also has a scalar multiplier of 1 in each branch, and a scalar bias of 0 before each"
                        + " weight and nonlinearity; the preset does not add them");
    }

    /**
     * Zero-last: every residual branch begins with the output 0, and the network as one of its shortcuts. The last
     * weight of each branch and the biases after it are 0; if a normalization follows that weight, it is the scale of
     * the normalization, which would divide by 0 otherwise (Goyal and others, <i>Accurate, large minibatch SGD</i>,
     * 2017). Everything else stays as built.
     *
     * @return the preset, for any number of residual branches but none
     */
    public static Preset zeroLast() {
        return new Preset("zero-last", true, OptionalInt.empty(), Preset::zeroLast, List.of());
    }

    private static Decision zeroLast(Place place) {
        if (place.branch().isEmpty()) {
            return KEEP;
        }
        List<Parameter> all = place.branch().get().parameters();
        Parameter output = place.branch().get().output().orElseThrow();
        Parameter zero = all.subList(all.indexOf(output), all.size()).reversed().stream()
                .filter(Preset::isScaleOfNormalization)
                .findFirst()
                .orElse(output);
        boolean isZero = place.parameter().equals(zero)
                || place.parameter().kind() == Parameter.Kind.BIAS
                        && all.indexOf(place.parameter()) > all.indexOf(zero);
        if (isZero && place.role() == ParameterRole.RECURRENT) {
            return unmatched(
                    place,
                    "the branch ends in a recurrent layer, whose gates need their values; put a dense" + " layer last");
        }
        return isZero ? new Decision.Draw(Init.zeros()) : KEEP;
    }

    /** A scale of ones; the slope of a PReLU and the gain of a branch begin at other numbers. */
    private static boolean isScaleOfNormalization(Parameter parameter) {
        return parameter.kind() == Parameter.Kind.SCALE
                && parameter.initializer().equals(Init.ones());
    }

    private static Decision unmatched(Place place, String reason) {
        return new Decision.Unmatched(reason + " (" + place.role() + ")");
    }

    /**
     * Draws the parameters of a model again, in place. If it fails, all are restored. Call it before training: what was
     * learned is lost, and an optimizer's memory stays.
     *
     * @param model a network, a graph, or any layer
     * @return what every parameter got
     * @throws IllegalArgumentException if the model has no residual branch that the preset needs, or another number of
     *     them, or an initializer refuses a parameter
     * @throws NullPointerException if the model is null, or a rule of your own returns null
     */
    public PresetReport apply(Layer model) {
        Roles roles = new Roles(Objects.requireNonNull(model, "model"));
        requireBranches(roles);
        Map<Place, Decision> decisions = new LinkedHashMap<>();
        for (Place place : roles.places) {
            Decision decision = rule.apply(place);
            decisions.put(place, Objects.requireNonNull(decision, () -> name + ": no decision for " + place.path()));
        }
        Map<Parameter, Tensor> values = new LinkedHashMap<>();
        Map<Parameter, Initializer> initializers = new LinkedHashMap<>();
        try {
            decisions.forEach((place, decision) -> {
                if (decision instanceof Decision.Draw draw) {
                    Parameter parameter = place.parameter();
                    values.put(parameter, parameter.value().copy());
                    initializers.put(parameter, parameter.initializer());
                    draw(place.path(), parameter, draw.initializer());
                }
            });
        } catch (RuntimeException | Error e) {
            initializers.forEach((parameter, initializer) -> {
                parameter.draw(initializer);
                parameter.value().copyFrom(Objects.requireNonNull(values.get(parameter)));
            });
            throw e;
        }
        List<PresetReport.Line> lines = decisions.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
        return new PresetReport(name, lines, roles.branches.size(), notes);
    }

    /**
     * Compares the weights of a model with those that this preset would draw, without drawing: a scaling that was
     * forgotten, or written and never applied, shows in the second moment. Useful in a test of a model whose layers are
     * given their initializers one by one.
     *
     * <p>A right model gets a sentence in one of a million comparisons. A factor of 2 in the variance is noticed from
     * about 500 values on, a factor of 1.2 from 10,000.
     *
     * @param model a model that was not trained yet
     * @return a sentence for each parameter that differs; empty if none does
     * @throws IllegalArgumentException as for {@link #apply}
     * @throws NullPointerException if the model is null
     */
    public List<String> differences(Layer model) {
        Roles roles = new Roles(Objects.requireNonNull(model, "model"));
        requireBranches(roles);
        List<String> differences = new ArrayList<>();
        for (Place place : roles.places) {
            if (rule.apply(place) instanceof Decision.Draw draw) {
                difference(place, draw.initializer(), FALSE_ALARMS / roles.places.size())
                        .ifPresent(differences::add);
            }
        }
        return differences;
    }

    private Optional<String> difference(Place place, Initializer scheme, double falseAlarms) {
        Parameter parameter = place.parameter();
        Tensor value = parameter.value();
        Tensor drawn = Tensor.zeros(value.shape());
        scheme.fill(drawn, parameter.fans(), parameter.key().child("reference"));
        parameter.paddingRow().ifPresent(row -> drawn.row(row).fill(0f));
        String what = "'" + place.path() + "' (" + place.role() + ")";
        double expected = drawn.secondMoment();
        if (expected == 0) {
            boolean isZero = value.maxAbs() == 0;
            return isZero ? Optional.empty() : Optional.of(what + " is not zero, as " + name + " draws it");
        }
        double ratio = value.secondMoment() / expected;
        double fourth = drawn.multiply(drawn).secondMoment();
        double spread = Math.max(0, fourth / (expected * expected) - 1); // n times the relative variance
        double limit = Math.sqrt(2 * StrictMath.log(2 / falseAlarms)) * Math.sqrt(2 * spread / value.size());
        if (ratio > 0 && Math.abs(StrictMath.log(ratio)) <= Math.max(limit, 1e-3)) {
            return Optional.empty();
        }
        String cause = "";
        if (scheme instanceof Scaled scaled && ratio > 0) {
            double forgotten = ratio * scaled.factor() * scaled.factor(); // 1 if the base was drawn without its factor
            cause = Math.abs(StrictMath.log(forgotten)) <= limit
                    ? "; that is its base without the factor, which was forgotten or not applied"
                    : "";
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s has a second moment of %.4g times that of %s, which %s draws%s",
                what,
                ratio,
                scheme,
                name,
                cause));
    }

    /** The scheme as it was drawn: a padding row stays, whatever the rule says. */
    private static PresetReport.Line line(Place place, Decision decision) {
        Decision done = decision instanceof Decision.Draw
                ? new Decision.Draw(place.parameter().initializer())
                : decision;
        return new PresetReport.Line(place.path(), place.role(), done);
    }

    private void draw(String path, Parameter parameter, Initializer initializer) {
        try {
            parameter.draw(initializer);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": '" + path + "': " + e.getMessage(), e);
        }
    }

    private void requireBranches(Roles roles) {
        int found = roles.branches.size();
        if (branches.isPresent() && branches.getAsInt() != found) {
            String paths = roles.branches.stream()
                    .limit(MAX_PATHS)
                    .map(branch -> branch.getKey().isEmpty() ? "the model itself" : "'" + branch.getKey() + "'")
                    .collect(Collectors.joining(", "));
            throw new IllegalArgumentException(name + ": the model has " + found + " residual branches, and "
                    + branches.getAsInt() + " were expected, so their weights would be scaled wrongly; found "
                    + (found == 0 ? "none" : paths + (found > MAX_PATHS ? " and others" : ""))
                    + ". Give the number of the model, and have custom layers tell theirs by residualBranches()");
        }
        if (needsBranches && found == 0) {
            throw new IllegalArgumentException(
                    name + ": the model has no residual branch, so there is nothing to scale;"
                            + " have custom layers tell theirs by residualBranches()");
        }
        for (Map.Entry<String, ResidualBranch> branch : roles.branches) {
            if (needsBranches && branch.getValue().output().isEmpty()) {
                throw new IllegalArgumentException(name + ": the residual branch of '" + branch.getKey()
                        + "' has no weight, so nothing of it can be scaled; leave it out, or give it a layer with one");
            }
        }
    }

    /** Such as {@code GPT-2 for 24 residual branches}. */
    @Override
    public String toString() {
        return name + (branches.isPresent() ? " for " + branches.getAsInt() + " residual branches" : "");
    }
}
