package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import nn.init.Init;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Rules of CONTRIBUTING that the class files of the library modules show, whichever way the source was written: a
 * static import, a method reference and a call name the same member in the constant pool.
 */
class CompiledRulesTest {
    /** A class of each library module. */
    private static final List<Class<?>> LIBRARY = List.of(Tensor.class, Init.class, Layer.class, Trainer.class);

    /** Functions whose last bits are not specified, and differ between JDKs. */
    private static final Set<String> UNSPECIFIED = Set.of(
            "exp", "expm1", "log", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
            "cosh", "tanh", "pow", "cbrt", "hypot");

    /** The same functions of the Vector API, whose bits depend on the machine as well. */
    private static final Set<String> UNSPECIFIED_OF_VECTORS = Set.of(
            "EXP", "EXPM1", "LOG", "LOG10", "LOG1P", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "SINH",
            "COSH", "TANH", "POW", "CBRT", "HYPOT");

    private static final String INCUBATOR = "jdk/incubator/";

    private static List<ClassModel> library;

    @BeforeAll
    static void readTheLibrary() throws Exception {
        library = new ArrayList<>();
        for (Class<?> one : LIBRARY) {
            library.addAll(moduleOf(one));
        }
    }

    /** The classes of the folder or jar that a class comes from. */
    private static List<ClassModel> moduleOf(Class<?> one) throws Exception {
        Path place =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<ClassModel> models;
        if (Files.isDirectory(place)) {
            models = read(place);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                models = read(jar.getPath("/"));
            }
        }
        assertThat(models).as("classes in %s", place).hasSizeGreaterThan(10);
        return models;
    }

    private static List<ClassModel> read(Path root) throws IOException {
        List<ClassModel> models = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                models.add(ClassFile.of().parse(Files.readAllBytes(file)));
            }
        }
        return models;
    }

    /** Uses of members that are given by the internal name of their class and their own name. */
    private static Set<String> uses(List<ClassModel> models, BiPredicate<String, String> forbidden) {
        Set<String> found = new TreeSet<>();
        models.forEach(model -> {
            for (PoolEntry entry : model.constantPool()) {
                if (entry instanceof MemberRefEntry member
                        && forbidden.test(
                                member.owner().asInternalName(), member.name().stringValue())) {
                    found.add(model.thisClass().asInternalName() + " uses "
                            + member.owner().asInternalName() + "."
                            + member.name().stringValue());
                }
            }
        });
        return found;
    }

    private static boolean prints(String owner, String name) {
        return owner.equals("java/lang/System")
                        && Set.of("out", "err", "console").contains(name)
                || owner.equals("java/lang/IO")
                || name.equals("printStackTrace");
    }

    private static boolean isUnspecified(String owner, String name) {
        return owner.equals("java/lang/Math") && UNSPECIFIED.contains(name)
                || owner.startsWith(INCUBATOR) && UNSPECIFIED_OF_VECTORS.contains(name);
    }

    @Test
    void libraryModulesPrintNothing() {
        assertThat(uses(library, CompiledRulesTest::prints))
                .as("return values, throw, or log")
                .isEmpty();
    }

    @Test
    void noFunctionOfUnspecifiedBitsIsUsedWhereAWeightMayDependOnIt() {
        assertThat(uses(library, CompiledRulesTest::isUnspecified))
                .as("take StrictMath, or a kernel of nn.tensor")
                .isEmpty();
    }

    /** The measurements of the claims have a fingerprint, too. */
    @Test
    void noMeasurementDependsOnAFunctionOfUnspecifiedBits() throws Exception {
        assertThat(uses(moduleOf(Main.class), CompiledRulesTest::isUnspecified))
                .as("take StrictMath, or a kernel of nn.tensor")
                .isEmpty();
    }

    /** Where the JVM has no such instruction, {@code Math.fma} takes half a microsecond. */
    @Test
    void onlyFmaCallsMathFma() {
        assertThat(uses(library, (owner, name) -> owner.equals("java/lang/Math") && name.equals("fma")))
                .as("take nn.tensor.Fma, which is fast on every JVM and has the same bits")
                .containsExactlyInAnyOrder(
                        "nn/tensor/internal/math/Fused uses java/lang/Math.fma",
                        "nn/tensor/internal/math/SlowFma uses java/lang/Math.fma");
    }

    /** Nothing found in the library means something only if the search finds what is there. */
    @Test
    void theLauncherPrintsAndThisTestUsesSuchAFunctionAndBothAreFound() throws Exception {
        assertThat(uses(moduleOf(Main.class), CompiledRulesTest::prints)).isNotEmpty();
        assertThat(Math.exp(0)).isEqualTo(1);
        try (InputStream in = CompiledRulesTest.class.getResourceAsStream("CompiledRulesTest.class")) {
            ClassModel own = ClassFile.of().parse(in.readAllBytes());
            assertThat(uses(List.of(own), CompiledRulesTest::isUnspecified))
                    .containsExactly("nn/examples/CompiledRulesTest uses java/lang/Math.exp");
        }
    }

    /** So no type of the Vector API can be in a signature of an exported package. */
    @Test
    void onlyTheKernelsNameTheVectorApi() {
        List<String> found = library.stream()
                .filter(model -> texts(model).stream().anyMatch(text -> text.contains(INCUBATOR)))
                .map(model -> model.thisClass().asInternalName())
                .toList();
        assertThat(found)
                .as("only nn.tensor.internal may use the Vector API")
                .isNotEmpty()
                .allMatch(name -> name.startsWith("nn/tensor/internal/") || name.equals("module-info"))
                .as("a driver calls the kernels that are active")
                .noneMatch(name -> name.startsWith("nn/tensor/internal/driver/"));
    }

    /** C2 inlines no method with more bytes of code: FreqInlineSize. */
    private static final int MOST_INLINED = 325;

    private static int codeLength(String owner, String name) {
        ClassModel model = library.stream()
                .filter(one -> one.thisClass().asInternalName().equals(owner))
                .findFirst()
                .orElseThrow();
        MethodModel method = model.methods().stream()
                .filter(one -> one.methodName().equalsString(name))
                .findFirst()
                .orElseThrow();
        return method.findAttribute(Attributes.code()).orElseThrow().codeLength();
    }

    /**
     * Compiled by itself, {@code Trainer.step} would be too large to be inlined if it contained all of a step, and
     * would make a report for every caller, also for one that keeps none.
     */
    @Test
    void aStepOfATrainerIsInlinedIntoALoopButNotWhatItRuns() {
        assertThat(codeLength("nn/train/TrainingStep", "run")).isGreaterThan(MOST_INLINED);
        assertThat(codeLength("nn/train/Trainer", "step")).isLessThan(MOST_INLINED);
    }

    /** The most parameters of a method of the kernels. */
    private static final int MOST_PARAMETERS = 10;

    /**
     * The innermost tiles of products, written by TileWriter. Each is one loop that has all it needs in registers, and
     * whoever calls one reads sizes and steps from a descriptor.
     */
    private static final Set<String> INNERMOST_TILES = Set.of(
            "nn/tensor/internal/product/VectorTiles",
            "nn/tensor/internal/product/VectorTreeTiles",
            "nn/tensor/internal/product/VectorSteps",
            "nn/tensor/internal/product/VectorSquares",
            "nn/tensor/internal/product/VectorDoubleTiles",
            "nn/tensor/internal/window/VectorWindowTiles");

    /** Methods of some classes with more than ten parameters; what a lambda captures is no parameter of a source. */
    private static List<String> longSignatures(List<ClassModel> models, String prefix) {
        List<String> found = new ArrayList<>();
        for (ClassModel model : models) {
            String name = model.thisClass().asInternalName();
            if (name.startsWith(prefix)) {
                for (MethodModel method : model.methods()) {
                    int parameters = method.methodTypeSymbol().parameterCount();
                    if (parameters > MOST_PARAMETERS && !method.flags().has(AccessFlag.SYNTHETIC)) {
                        found.add(name + "." + method.methodName().stringValue());
                    }
                }
            }
        }
        return found;
    }

    @Test
    void kernelsTakeDescriptorsInsteadOfManyParameters() {
        List<String> found = new ArrayList<>(longSignatures(library, "nn/tensor/internal/"));
        found.addAll(longSignatures(library, "nn/train/optimizer/"));
        List<String> tiles = found.stream()
                .filter(method -> INNERMOST_TILES.contains(method.substring(0, method.indexOf('.'))))
                .toList();
        assertThat(tiles).as("the search finds what is there").isNotEmpty();
        found.removeAll(tiles);
        assertThat(found)
                .as("more than %s parameters: take an Operand for each tensor, or a descriptor", MOST_PARAMETERS)
                .isEmpty();
    }

    /**
     * C2 inlines a method of the kernels only by the profile of its caller, which may not be mature yet. Left as a
     * call, it makes an object of each vector, for the life of the program. The three that are found make constants.
     */
    @Test
    void noMethodHasAVectorAsArgumentOrResult() {
        List<String> found = new ArrayList<>();
        for (ClassModel model : library) {
            for (MethodModel method : model.methods()) {
                if (method.methodType().stringValue().contains(INCUBATOR)) {
                    found.add(model.thisClass().asInternalName() + "."
                            + method.methodName().stringValue());
                }
            }
        }
        String squares = "nn/tensor/internal/product/VectorSquares.";
        assertThat(found)
                .as("a loop on vectors has all its steps in place")
                .containsExactlyInAnyOrder(squares + "even", squares + "odd", squares + "floats");
    }

    private static List<String> texts(ClassModel model) {
        List<String> texts = new ArrayList<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof Utf8Entry text) {
                texts.add(text.stringValue());
            }
        }
        return texts;
    }
}
