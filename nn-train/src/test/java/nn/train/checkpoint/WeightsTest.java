package nn.train.checkpoint;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.Trainer;
import nn.train.checkpoint.LoadPlan.Outcome;
import nn.train.io.DataFormatException;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    private Path folder;

    private static Network network(long seed) {
        return Network.builder(Key.of(seed))
                .input(3)
                .dense("trunk", 4)
                .relu()
                .dense("head", 2)
                .build();
    }

    private static Tensor normal(long seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).normal(tensor, 0, 1);
        return tensor;
    }

    /** A file of another program, in its own names: an encoder of 3 -> 4, and a classifier of 4 -> 10. */
    private static SequencedMap<String, Tensor> tensors() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("encoder.weight", normal(1, 4, 3));
        tensors.put("encoder.bias", normal(2, 4));
        tensors.put("classifier.weight", normal(3, 10, 4));
        tensors.put("classifier.bias", normal(4, 10));
        return tensors;
    }

    private static byte[] bytes(SequencedMap<String, Tensor> tensors) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Safetensors(tensors, new LinkedHashMap<>()).content().writeTo(out);
        return out.toByteArray();
    }

    private static Weights weights() throws IOException {
        return Weights.from(bytes(tensors()));
    }

    private static List<String> bits(Layer model) {
        return model.parameters().stream().map(p -> p.value().sha256()).toList();
    }

    @Test
    void aPartOfAModelTakesAPartOfAFileAndAllElseStays() throws IOException {
        Network model = network(1);
        LoadPlan done = weights().rename("encoder.", "trunk.").only("trunk.").load(model);
        assertThat(model.parameter("trunk.weight").value())
                .isBitEqualTo(normal(1, 4, 3).transpose());
        assertThat(model.parameter("trunk.bias").value()).isBitEqualTo(normal(2, 4));
        assertThat(bits(model).subList(2, 4)).isEqualTo(bits(network(1)).subList(2, 4));
        assertThat(done.names(Outcome.TAKEN)).containsExactly("trunk.weight", "trunk.bias");
        assertThat(done.names(Outcome.SKIPPED))
                .containsExactly("head.weight", "head.bias", "classifier.weight", "classifier.bias");
        Network other = network(1);
        weights().rename("encoder.", "trunk.").without("head.*", "classifier.*").load(other);
        assertThat(bits(other)).isEqualTo(bits(model));
    }

    @Test
    void aPlanListsEveryTensorAndChangesNothing() throws IOException {
        Network model = network(1);
        LoadPlan plan = weights()
                .rename("encoder.*", "trunk.*")
                .rename("classifier.weight", "head.weight")
                .without("*.bias")
                .plan(model);
        assertThat(plan.isComplete()).isFalse();
        assertThat(plan).hasToString("""
            1 taken, 3 skipped, 0 missing, 0 unexpected, 1 refused
            outcome     tensor           in the file        shape
            taken       trunk.weight     encoder.weight     [4 x 3]
            skipped     trunk.bias       encoder.bias       [4]       left out by choice
            refused     head.weight      classifier.weight  [10 x 4]  is [10 x 4] in the file; the model needs [2 x 4]
            skipped     head.bias                           [2]       left out by choice
            skipped     classifier.bias  classifier.bias    [10]      left out by choice
            """);
        assertThat(bits(model)).isEqualTo(bits(network(1)));
    }

    @Test
    void aPlanShowsLongNamesInFullAndEscapesInvisibleCharacters() throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        String name = "a\u200b" + "long.".repeat(20);
        tensors.put(name, normal(1, 2));
        assertThat(Weights.from(bytes(tensors)).plan(network(1)).toString())
                .contains("unexpected  a\\u200b" + "long.".repeat(20) + "  a\\u200b" + "long.".repeat(20) + "  [2]");
    }

    @Test
    void whatDoesNotFitIsListedAndNothingIsChanged() throws IOException {
        Network model = network(1);
        SequencedMap<String, Tensor> tensors = tensors();
        tensors.put("trunk.weight", tensors.remove("encoder.weight"));
        tensors.put("trunk.bias", Tensor.of(new float[] {0, 1, Float.NaN, 3}, 4));
        tensors.put("head.weight", normal(1, 4, 2));
        Weights weights = Weights.from(bytes(tensors));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.without("classifier.").load(model))
                .withMessageContaining(" in the layout TORCH does not fit the model, and nothing was changed:\n"
                        + "  'trunk.bias' has NaN in row 2\n"
                        + "  'head.weight' is [4 x 2] in the file; the model needs [2 x 4]\n"
                        + "  'head.bias' is missing: the model needs [2]\n"
                        + "  'encoder.bias' [4] has no place in the model\n"
                        + "rename(...) maps names, without(...) leaves tensors out;");
        assertThat(bits(model)).isEqualTo(bits(network(1)));
        LoadPlan plan = weights.without("classifier.").plan(model);
        assertThat(plan.names(Outcome.MISSING)).containsExactly("head.bias");
        assertThat(plan.names(Outcome.UNEXPECTED)).containsExactly("encoder.bias");
        assertThat(plan.names(Outcome.REFUSED)).containsExactly("trunk.bias", "head.weight");
    }

    @Test
    void aModelThatIsBeingTrainedIsNotChanged() throws IOException {
        Network model = network(1);
        Weights weights = weights().rename("encoder.", "trunk.").only("trunk.");
        model.parameter("trunk.weight").claim();
        assertThatIllegalStateException()
                .isThrownBy(() -> weights.load(model))
                .withMessageContaining("'trunk.weight' is being trained");
        assertThat(bits(model)).isEqualTo(bits(network(1)));
    }

    @Test
    void everyStarKeepsItsTextWhichIsAsShortAsPossible() throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : List.of("a.b.c", "a.x", "aa.b", "none")) {
            tensors.put(name, normal(1, 1));
        }
        Weights weights = Weights.from(bytes(tensors)).rename("*a*.*", "<*|*|*>");
        assertThat(weights.plan(network(1)).names(Outcome.UNEXPECTED))
                .containsExactly("<||b.c>", "<||x>", "<|a|b>", "none");
    }

    @Test
    void aPatternThatMatchesNothingIsRefused() throws IOException {
        Weights weights = weights();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.rename("encodr.*", "trunk.*"))
                .withMessageStartingWith("rename(\"encodr.*\", \"trunk.*\"): no tensor of ")
                .withMessageEndingWith("there are [encoder.weight, encoder.bias, classifier.weight, classifier.bias]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.only("trnk.").plan(network(1)))
                .withMessageStartingWith("only: 'trnk.' matches no tensor of ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.without("trnk.").plan(network(1)))
                .withMessageStartingWith("without: 'trnk.' matches no tensor of ");
        assertThatIllegalArgumentException()
                .isThrownBy(weights::only)
                .withMessageStartingWith("only: there is no pattern");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.rename("encoder.*", "trunk"))
                .withMessage("rename(\"encoder.*\", \"trunk\"): the first pattern has 1 star and the second 0 stars;"
                        + " each star of the second stands for the text of one of the first");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.rename("encoder.", ""))
                .withMessage("rename(\"encoder.\", \"\"): the first pattern has 1 star (the dot at its end stands for"
                        + " '.*') and the second 0 stars; each star of the second stands for the text of one of the"
                        + " first. To take the prefix away: rename(\"encoder.*\", \"*\")");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.rename("classifier.*", "encoder.*"))
                .withMessageContaining("two tensors would be named 'encoder.weight', those that the file names"
                        + " 'encoder.weight' and 'classifier.weight'");
    }

    @Test
    void aTensorMayGiveTwoParametersTheirValues() throws IOException {
        Network model = Network.builder(Key.of(1))
                .input(4)
                .dense("one", 4)
                .dense("two", 4)
                .build();
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("one.weight", normal(1, 4, 4));
        tensors.put("one.bias", normal(2, 4));
        Weights.from(bytes(tensors)).repeat("one.", "two.").load(model);
        assertThat(model.parameter("two.weight").value())
                .isBitEqualTo(model.parameter("one.weight").value());
        assertThat(model.parameter("two.bias").value()).isBitEqualTo(normal(2, 4));
    }

    private static Network tied() {
        Embedding words = Embedding.of(6, 4, Key.of(1));
        return Network.builder(Key.of(1))
                .tokens()
                .layer("words", words)
                .layer("head", words.tied())
                .build();
    }

    @ParameterizedTest
    @CsvSource({"TORCH", "NN"})
    void aSharedParameterIsFoundUnderEachOfItsNames(Layout layout) throws IOException {
        for (List<String> names :
                List.of(List.of("words.weight"), List.of("head.weight"), List.of("words.weight", "head.weight"))) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            names.forEach(name -> tensors.put(name, normal(1, 6, 4)));
            Network model = tied();
            LoadPlan done = Weights.from(bytes(tensors)).layout(layout).load(model);
            assertThat(model.parameter("words.weight").value()).isBitEqualTo(normal(1, 6, 4));
            assertThat(done.names(Outcome.TAKEN)).containsExactly("words.weight");
            assertThat(done.entries().getFirst().inFile()).isEqualTo(names.getFirst());
        }
    }

    @Test
    void copiesOfASharedParameterMustBeEqual() throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("words.weight", normal(1, 6, 4));
        tensors.put("head.weight", normal(2, 6, 4));
        Weights weights = Weights.from(bytes(tensors));
        Network model = tied();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.load(model))
                .withMessageContaining("'head.weight' has other numbers than 'words.weight', but the model has one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.without("words.").load(model))
                .withMessageContaining(
                        "'head.weight' is also 'words.weight', which is not taken: take both or neither");
        weights.without("head.").load(model);
        assertThat(model.parameter("words.weight").value()).isBitEqualTo(normal(1, 6, 4));
    }

    @Test
    void aSecondBiasIsAddedOrLeftOut() throws IOException {
        Layer model = Rnn.units(2).create(Shape.of(5, 1, 3), Key.of(1));
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", normal(1, 2, 3));
        tensors.put("weight_hh_l0", normal(2, 2, 2));
        tensors.put("bias_ih_l0", Tensor.full(1, 2));
        tensors.put("bias_hh_l0", Tensor.full(2, 2));
        Weights weights = Weights.from(bytes(tensors));
        weights.load(model);
        assertThat(model.parameter("bias").value().toArray()).containsExactly(3, 3);
        weights.without("bias_hh_l0").load(model);
        assertThat(model.parameter("bias").value().toArray()).containsExactly(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.without("bias_ih_l0").load(model))
                .withMessageContaining("'bias_hh_l0' is added to 'bias', which is not taken: take both or neither");
    }

    /** The bits of 1.5, -0.25, 65504 (the largest half) and 2^-24 (the smallest one), in three types. */
    @Test
    void halfPrecisionAndBfloat16AreExact() throws IOException {
        assertThat(numbers("F16", new short[] {0x3E00, (short) 0xB400, 0x7BFF, 0x0001}))
                .containsExactly(1.5f, -0.25f, 65504, 0x1p-24f);
        assertThat(numbers("BF16", new short[] {0x3FC0, (short) 0xBE80, 0x7F7F, 0x3380}))
                .containsExactly(1.5f, -0.25f, 0x1.fep127f, 0x1p-24f);
    }

    private static float[] numbers(String type, short[] bits) throws IOException {
        byte[] header = ("{\"bias\":{\"dtype\":\"" + type + "\",\"shape\":[4],\"data_offsets\":[0,8]}}")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        for (short one : bits) {
            file.putShort(one);
        }
        Layer model = Dense.of(1, 4, Key.of(1));
        Weights.from(file.array()).only("bias").load(model);
        return model.parameter("bias").value().toArray();
    }

    @Test
    void aFileOfThisLibraryStatesItsLayout() throws IOException {
        Path file = folder.resolve("own.safetensors");
        Network model = network(1);
        for (Layout layout : Layout.values()) {
            Checkpoint.saveWeights(file, model, layout);
            Network other = network(2);
            Weights.from(file).load(other);
            assertThat(bits(other)).isEqualTo(bits(model));
        }
        Checkpoint.save(file, new Trainer(model, new MeanSquaredError(), Sgd.of(0.1), Key.of(1)));
        Network other = network(2);
        Weights.from(file).load(other);
        assertThat(bits(other)).isEqualTo(bits(model));
        new Safetensors(tensors(), new LinkedHashMap<>(Map.of("nn.layout", "OTHER"))).write(file);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Weights.from(file))
                .withMessageContaining("it states the layout OTHER; this version reads [NN, TORCH]");
    }

    @Test
    void weightsComeFromAStreamAnArrayAResourceAndAZipArchive() throws IOException {
        byte[] whole = bytes(tensors());
        assertThat(Weights.from(new ByteArrayInputStream(whole), "a stream"))
                .hasToString("a stream in the layout TORCH:" + " 4 tensors");
        assertThat(Weights.from(whole)).hasToString(whole.length + " bytes in the layout TORCH: 4 tensors");
        assertThat(Weights.fromResource(WeightsTest.class, "/golden/mlp.safetensors")
                        .toString())
                .startsWith("/golden/mlp.safetensors in the layout TORCH: ");
        assertThatExceptionOfType(FileNotFoundException.class)
                .isThrownBy(() -> Weights.fromResource(WeightsTest.class, "none.safetensors"))
                .withMessageStartingWith(
                        "there is no resource none.safetensors next to nn.train.checkpoint.WeightsTest");
        Path archive = folder.resolve("models.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            writeShards(zip.getPath("/"));
        }
        try (FileSystem zip = FileSystems.newFileSystem(archive)) {
            requireComplete(Weights.from(zip.getPath("/one.safetensors")), 2);
            requireComplete(Weights.from(zip.getPath("/" + INDEX)), 4);
        }
    }

    private static void requireComplete(Weights weights, int count) {
        assertThat(weights.plan(network(1)).entries().stream()
                        .filter(entry -> !entry.inFile().isEmpty()))
                .hasSize(count);
    }

    @Test
    void everyPrefixOfAStreamIsRefusedAndSoIsWhatFollowsIt() throws IOException {
        byte[] whole = bytes(tensors());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Weights.from(cut));
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Weights.from(longer))
                .withMessageContaining("at byte " + whole.length + ": more bytes follow the last tensor");
    }

    @Test
    void aStreamThatClaimsMuchTakesLittleMemory() {
        byte[] header = "{\"t\":{\"dtype\":\"F32\",\"shape\":[400000000],\"data_offsets\":[0,1600000000]}}"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] file = ByteBuffer.allocate(8 + header.length + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
        long allocated = Allocation.soFar();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Weights.from(file))
                .withMessageContaining("the file was cut off");
        assertThat(Allocation.soFar() - allocated).isLessThan(16 << 20);
    }

    private void writeShards(Path to) throws IOException {
        SequencedMap<String, Tensor> one = tensors();
        SequencedMap<String, Tensor> two = new LinkedHashMap<>();
        two.put("classifier.weight", one.remove("classifier.weight"));
        two.put("encoder.bias", one.remove("encoder.bias"));
        Files.write(to.resolve("one.safetensors"), bytes(one));
        Files.write(to.resolve("two.safetensors"), bytes(two));
        Files.writeString(to.resolve(INDEX), """
            {"metadata": {"total_size": 1.5e3, "more": [null, true, {"a": "b"}]},
             "weight_map": {"encoder.weight": "one.safetensors", "encoder.bias": "two.safetensors",
               "classifier.weight": "two.safetensors", "classifier.bias": "one.safetensors"}}
            """);
    }

    @Test
    void anIndexJoinsItsShards() throws IOException {
        writeShards(folder);
        Network model = Network.builder(Key.of(1))
                .input(3)
                .dense("encoder", 4)
                .dense("classifier", 10)
                .build();
        assertThat(Weights.from(folder.resolve(INDEX)).load(model).names(Outcome.TAKEN))
                .containsExactlyElementsOf(tensors().keySet());
        tensors()
                .forEach((name, tensor) -> assertThat(model.parameter(name).value())
                        .isBitEqualTo(tensor.shape().rank() == 2 ? tensor.transpose() : tensor));
    }

    private void requireRefused(String index, String problem) throws IOException {
        Path file = Files.writeString(folder.resolve(INDEX), index);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Weights.from(file))
                .withMessageStartingWith(file + ": at byte ")
                .withMessageContaining(problem);
    }

    @Test
    void anIndexThatLiesIsRefused() throws IOException {
        writeShards(folder);
        String index = Files.readString(folder.resolve(INDEX));
        requireRefused(
                index.replace("\"encoder.weight\": \"one", "\"encoder.weight\": \"two"),
                "it says that \"encoder.weight\" is in \"two.safetensors\", which has no such tensor");
        requireRefused(
                index.replace("\"encoder.bias\": \"two.safetensors\",", ""),
                "it does not say that \"two.safetensors\" has [encoder.bias]");
        requireRefused(
                index.replace("encoder.bias", "other.bias"),
                "it says that \"other.bias\" is in \"two.safetensors\", which has no such tensor");
        for (String outside : List.of("../one.safetensors", "/one", "a/b", "..\\\\one", "", "..", "C:one")) {
            requireRefused(index.replace("one.safetensors", outside), "must be the name of a file next to the index");
        }
        requireRefused("{\"weight_map\": {}}", "it has no weight_map, or an empty one");
        requireRefused("{\"metadata\": {}}", "it has no weight_map, or an empty one");
        requireRefused("[1]", "it must begin with '{'");
        requireRefused("", "it must begin with '{'");
        requireRefused(index + "x", "only whitespace may follow");
        requireRefused("{\"metadata\": " + "[".repeat(1000), "nested deeper than 32 levels");
        requireRefused("{\"metadata\": nul}", "expected a value, got 'n'");
        requireRefused("{\"weight_map\": {\"a\": 1}}", "expected a string, got '1'");
        requireRefused("{\"weight_map\": {\"a\": \"b\", \"a\": \"c\"}}", "the name \"a\" occurs twice");
        for (int length = 0; length < index.stripTrailing().length(); length++) {
            requireRefused(index.substring(0, length), "index: ");
        }
    }

    @Test
    void aMissingOrDamagedShardIsRefused() throws IOException {
        writeShards(folder);
        Path index = folder.resolve(INDEX);
        Path shard = folder.resolve("two.safetensors");
        byte[] whole = Files.readAllBytes(shard);
        whole[whole.length - 1] ^= 1;
        Files.write(shard, whole);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Weights.from(index))
                .withMessageStartingWith(shard + ": at byte ")
                .withMessageContaining("it was damaged");
        Files.delete(shard);
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Weights.from(index))
                .withMessageContaining(
                        "its shard two.safetensors is missing, one of 2: put all of them next to the index");
    }
}
