package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import nn.init.DeepNorm;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.graph.Node;
import nn.layers.network.LastValidStep;
import nn.layers.network.Masking;
import nn.layers.network.Network;
import nn.layers.network.Predictor;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.preset.Preset;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Ring;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.shape.TimeMajor;
import nn.layers.testing.GradientCheck;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Null as any argument of any public method or constructor is refused by a NullPointerException that names it. */
class NullTest {
    /** Methods of a context that ignore an argument unless they are overridden. */
    private static final Set<String> NOTHING_BY_DEFAULT =
            Set.of("firstState", "lastState", "carried", "carry", "afterBackward");

    private static final Key KEY = Key.of(47);

    /** A class, and an object to call its methods on. */
    private record Subject(Class<?> type, Optional<Object> instance) {
        static Subject of(Object instance) {
            return new Subject(instance.getClass(), Optional.of(instance));
        }

        static Subject statics(Class<?> type) {
            return new Subject(type, Optional.empty());
        }
    }

    private static List<Subject> subjects() {
        Shape sequence = Shape.of(Shape.ANY, Shape.ANY, 3);
        Shape batch = Shape.of(Shape.ANY, 3);
        Dense dense = Dense.of(3, 3, KEY);
        Lstm lstm = Lstm.units(3).create(3, KEY);
        return List.of(
                Subject.of(dense),
                Subject.of(Dense.units(3)),
                Subject.of(GatedDense.hidden(3)),
                Subject.of(GatedDense.hidden(3).create(batch, KEY)),
                Subject.of(Activation.RELU),
                Subject.of(new Softmax()),
                Subject.of(PRelu.standard()),
                Subject.of(PRelu.standard().create(batch, KEY)),
                Subject.statics(PRelu.class),
                Subject.of(Attention.heads(3)),
                Subject.of(Attention.heads(3).create(3, KEY)),
                Subject.statics(Attention.class),
                Subject.of(Rotary.halves()),
                Subject.of(LearnedPositions.of(3)),
                Subject.of(LearnedPositions.of(3).create(3, KEY)),
                Subject.of(SinusoidalPositions.of()),
                Subject.of(new Dropout(0.5, KEY)),
                Subject.of(new Flatten()),
                Subject.of(Reshape.to(3)),
                Subject.of(new LastStep()),
                Subject.of(new TimeMajor()),
                Subject.of(BatchNorm.standard()),
                Subject.of(BatchNorm.standard().create(batch, KEY)),
                Subject.of(LayerNorm.standard()),
                Subject.of(LayerNorm.standard().create(batch, KEY)),
                Subject.of(GroupNorm.instance()),
                Subject.of(GroupNorm.groups(1).create(batch, KEY)),
                Subject.of(RmsNorm.epsilon(1e-5)),
                Subject.of(RmsNorm.epsilon(1e-5).create(batch, KEY)),
                Subject.of(Dropout.of(0.5)),
                Subject.of(Embedding.of(3, 3)),
                Subject.of(Embedding.of(3, 3, KEY)),
                Subject.of(Preset.zeroLast()),
                Subject.statics(Preset.class),
                Subject.of(new ResidualBranch(dense.parameters())),
                Subject.of(Residual.of(b -> b.dense("a", 3)).create(batch, KEY)),
                Subject.of(Residual.of(b -> b.dense("a", 3))),
                Subject.of(Residual.of(b -> b.dense("a", 3))
                        .learnedGain(0)
                        .shortcut(b -> b.dense("b", 3))
                        .create(batch, KEY)),
                Subject.of(Rnn.units(3)),
                Subject.of(Rnn.units(3).create(3, KEY)),
                Subject.of(Lstm.units(3)),
                Subject.of(lstm),
                Subject.of(lstm.gate("input")),
                Subject.of(Gru.units(3).create(3, KEY)),
                Subject.of(LinearRecurrence.states(3)),
                Subject.of(LinearRecurrence.states(3).create(3, KEY)),
                Subject.of(new Ring(0.5, 0.9, 1)),
                Subject.of(Stacked.of(Rnn.units(3))),
                Subject.of(Stacked.of(Rnn.units(3)).create(sequence, KEY)),
                Subject.of(Bidirectional.of(Rnn.units(3))),
                Subject.of(Bidirectional.of(Rnn.units(3)).create(sequence, KEY)),
                Subject.of(LastValidStep.of(Rnn.units(3), 0).create(sequence, KEY)),
                Subject.of(new Carry()),
                Subject.of(Masking.of(0, body -> body.rnn("a", 3)).create(sequence, KEY)),
                Subject.statics(Masking.class),
                Subject.of(new MeanOverTime()),
                Subject.of(new MaxOverTime()),
                Subject.statics(Lengths.class),
                Subject.of(new Workspace()),
                Subject.statics(Context.class),
                Subject.of(Network.builder(KEY).input(3).dense("a", 3).build()),
                Subject.of(Network.builder(KEY)),
                Subject.of(Predictor.of(dense)),
                Subject.of(new Gradients(dense.parameters())),
                Subject.of(new PartProducts(2)),
                Subject.of(new BatchParts(Context.inference(), dense.parameters())),
                Subject.of(dense.weight()),
                Subject.of(dense.forward(Tensor.zeros(2, 3), Context.inference())),
                Subject.of(Recurrent.State.of(Tensor.zeros(2, 3))),
                Subject.of(GradientCheck.standard()),
                Subject.of(LayerContract.standard()),
                Subject.of(new ReleaseCheck(Context.inference())),
                Subject.of(dense.linearMap().orElseThrow()),
                Subject.of(WeightMapping.of("a", dense.weight())),
                Subject.of(WeightMapping.of("a", dense.weight()).parts().getFirst()),
                Subject.of(run(Rnn.units(3).create(3, KEY))));
    }

