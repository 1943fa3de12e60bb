package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import java.util.stream.Stream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InitializerRegistryTest {
    private static final Key KEY = new Key(0x00000000000000FFL, 0xFEDCBA9876543210L);

    /** At least one of every record, with arguments that no short decimal hits. */
    static Stream<Initializer> everyScheme() {
        return Stream.concat(simple(), simple().flatMap(InitializerRegistryTest::composed));
    }

    private static Stream<Initializer> simple() {
        double third = 1.0 / 3;
        Stream<Initializer> fixed = Stream.of(
                Init.zeros(),
                Init.ones(),
                Init.constant(-0.0),
                Init.constant(third),
                Init.constant(-1e-30),
                Init.normal(third),
                new Normal(-2e10, Math.PI),
                Init.uniform(third),
                new Uniform(-third, Math.E),
                Init.truncatedNormal(third),
                new TruncatedNormal(third, 1e-7, 2.5),
                Init.identity(),
                new Identity(-third),
                Init.orthogonal(),
                Init.orthogonal(Math.sqrt(2)),
                Init.deltaOrthogonal(),
                Init.deltaOrthogonal(third),
                Init.dirac(),
                Init.chronoKeep(784, KEY),
                Init.chronoAdmit(2 + third, KEY),
                Init.sparse(15, third),
                Init.sirenFirst(),
                Init.siren(third),
                Init.asymmetricWeight(KEY),
                Init.asymmetricBias(KEY),
                Init.asymmetricBias(Key.of(1)),
                Init.torchDefault(),
                Init.torchRecurrent(),
                Init.torchEmbedding(),
                Init.kerasDense(),
                Init.kerasRecurrent(),
                Init.kerasEmbedding(),
                Init.flaxDense());
        Stream<Initializer> scaling = Stream.of(Distribution.values())
                .flatMap(shape -> Stream.of(Fan.values())
                        .flatMap(fan -> Stream.of(
                                        0,
                                        1,
                                        third,
                                        Math.sqrt(1.0 / 3),
                                        Math.sqrt(2),
                                        Gain.he(0.2),
                                        Gain.he(third),
                                        Gain.he(Math.sqrt(5)),
                                        Gain.he(1e-5),
                                        5.0 / 3,
                                        1e30)
                                .map(gain -> new VarianceScaling(gain.doubleValue(), fan, shape))));
        return Stream.concat(fixed, scaling);
    }

    private static Stream<Initializer> composed(Initializer base) {
        return Stream.of(
                new Scaled(base, 1.0 / 3),
                Init.gates(4, base),
                Init.paddingRow(base, 3),
                Init.gates(base, Init.ones(), new Scaled(base, 2)),
                new LooksLinear(LooksLinear.Mirror.BOTH, base),
                Init.muP(MuP.Role.OUTPUT, 64, new Scaled(base, -1)));
    }

    @ParameterizedTest
    @MethodSource("everyScheme")
    void everyTextReadsBackAsTheSameScheme(Initializer scheme) {
        assertThat(Init.parse(scheme.toString())).isEqualTo(scheme);
    }

    @Test
    void everyNameGivesAnInitializerOrSaysWhichArgumentIsMissing() {
        for (String name : Init.names()) {
            try {
                assertThat(Init.named(name)).isNotNull();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("'" + name + "': '" + name + "' needs its ");
            }
        }
        assertThat(Init.names())
                .contains("he normal", "orthogonal", "siren first")
                .doesNotContain("glorot normal");
    }

    @ParameterizedTest
    @CsvSource({
        "he_normal,he normal",
        "heNormal,he normal",
        "HE-NORMAL,he normal",
        "' He  Normal ',he normal",
        "kaiming_normal,he normal",
        "kaiming_uniform,he uniform",
        "glorot_uniform,xavier uniform",
        "GlorotUniform,xavier uniform",
        "lecun_truncated_normal,lecun truncated normal",
        "eye,identity",
        "torch_default,torch default",
        "kerasDense,xavier uniform",
        "keras recurrent,orthogonal"
    })
    void namesMayBeSpelledAsInOtherFrameworks(String spelled, String name) {
        assertThat(Init.named(spelled)).isEqualTo(Init.parse(name)).hasToString(name);
    }

    @Test
    void argumentsMayHaveTheirNamesOrNot() {
        assertThat(Init.parse("he_normal(0.2)")).isEqualTo(Init.heNormal(0.2));
        assertThat(Init.parse("he normal( slope  0.2 )")).isEqualTo(Init.heNormal(0.2));
        assertThat(Init.parse("kaiming_uniform(slope 0.2)")).isEqualTo(Init.heUniform(0.2));
        assertThat(Init.parse("orthogonal(1.5)")).isEqualTo(Init.orthogonal(1.5));
        assertThat(Init.parse("normal(0.02)")).isEqualTo(Init.normal(0.02));
        assertThat(Init.parse("normal(stddev 0.02, mean 1)")).isEqualTo(new Normal(1, 0.02));
        assertThat(Init.parse("uniform(0.1)")).isEqualTo(Init.uniform(0.1));
        assertThat(Init.parse("uniform(-1, 2)")).isEqualTo(new Uniform(-1, 2));
        assertThat(Init.parse("truncated_normal(0.02)")).isEqualTo(Init.truncatedNormal(0.02));
        assertThat(Init.parse("scaled(factor 0.5, base truncated normal(0, 1, cut 3))"))
                .isEqualTo(new Scaled(new TruncatedNormal(0, 1, 3), 0.5));
        assertThat(Init.parse("variance scaling(fan out, gain 2, distribution truncated_normal)"))
                .isEqualTo(new VarianceScaling(2, Fan.OUT, Distribution.TRUNCATED_NORMAL));
        assertThat(Init.parse("zeros()")).isEqualTo(Init.zeros());
    }

    @Test
    void anUnknownNameGetsTheNearestNameAndAllNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.named("he_norml"))
                .withMessageStartingWith("no initializer is named 'he norml' ('he_norml'); did you mean 'he normal'?"
                        + " There are: asymmetric bias, asymmetric weight, chrono admit, chrono keep, constant, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse("gates(4, orthogonl)"))
                .withMessageStartingWith("no initializer is named 'orthogonl'; did you mean 'orthogonal'? There are: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.named("something else entirely"))
                .withMessageStartingWith(
                        "no initializer is named 'something else entirely'. There are: asymmetric bias, ");
    }

    @Test
    void anAmbiguousNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.named("glorot_normal"))
                .withMessageContainingAll("'xavier truncated normal'", "'xavier normal'", "is ambiguous");
    }

    static List<List<String>> mistakes() {
        return List.of(
                List.of("constant", "'constant': 'constant' needs its value, such as constant(value 0.5)"),
                List.of("normal", "'normal': 'normal' needs its stddev, such as normal(stddev 0.5)"),
                List.of("sparse(15)", "'sparse(15)': 'sparse' needs its stddev, such as sparse(15, stddev 0.5)"),
                List.of("sparse", "'sparse' needs its connections, such as sparse(connections 4)"),
                List.of("scaled", "'scaled' needs its base, such as scaled(base he normal)"),
                List.of("variance scaling(2)", "needs its fan, such as variance scaling(2, fan in)"),
                List.of("normal(1e38)", "normal: mean 0 and stddev 1E+38 give values beyond the range of float32"),
                List.of("normal(3e38, 1e37)", "normal: mean 3E+38 and stddev 1E+37 give values beyond the range"),
                List.of("truncated normal(2e38)", "truncated normal: mean 0 and stddev 2E+38 give values beyond"),
                List.of("sparse(4, 1e38)", "sparse: mean 0 and stddev 1E+38 give values beyond the range"),
                List.of(
                        "normal(0, 1e-60)",
                        "normal: stddev 1.0E-60 would be 0 in float32, whose smallest magnitude"
                                + " is 1.4E-45; take a larger one, or exactly 0"),
                List.of("normal(-1e-60, 1)", "normal: mean -1.0E-60 would be 0 in float32"),
                List.of("uniform(1e-60)", "uniform: bound 1.0E-60 would be 0 in float32"),
                List.of("uniform(-1, 7e-46)", "uniform: high 7.0E-46 would be 0 in float32"),
                List.of("truncated normal(1e-60)", "truncated normal: stddev 1.0E-60 would be 0 in float32"),
                List.of("sparse(2, 1e-60)", "sparse: stddev 1.0E-60 would be 0 in float32"),
                List.of("orthogonal(1e-60)", "orthogonal: gain 1.0E-60 would be 0 in float32"),
                List.of("identity(-1e-60)", "identity: gain -1.0E-60 would be 0 in float32"),
                List.of("constant(1e-60)", "constant: value 1.0E-60 would be 0 in float32"),
                List.of("scaled(he normal, 1e-60)", "scaled: factor 1.0E-60 would be 0 in float32"),
                List.of("siren(1e-60)", "siren: omega 1.0E-60 would be 0 in float32"),
                List.of("he normal(slope 1e-60)", "he gain: negative slope 1.0E-60 would be 0 in float32"),
                List.of("variance scaling(1e-60, in, normal)", "variance scaling: gain 1.0E-60 would be 0 in float32"),
                List.of(
                        "gates(2147483647, he normal)",
                        "gates: 2147483647 are too many; at most 1000, those within gates counted"),
                List.of("gates(100, scaled(gates(100, zeros), 2))", "gates: 10000 are too many; at most 1000"),
                List.of("orthogonal(1, 2)", "'orthogonal(1, 2)': 'orthogonal' does not take '2'"),
                List.of("orthogonal(gian 2)", "'orthogonal(gian 2)': 'orthogonal' does not take 'gian 2'"),
                List.of("orthogonal(gain two)", "orthogonal: gain 'two' is not a number"),
                List.of("orthogonal(gain 1, gain 2)", "does not take 'gain 2'"),
                List.of("orthogonal(-1)", "orthogonal: gain -1.0 must be 0 or more"),
                List.of("normal(NaN)", "normal: stddev NaN must be finite"),
                List.of("sparse(1.5, 1)", "sparse: connections 1.5 must be a whole number in the range of int"),
                List.of("sparse(3e9, 1)", "sparse: connections 3E+9 must be a whole number in the range of int"),
                List.of("gates(2.5, zeros)", "gates: gates 2.5 must be a whole number"),
                List.of("gates(0, zeros)", "gates: gates 0 must be at least 1"),
                List.of(
                        "variance scaling(2, sideways, normal)",
                        "variance scaling: fan 'sideways' must be one of in, out, average, geometric"),
                List.of(
                        "asymmetric bias(choices 12)",
                        "asymmetric bias: choices '12' must be the 32 hexadecimal digits of a key"),
                List.of("orthogonal(1", "'orthogonal(1': a name and its arguments end with a closing parenthesis"),
                List.of("scaled((zeros, 1)", "'scaled((zeros, 1)': the parentheses do not match"),
                List.of("scaled(zeros), 1)", "'scaled(zeros), 1)': the parentheses do not match"),
                List.of("normal(0,,1)", "'normal(0,,1)': an argument between two commas is missing"),
                List.of("", "no initializer is named ''"),
                List.of("()", "no initializer is named ''"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreReportedWithTheText(List<String> mistake) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse(mistake.getFirst()))
                .withMessageContaining(mistake.getLast());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scaled(normal(1e-30), 1e-30)",
                "scaled(scaled(he normal, 1e-30), 1e-30)",
                "mup(output, 1, normal(2e-45))",
                "variance scaling(1e-45, in, normal)",
                "siren(1e-40)"
            })
    void valuesThatFloat32LosesAreRefusedWhenTheFansAreKnown(String text) {
        Initializer initializer = Init.parse(text);
        assertThat(Init.parse(initializer.toString())).isEqualTo(initializer);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> initializer.fill(Tensor.zeros(1000, 4), Fans.dense(1000, 4), Key.of(1)))
                .withMessageContaining("float32")
                .withMessageStartingWith(
                        text.startsWith("variance")
                                ? "normal"
                                : initializer.toString().split("\\(")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"variance scaling(1e-40, in, normal)", "variance scaling(4e-39, in, uniform)"})
    void aGainOfASlopeBeyondFloat32IsWrittenAsItIs(String text) {
        Initializer initializer = Init.parse(text);
        assertThat(initializer.toString()).startsWith("variance scaling(gain ");
        assertThat(Init.parse(initializer.toString())).isEqualTo(initializer);
    }

    @Test
    void zerosMayBeScaledByATinyFactor() {
        Tensor out = Tensor.zeros(3, 4);
        new Scaled(Init.zeros(), 0.5).fill(out, Fans.dense(3, 4), Key.of(1));
        new Scaled(Init.ones(), 0).fill(out, Fans.dense(3, 4), Key.of(1));
        assertThat(out.toArray()).containsOnly(0f);
    }

    @Test
    void namedRefusesATextWithArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.named("orthogonal(2)"))
                .withMessage("'orthogonal(2)' is more than a name; call Init.parse, which reads arguments too");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.named("(2)"))
                .withMessage("'(2)' is more than a name; call Init.parse, which reads arguments too");
    }

    @ParameterizedTest
    @ValueSource(ints = {51, 900})
    void parenthesesWithoutEndAreRefused(int depth) {
        String text = "scaled(".repeat(depth) + "zeros" + ", 1)".repeat(depth);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse(text))
                .withMessage("an initializer's text has more than 50 nested parentheses");
    }

    @Test
    void aLambdaIsNamedAsOne() {
        assertThat(new Scaled((out, fans, key) -> out.fill(1), 2)).hasToString("scaled(a lambda, 2)");
    }

    @Test
    void longTextsAreRefused() {
        String long1 = "gates(" + "zeros, ".repeat(1000) + "zeros)";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse(long1))
                .withMessage("'" + long1.substring(0, 97) + "...': more than 1000 arguments");
        String long2 = "gates(" + "he normal, ".repeat(50_000) + "zeros)";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse(long2))
                .withMessage("an initializer's text has 550012 characters, more than the 10000 that are read: '"
                        + long2.substring(0, 97) + "...'");
        for (String text : List.of("x".repeat(9_000), "normal(" + "9".repeat(9_000) + "x)", "a(" + "(".repeat(9_000))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Init.parse(text))
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Init.named(text))
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
        }
        assertThatNullPointerException().isThrownBy(() -> Init.parse(null)).withMessage("text");
        assertThatNullPointerException().isThrownBy(() -> Init.named(null)).withMessage("name");
    }

    @Test
    void gatesAreBoundedHoweverTheyAreMade() {
        assertThat(Init.gates(1000, Init.zeros())).isEqualTo(Init.parse("gates(1000, zeros)"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.gates(1001, Init.zeros()))
                .withMessage("gates: 1001 are too many; at most 1000, those within gates counted");
        Initializer hundred = Init.gates(100, Init.zeros());
        assertThat(Init.gates(10, hundred)).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.gates(11, Init.residual(hundred, 2)))
                .withMessageStartingWith("gates: 1100 are too many");
    }

    @Test
    void anyWhiteSpaceStandsBetweenANameAndItsValue() {
        assertThat(Init.parse("orthogonal(gain\t1.5)")).isEqualTo(Init.orthogonal(1.5));
        assertThat(Init.parse("scaled(\n  base\n  he normal,\n  factor\r\n  0.5\n)"))
                .isEqualTo(new Scaled(Init.heNormal(), 0.5));
    }

    @Test
    void textsAtTheirLimitsAreRead() {
        assertThat(Init.parse("zeros" + " ".repeat(9_995))).isEqualTo(Init.zeros());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse("zeros" + " ".repeat(9_996)))
                .withMessageStartingWith("an initializer's text has 10001 characters, more than the 10000");
        assertThat(Init.parse("scaled(".repeat(50) + "zeros" + ", 1)".repeat(50)))
                .isInstanceOf(Scaled.class);
    }

    @Test
    void anArgumentThatIsOnlyItsNameHasNoValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse("constant(value)"))
                .withMessage("'constant(value)': 'constant' needs its value, such as constant(value 0.5)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse("scaled(base, 2)"))
                .withMessageStartingWith("no initializer is named 'base'");
    }
}
