package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher as a user sees it: its output in 80 columns, and its exit codes. */
class MainTest {
    private record Outcome(int code, String text, String errors) {}

    private static Outcome nn(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder errors = new StringBuilder();
        int code = Main.run(List.of(words), new Terminal(out, StandardCharsets.UTF_8, errors, Optional.empty()));
        String text = out.toString(StandardCharsets.UTF_8);
        // a temporary path may be longer than a line
        assertThat((text + errors).lines().filter(line -> line.length() > 80 && !line.contains("junit")))
                .isEmpty();
        return new Outcome(code, text, errors.toString());
    }

    /** Requires exit code 2, no output, and a message with these parts, apart from line breaks. */
    private static void refused(List<String> words, String... parts) {
        Outcome outcome = nn(words.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.errors()).isEqualTo(2);
        assertThat(outcome.text()).isEmpty();
        assertThat(outcome.errors().replaceAll("\\s+", " ")).contains(parts).doesNotContain("Exception", "\tat ");
    }

    @Test
    void listNamesEveryExampleAndHelpExplainsEach() {
        Outcome list = nn("list");
        assertThat(list.code()).isZero();
        for (String name : List.of(
                "digits",
                "fashion",
                "sunspots",
                "characters",
                "symmetry",
                "variance",
                "xavier",
                "he",
                "orthogonal",
                "dead-relu",
                "deep",
                "memory",
                "doctor",
                "museum",
                "sweep",
                "claims")) {
            assertThat(list.text()).contains("  " + name + " ");
            Outcome help = nn(name, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.text()).startsWith("Usage: nn " + name + " ").contains("--seed=N", "--help");
            assertThat(nn(name, "-h")).isEqualTo(help);
            assertThat(nn("help", name)).isEqualTo(help);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "help", "--help", "-h"})
    void everyRequestForHelpShowsTheList(String word) {
        assertThat(word.isEmpty() ? nn() : nn(word)).isEqualTo(nn("list"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V"})
    void theVersionIsThatOfTheProgramAndOfJava(String word) {
        assertThat(nn(word).text()).startsWith("nn ").contains("(Java " + Runtime.version() + ")");
    }

    @Test
    void aValueMayFollowAnEqualsSign() {
        assertThat(nn("doctor", "--net=64-8x2-10", "--seed=3"))
                .isEqualTo(nn("doctor", "--net", "64-8x2-10", "--seed", "3"));
    }

    @Test
    void anUnknownWordIsRefusedAndTheNearestOneNamed() {
        refused(
                List.of("digit"),
                "nn: no example is called 'digit'; did you mean digits? 'nn list' shows the examples");
        refused(List.of("help", "digit"), "no example is called 'digit'", "'nn list' shows");
        refused(List.of("--verison"), "nn: unknown option '--verison'; did you mean --version?");
        refused(
                List.of("digits", "--epoch", "3"),
                "nn digits: unknown option '--epoch'; did you mean --epochs?",
                "'nn digits --help' shows the options");
        refused(List.of("digits", "extra"), "nn digits: unexpected word 'extra'");
        refused(List.of("digits", "--", "--rnn"), "nn digits: unexpected word '--rnn'");
        refused(List.of("digits", "@file"), "unexpected word '@file'");
        refused(List.of("claims", "S99"), "no claim and no family is called 'S99'");
    }

    @Test
    void anOptionWithoutItsValueOrTwiceIsRefused() {
        refused(List.of("digits", "--epochs"), "nn digits: missing required parameter for option '--epochs' (N)");
        refused(List.of("claims", "--report", "--quick"), "option '--report' but found '--quick'");
        refused(List.of("digits", "--epochs", "1", "--epochs", "2"), "'--epochs' (N) should be specified only once");
    }

    @Test
    void aNumberOutOfItsRangeIsRefusedWithTheRange() {
        for (String text :
                List.of("0", "-1", "1000001", "99999999999", "9".repeat(100), "x", "1.5", "", "\u0663", "0x3")) {
            refused(
                    List.of("digits", "--epochs=" + text),
                    "nn digits: option --epochs is '",
                    "'; it must be a whole number from 1 to 1000000");
        }
        refused(
                List.of("symmetry", "--seed", "x"),
                "nn symmetry: option --seed is 'x'; it must be a whole number from -9");
        refused(List.of("doctor", "--net", "64-100000000-10"), "option --net is '64-100000000-10'", "1 to 10000");
    }

    @Test
    void aSweepPrintsItsSettingsBestFirstAndRefusesAnImpossibleGrid() {
        List<String> small =
                List.of("sweep", "--gain=1", "--depth=1", "--width=8", "--rate=0.1,1e-9", "--seeds=1", "--steps=30");
        Outcome outcome = nn(small.toArray(String[]::new));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text())
                .startsWith("2 trainings of 2 settings:\ndigits, 30 steps of sgd, batches of 64, bias variance 0.0.\n")
                .containsPattern("(?s)lecun normal +1.000 +1 +8 tanh +0.100 .*lecun normal .* 1.00e-09 ");
        assertThat(nn("sweep", "--gain=1", "--depth=1", "--width=8", "--rate=0.1", "--seeds=1", "--steps=1")
                        .text())
                .startsWith("1 training of 1 setting:\ndigits, 1 step of sgd, batches of 64,");
        refused(List.of("sweep", "--gain", "0"), "nn sweep: gain is 0.0; it must be finite and above 0");
        refused(List.of("sweep", "--gain", "3:1:4"), "option --gain is '3:1:4'; a range is from:to:count");
        refused(List.of("sweep", "--gain", "1,1"), "the gains of a grid are [1.0, 1.0]; give at least one, and each");
        refused(List.of("sweep", "--gain", "one"), "option --gain: 'one' is no number");
        refused(List.of("sweep", "--depth", "1.5"), "option --depth is '1.5'; it must be whole numbers");
        refused(List.of("sweep", "--init", "nosuch"), "nosuch");
        refused(List.of("sweep", "--init", "he_normal,"), "option --init is 'he_normal,'; it must be names");
        refused(List.of("sweep", "--act", "nosuch"), "no activation is called 'nosuch'; there are linear, relu");
        refused(List.of("sweep", "--optimizer", "lion"), "it must be sgd, momentum or adam");
        refused(List.of("sweep", "--seeds", "10000", "--rate", "1:2:1000"), "the grid has more than 1000000 trials");
        refused(List.of("sweep", "--json", "/tmp/a", "--report", "/tmp/a"), "--json and --report name the same file");
    }

    @Test
    void aTableIsEightyColumnsWideWithNumbersOfThreeDigitExponents() {
        assertThat(nn("doctor", "--net", "64-64x3-10", "--init", "normal(1e-27)")
                        .text())
                .contains(" 4e-106 ");
    }

    @Test
    void aSchemeThatCannotFillTheWeightsIsRefusedByTheLayersName() {
        refused(List.of("doctor", "--init", "normal(1e38)"), "nn doctor: ", "1E+38");
        refused(List.of("doctor", "--biases", "orthogonal"), "nn doctor: layer 'hidden1': parameter 'bias'", "zeros");
        refused(List.of("doctor", "--init", "nosuch"), "nn doctor: option --init: ");
        refused(List.of("doctor", "--act", "nosuch"), "no activation is called 'nosuch'; there are linear, relu");
    }

    @Test
    void outputThatCannotBeWrittenEndsTheProgram() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        StringBuilder errors = new StringBuilder();
        Terminal terminal = new Terminal(full, StandardCharsets.UTF_8, errors, Optional.empty());
        assertThat(Main.run(List.of("deep"), terminal)).isEqualTo(2); // which would take more than a minute
        assertThat(errors.toString().replaceAll("\\s+", " "))
                .isEqualTo("nn deep: cannot write the results to standard output: No space left on device ");
    }

    @Test
    void fashionWithoutItsFilesSaysWhatTheyAreAndHowToGetThem(@TempDir Path empty) {
        refused(
                List.of("fashion", "--data", empty.toString()),
                "train-images-idx3-ubyte",
                "t10k-labels-idx1-ubyte",
                "apt install dataset-fashion-mnist",
                "--data FOLDER");
        refused(List.of("fashion", "--data", ""), "option --data is empty");
    }

    @Test
    void fashionWithABrokenFileNamesItAndThePlace(@TempDir Path folder) throws Exception {
        for (String name : List.of(
                "train-images-idx3-ubyte",
                "train-labels-idx1-ubyte",
                "t10k-images-idx3-ubyte",
                "t10k-labels-idx1-ubyte")) {
            Files.write(folder.resolve(name), new byte[] {0, 0, 8, 1, 0, 0, 0, 9, 1, 2});
        }
        refused(List.of("fashion", "--data", folder.toString()), "train-images-idx3-ubyte: at byte 10", "cut off");
    }

    /** Pictures whose bright half tells two kinds apart. */
    private static void writePictures(Path folder, String part, int count) throws IOException {
        byte[] images = new byte[16 + count * 28 * 28];
        byte[] labels = new byte[8 + count];
        System.arraycopy(new byte[] {0, 0, 8, 3, 0, 0, 0, (byte) count, 0, 0, 0, 28, 0, 0, 0, 28}, 0, images, 0, 16);
        System.arraycopy(new byte[] {0, 0, 8, 1, 0, 0, 0, (byte) count}, 0, labels, 0, 8);
        for (int i = 0; i < count; i++) {
            labels[8 + i] = (byte) (i % 2);
            Arrays.fill(images, 16 + i * 784 + i % 2 * 392, 16 + i * 784 + i % 2 * 392 + 392, (byte) (100 + i));
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), images);
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "lenet", "resnet"})
    void everyModelOfFashionLearnsPictures(String net, @TempDir Path folder) throws IOException {
        writePictures(folder, "train", 100);
        writePictures(folder, "t10k", 20);
        Outcome outcome = nn("fashion", "--net", net, "--data", folder.toString(), "--epochs", "9");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("xavier uniform", "epoch  9 ", "100.00 % of 20 test pictures");
    }

    @Test
    void fashionNamesItsModelsAndAMissedAccuracyFails(@TempDir Path folder) throws IOException {
        refused(List.of("fashion", "--net", "alexnet"), "option --net is 'alexnet'; there are mlp, lenet, resnet");
        writePictures(folder, "train", 100);
        writePictures(folder, "t10k", 20);
        Path labels = folder.resolve("t10k-labels-idx1-ubyte");
        byte[] wrong = Files.readAllBytes(labels);
        Arrays.fill(wrong, 8, wrong.length, (byte) 9);
        Files.write(labels, wrong);
        Outcome outcome = nn("fashion", "--data", folder.toString());
        assertThat(outcome.code()).as("no accuracy of 0.88").isEqualTo(1);
        assertThat(outcome.text()).contains("NOT IN RANGE");
    }

    @Test
    void deepConvolutionsTellWhatTheyDo() {
        Outcome outcome = nn("deep", "--net", "conv", "--depth", "12", "--steps", "10");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text())
                .contains("12 tanh convolutions of 3 x 3 taps", "delta-orthogonal weights", "He weights", "step  10 ");
        refused(List.of("deep", "--net", "rnn"), "option --net is 'rnn'; there are dense, conv");
    }

    @Test
    void memoryComparesSevenLayers() {
        Outcome outcome = nn("memory", "--delay", "20", "--steps", "5");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text())
                .contains(
                        "LSTM, forget bias 1 ",
                        "LSTM, chrono biases ",
                        "tanh RNN, orthogonal ",
                        "ReLU RNN, identity ",
                        "LRU, eigenvalues anywhere ",
                        "LRU, eigenvalues near 1 ")
                .doesNotContain("accepted");
    }

    @Test
    void digitsAreLearnedByADenseNetwork() {
        Outcome outcome = nn("digits");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text())
                .contains("hidden1", "he normal", "xavier uniform", "1438 digits to learn from, 359 held");
    }

    @Test
    void digitsAreLearnedByARecurrentNetworkThatReadsRows() {
        Outcome outcome = nn("digits", "--rnn");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("Rnn 8 -> 96 (tanh)", "orthogonal");
    }

    @Test
    void theLicenceIsPredictedBetterThanByATableOfThreeCharacters() {
        Outcome outcome = nn("characters");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("9198 characters to learn from", "after two characters    3.04");
    }

    @Test
    void aTransformerOfCharactersBeginsAtEqualChancesAndWritesPastItsReach() {
        Outcome outcome = nn("characters", "--net", "transformer", "--epochs", "1", "--write", "70");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        Matcher first = Pattern.compile("first loss ([0-9.]+), that of equal chances ([0-9.]+)")
                .matcher(outcome.text());
        assertThat(first.find()).as(outcome.text()).isTrue();
        assertThat(Double.parseDouble(first.group(1))).isCloseTo(Double.parseDouble(first.group(2)), within(0.001));
        assertThat(outcome.text()).contains("scaled(normal(0, 0.02), 0.5)", "epoch   1 ", "  transformer ");
        refused(List.of("characters", "--net", "mlp"), "option --net is 'mlp'; there are lstm, transformer");
    }

    @Test
    void sunspotsAreForecastBetterThanByALinearRuleOfTwoYears() {
        Outcome outcome = nn("sunspots");
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("221 years to learn from, 88 held out", "linear in 2 years", "20.5");
    }

    @Test
    void claimsAreListedAndMeasuredByIdRowAndFamily(@TempDir Path folder) throws Exception {
        Outcome list = nn("claims", "--list", "symmetry", "V2");
        assertThat(list.code()).isZero();
        assertThat(list.text())
                .contains("symmetry: ", "    S3   ", "    V2   ", " false\n")
                .doesNotContain("V3 ");
        Path json = folder.resolve("found.json");
        Outcome measured = nn("claims", "--quick", "7", "--json", json.toString(), "--csv", folder.toString());
        assertThat(measured.code()).as(measured.text()).isZero();
        assertThat(measured.text()).contains("S5  text: ", " 0 outside their range");
        assertThat(json).content().contains("\"id\": \"S5\"");
        assertThat(folder.resolve("findings.csv")).content().contains("S5,");
    }

    @Test
    void aListOfClaimsHasNoMeasurementsToWrite(@TempDir Path folder) {
        for (String option : List.of("--json", "--csv", "--report")) {
            refused(
                    List.of("claims", "--list", option, folder.resolve("x").toString()),
                    "option " + option + " writes measurements, and --list makes none; leave out one of the two");
        }
        assertThat(folder).isEmptyDirectory();
    }

    /** A file that is written in place is a cut one after a kill, or on a full disk. */
    @Test
    void tablesReplaceOldOnesAsAWhole(@TempDir Path folder) throws Exception {
        Path table = Files.writeString(folder.resolve("S5.csv"), "old");
        Path second = Files.createLink(folder.resolve("second name"), table);
        new Destination("--csv", folder).writeAll(Map.of("S5.csv", "new"));
        assertThat(table).hasContent("new");
        assertThat(second).hasContent("old"); // nothing was written into the old file
        Path deep = folder.resolve("deep/er");
        new Destination("--csv", deep).writeAll(Map.of("S5.csv", "new", "findings.csv", "all"));
        assertThat(deep).isDirectoryContaining("glob:**/S5.csv").isDirectoryContaining("glob:**/findings.csv");
        try (Stream<Path> files = Files.list(deep)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void filesThatCannotBeWrittenAreRefusedBeforeAnythingIsMeasured(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        for (String option : List.of("--json", "--report")) {
            refused(List.of("claims", option, folder.toString()), "option " + option, "that is a folder; name a file");
            refused(
                    List.of("claims", option, folder.resolve("not/there").toString()),
                    "there is no folder",
                    "make it first");
            refused(List.of("claims", option, ""), "option " + option + " is empty");
        }
        refused(List.of("claims", "--csv", file.toString()), "option --csv", "that is a file; name a folder");
        refused(List.of("claims", "--csv", file.resolve("below").toString()), "option --csv", "no folder can be made");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void aTableReplacesNeitherAReadOnlyFileNorAFolder(@TempDir Path folder) throws Exception {
        Path other = Files.createDirectory(folder.resolve("S5-no.txt"));
        Path table = Files.writeString(folder.resolve("findings.csv"), "old");
        Files.setPosixFilePermissions(table, PosixFilePermissions.fromString("r--r--r--"));
        List<String> command = List.of("claims", "--quick", "7", "--csv", folder.toString());
        refused(command, "findings.csv", "that file is read-only");
        assertThat(table).hasContent("old");
        Files.delete(table);
        Files.createDirectory(table);
        refused(command, "findings.csv", "that is a folder");
        assertThat(other).isDirectory(); // no table has that name
    }

    @Test
    void oneFileForReportAndNumbersIsRefused(@TempDir Path folder) throws Exception {
        Path there = Files.writeString(folder.resolve("there"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), there);
        for (Path other : List.of(there, folder.resolve("x/../there"), link)) {
            Files.createDirectories(folder.resolve("x"));
            refused(
                    List.of("claims", "--quick", "7", "--json", there.toString(), "--report", other.toString()),
                    "options --json and --report name the same file",
                    "name two files");
        }
        String fresh = folder.resolve("fresh").toString();
        refused(List.of("claims", "--json", fresh, "--report", fresh), "name the same file");
        assertThat(there).hasContent("old");
    }

    @Test
    void aNameThatNoFileCanHaveIsRefusedBeforeAnythingIsMeasured(@TempDir Path folder) throws Exception {
        Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("not there"));
        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        for (String option : List.of("--json", "--report")) {
            refused(
                    List.of("claims", "--quick", "7", option, nowhere.toString()),
                    "a link to a file that does not exist");
            refused(List.of("claims", "--quick", "7", option, circle.toString()), "option " + option);
            refused(
                    List.of(
                            "claims",
                            "--quick",
                            "7",
                            option,
                            folder.resolve("x".repeat(256)).toString()),
                    "too long");
        }
        assertThat(nowhere).isSymbolicLink();
    }

    @Test
    void aFileIsNotOneThatTheTablesReplaceNorTheirFolder(@TempDir Path folder) throws Exception {
        String fresh = folder.resolve("fresh").toString();
        for (String option : List.of("--json", "--report")) {
            for (String file : List.of(fresh, folder.resolve("x/../fresh").toString())) {
                Files.createDirectories(folder.resolve("x"));
                refused(List.of("claims", "--quick", "7", "--csv", fresh, option, file), "where --csv writes too");
            }
            refused(
                    List.of("claims", "--quick", "7", "--csv", folder.toString(), option, fresh + ".csv"),
                    "where --csv writes too",
                    "name another file");
        }
    }

    @Test
    void aFileIsNotTheOneThatStandardOutputGoesTo(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        Path other = Files.createFile(folder.resolve("other"));
        assertThat(new Destination("--json", file).isOutput(link)).isTrue();
        assertThat(new Destination("--json", link).isOutput(file)).isTrue();
        assertThat(new Destination("--json", other).isOutput(file)).isFalse();
        assertThat(new Destination("--json", folder.resolve("fresh")).isOutput(file))
                .isFalse();
        assertThat(new Destination("--json", file).isOutput(folder.resolve("no device")))
                .isFalse();
    }

    @Test
    void aWrittenFileHasThePermissionsOfTheOldOneOrOfAnyNewFile(@TempDir Path folder) throws Exception {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path usual = Files.createFile(folder.resolve("usual"));
        Path fresh = folder.resolve("fresh.json");
        Path old = Files.createFile(folder.resolve("old.html"));
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-rw-r--"));
        Outcome outcome = nn("claims", "--quick", "7", "--json", fresh.toString(), "--report", old.toString());
        assertThat(outcome.code()).isZero();
        assertThat(Files.getPosixFilePermissions(fresh)).isEqualTo(Files.getPosixFilePermissions(usual));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(old)))
                .isEqualTo("rw-rw-r--");
        assertThat(old).content().startsWith("<!");
    }

    @Test
    void aFullDeviceDoesNotPreventTheOtherFiles(@TempDir Path folder) throws Exception {
        Path full = Path.of("/dev/full");
        assumeThat(Files.exists(full)).as("a device that is always full").isTrue();
        Path json = folder.resolve("found.json");
        Outcome outcome = nn("claims", "--quick", "7", "--report", full.toString(), "--json", json.toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.errors().replaceAll("\\s+", " "))
                .contains("option --report is '/dev/full': cannot be written", "No space left on device");
        assertThat(outcome.text()).contains("1 claim: 1 true");
        assertThat(json).content().contains("\"id\": \"S5\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"symmetry", "variance", "xavier", "he", "orthogonal", "dead-relu"})
    void everyStoryMeetsItsExpectations(String example) {
        for (String seed : List.of("1", "2", "3")) {
            Outcome outcome = nn(example, "--seed", seed);
            assertThat(outcome.code()).as(outcome.text()).isZero();
            assertThat(outcome.text())
                    .contains("expected ", "accepted ", "measured")
                    .doesNotContain("NOT IN RANGE");
        }
    }
}
