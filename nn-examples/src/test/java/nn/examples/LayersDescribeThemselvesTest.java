package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Recurrent;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.train.Trainer;
import org.junit.jupiter.api.Test;

/**
 * Whoever uses layers asks them what they are by methods that every layer may override, and not by their class: so a
 * layer of a user's is treated as a built-in one is. Read from the compiled classes of nn.train and of {@link Network}.
 */
class LayersDescribeThemselvesTest {
    /** The layers and factories of the library; interfaces of the protocol, such as {@link Recurrent}, are none. */
    private static SortedSet<String> concreteLayers() throws IOException, URISyntaxException {
        SortedSet<String> layers = new TreeSet<>();
        for (ClassModel model : CompiledClasses.withThoseOf(Layer.class)) {
            Class<?> type = load(model);
            if (!type.isInterface()
                    && (Layer.class.isAssignableFrom(type) || LayerFactory.class.isAssignableFrom(type))) {
                layers.add(type.getName());
            }
        }
        assertThat(layers).contains(Dense.class.getName(), Activation.class.getName(), Rnn.Config.class.getName());
        return layers;
    }

    private static Class<?> load(ClassModel model) {
        try {
            return Class.forName(CompiledClasses.nameOf(model), false, Layer.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** Every place where some classes test, cast to, or name the class of a concrete layer. */
    private static List<String> questions(List<ClassModel> models) throws IOException, URISyntaxException {
        SortedSet<String> layers = concreteLayers();
        List<String> questions = new ArrayList<>();
        for (ClassModel model : models) {
            for (MethodModel method : model.methods()) {
                method.code().stream()
                        .flatMap(code -> code.elementStream())
                        .flatMap(LayersDescribeThemselvesTest::askedFor)
                        .map(type -> type.descriptorString()
                                .replaceAll("^\\[*L|;$", "")
                                .replace('/', '.'))
                        .filter(layers::contains)
                        .map(layer -> CompiledClasses.nameOf(model) + "." + method.methodName() + " asks for " + layer)
                        .forEach(questions::add);
            }
        }
        return questions;
    }

    /** instanceof and casts, the cases of a switch by pattern, and class literals. */
    private static Stream<ClassDesc> askedFor(CodeElement element) {
        return switch (element) {
            case TypeCheckInstruction check -> Stream.of(check.type().asSymbol());
            case InvokeDynamicInstruction call
            when call.name().equalsString("typeSwitch") ->
                call.bootstrapArgs().stream().flatMap(LayersDescribeThemselvesTest::types);
            case ConstantInstruction constant -> types(constant.constantValue());
            default -> Stream.empty();
        };
    }

    private static Stream<ClassDesc> types(ConstantDesc constant) {
        return constant instanceof ClassDesc type ? Stream.of(type) : Stream.empty();
    }

    @Test
    void nothingAboveTheLayersAsksForTheClassOfOne() throws IOException, URISyntaxException {
        List<ClassModel> models = CompiledClasses.withThoseOf(Trainer.class);
        assertThat(models).hasSizeGreaterThan(100);
        assertThat(questions(models)).isEmpty();
    }

    @Test
    void aNetworkAsksOnlyForNetworksWhoseLayersItRunsAsItsOwn() throws IOException, URISyntaxException {
        List<ClassModel> models = CompiledClasses.withThoseOf(Layer.class).stream()
                .filter(model -> load(model).getNestHost() == Network.class)
                .toList();
        assertThat(models).hasSizeGreaterThan(1);
        assertThat(questions(models))
                .isNotEmpty()
                .allSatisfy(question -> assertThat(question).endsWith(" asks for " + Network.class.getName()));
    }

    /** Asks in all the ways there are. */
    private static final class Curious {
        static boolean byTest(Layer layer) {
            return layer instanceof Dense;
        }

        static Activation byCast(Layer layer) {
            return (Activation) layer;
        }

        static int bySwitch(Layer layer) {
            return switch (layer) {
                case Rnn rnn when rnn.units() > 1 -> rnn.units();
                case Recurrent recurrent -> recurrent.inputs();
                default -> 0;
            };
        }

        static boolean byName(Layer layer) {
            return layer.getClass() == Network.class;
        }

        static boolean asIsRight(Layer layer) {
            return layer instanceof Recurrent || layer.activation().isPresent();
        }
    }

    @Test
    void everyWayOfAskingIsFound() throws IOException, URISyntaxException {
        String asking = Curious.class.getName() + ".";
        // A case of a switch is found twice, as it is a cast, too.
        assertThat(questions(List.of(CompiledClasses.of(Curious.class))))
                .containsOnly(
                        asking + "byTest asks for " + Dense.class.getName(),
                        asking + "byCast asks for " + Activation.class.getName(),
                        asking + "bySwitch asks for " + Rnn.class.getName(),
                        asking + "byName asks for " + Network.class.getName());
    }
}