    private static Pass run(Recurrent layer) {
        return layer.forward(Tensor.zeros(2, 2, 3), Context.inference());
    }

    /** Returns a valid argument for each type of parameter; methods that take sequences get one. */
    private static Map<Class<?>, Object> arguments(Subject subject) {
        Dense dense = Dense.of(3, 3, KEY);
        boolean sequences = subject.instance()
                .filter(instance -> instance instanceof Recurrent
                        || instance instanceof Recurrent.Factory
                        || instance instanceof RecurrentPass
                        || instance instanceof Bidirectional
                        || instance instanceof Bidirectional.Config
                        || instance instanceof LastValidStep
                        || instance instanceof TimeMajor
                        || instance instanceof Attention
                        || instance instanceof Attention.Config
                        || instance instanceof Rotary
                        || instance instanceof LearnedPositions
                        || instance instanceof LearnedPositions.Config
                        || instance instanceof SinusoidalPositions
                        || instance instanceof Masking
                        || instance instanceof MeanOverTime
                        || instance instanceof MaxOverTime
                        || instance instanceof LastStep)
                .isPresent();
        int[] dims = sequences ? new int[] {2, 2, 3} : new int[] {2, 3};
        Recurrent.State state = subject.instance().orElse(null) instanceof Recurrent recurrent
                ? new Recurrent.State(recurrent.stateSizes().stream()
                        .map(n -> Tensor.zeros(2, n))
                        .toList())
                : Recurrent.State.of(Tensor.zeros(2, 3));
        Map<Class<?>, Object> arguments = new HashMap<>();
        arguments.put(Key.class, KEY);
        arguments.put(Ring.class, new Ring(0.5, 0.9, 1));
        arguments.put(Shape.class, Shape.of(dims));
        arguments.put(Tensor.class, Tensor.full(1, dims));
        arguments.put(String.class, "input");
        arguments.put(Fans.class, new Fans(3, 3));
        arguments.put(Initializer.class, Init.zeros());
        arguments.put(Nonlinearity.class, Nonlinearity.RELU);
        arguments.put(Context.class, Context.inference());
        arguments.put(Layer.class, dense);
        arguments.put(LayerFactory.class, Dense.units(3));
        arguments.put(Recurrent.Factory.class, Rnn.units(3));
        arguments.put(Recurrent.class, Rnn.units(3).create(3, KEY));
        arguments.put(Recurrent.State.class, state);
        arguments.put(Network.class, Network.builder(KEY).input(3).dense("a", 3).build());
        arguments.put(Node.class, Node.of(Tensor.zeros(2, 2, 3)));
        arguments.put(Rotary.class, Rotary.halves());
        arguments.put(Rotary.Pairs.class, Rotary.Pairs.HALVES);
        arguments.put(SinusoidalPositions.Order.class, SinusoidalPositions.Order.HALVES);
        arguments.put(Gradients.class, new Gradients(dense.parameters()));
        arguments.put(PartProducts.class, new PartProducts(2));
        arguments.put(Parameter.class, dense.weight());
        arguments.put(Parameter.Kind.class, Parameter.Kind.WEIGHT);
        arguments.put(WeightMapping.Form.class, WeightMapping.Form.PLAIN);
        arguments.put(GradientCheck.class, GradientCheck.standard());
        arguments.put(Pass.class, dense.newPass());
        arguments.put(List.class, dense.parameters());
        arguments.put(Map.class, Map.of());
        arguments.put(Optional.class, Optional.empty());
        arguments.put(ByteBuffer.class, ByteBuffer.allocate(1 << 12));
        OperatorGraph described = new OperatorGraph();
        arguments.put(OperatorGraph.class, described);
        arguments.put(Value.class, described.input("x", ElementKind.FLOAT32, Shape.of(dims)));
        arguments.put(DeepNorm.class, DeepNorm.ofOneStack(1));
        arguments.put(Function.class, Function.identity());
        arguments.put(Consumer.class, (Consumer<Object>) b -> {});
        arguments.put(BiConsumer.class, (BiConsumer<Object, Object>) (a, b) -> {});
        arguments.put(UnaryOperator.class, UnaryOperator.identity());
        arguments.put(int.class, 3);
        arguments.put(long.class, 3L);
        arguments.put(float.class, 0.5f);
        arguments.put(double.class, 0.5);
        arguments.put(boolean.class, true);
        return arguments;
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> nullIsRefusedAnywhere() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Subject subject : subjects()) {
            List<Executable> callables = new ArrayList<>(List.of(subject.type().getConstructors()));
            for (Method method : subject.type().getMethods()) {
                boolean ours = method.getDeclaringClass().getName().startsWith("nn.layers") && !method.isBridge();
                boolean callable = Modifier.isStatic(method.getModifiers())
                        || subject.instance().isPresent();
                if (ours && callable && !method.getName().equals("equals")) {
                    callables.add(method);
                }
            }
            for (Executable callable : callables) {
                for (int i = 0; i < callable.getParameterCount(); i++) {
                    int place = i;
                    if (!callable.getParameterTypes()[i].isPrimitive() && !isIgnored(subject, callable, i)) {
                        String name = subject.type().getSimpleName() + ": " + callable + ", argument " + (i + 1);
                        tests.add(DynamicTest.dynamicTest(name, () -> assertRefused(subject, callable, place)));
                    }
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(150);
        return tests.stream();
    }

    /** Arguments that are not used are not checked for null: layers that return a view do not use their context. */
    private static boolean isIgnored(Subject subject, Executable callable, int place) {
        Object instance = subject.instance().orElse(null);
        boolean view = instance instanceof Flatten || instance instanceof Reshape;
        return view && callable.getParameterTypes()[place] == Context.class
                || NOTHING_BY_DEFAULT.contains(callable.getName()) && instance instanceof Context;
    }

    private static void assertRefused(Subject subject, Executable callable, int place)
            throws ReflectiveOperationException {
        Map<Class<?>, Object> fit = arguments(subject);
        Object[] arguments = new Object[callable.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Class<?> type = callable.getParameterTypes()[i];
            Class<?> element = type.isArray() ? type.getComponentType() : type;
            Object value = element.isInstance(subject.instance().orElse(null))
                    ? subject.instance().get()
                    : fit.get(element);
            assertThat(value)
                    .as("an argument of type %s for %s", type, callable)
                    .isNotNull();
            if (type.isArray()) {
                Object array = Array.newInstance(element, 1);
                Array.set(array, 0, value);
                value = array;
            }
            arguments[i] = i == place ? null : value;
        }
        Throwable thrown = null;
        try {
            if (callable instanceof Constructor<?> constructor) {
                constructor.newInstance(arguments);
            } else {
                ((Method) callable).invoke(subject.instance().orElse(null), arguments);
            }
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        }
        assertThat(thrown)
                .as("%s with %s", callable, Arrays.toString(arguments))
                .isInstanceOf(NullPointerException.class);
        assertThat(thrown.getMessage())
                .as("%s, argument %d", callable, place + 1)
                .isNotBlank();
    }
}
