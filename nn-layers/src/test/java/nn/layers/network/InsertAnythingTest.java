package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.init.Constant;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Parameter;
import nn.layers.dense.Dense;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A layer's weights depend on the network's key, the layer's name and its own sizes. Any change of a network changes
 * only the weights of the changed layers, and no bit of the others.
 */
class InsertAnythingTest {
    private static final Key KEY = Key.of(42);

    /** The width of most layers, so that they can be removed and exchanged. */
    private static final int WIDTH = 12;

    private enum Kind {
        DEFAULT,
        ORTHOGONAL,
        RNN,
        LSTM,
        NESTED,
        ASYMMETRIC,
        /** Has the width of its input, so it cannot be widened: only inserted and removed. */
        RESIDUAL
    }

    private record Part(String name, Kind kind, int units) {
        Part named(String other) {
            return new Part(other, kind, units);
        }

        Part wide(int other) {
            return new Part(name, kind, other);
        }

        void addTo(Network.Builder builder) {
            switch (kind) {
                case DEFAULT ->
                    builder.dense(name, units).relu(); // the initializer depends on the ReLU, which is added with it
                case ORTHOGONAL ->
                    builder.dense(name, units, Init.orthogonal(), Init.normal(0.1))
                            .tanh();
                case RNN -> builder.layer(name, Rnn.units(units).bias(Init.normal(0.1)));
                case LSTM -> builder.layer(name, Lstm.units(units));
                case ASYMMETRIC ->
                    builder.layer(
                            name,
                            (in, key) -> Dense.units(units)
                                    .weight(Init.asymmetricWeight(key))
                                    .bias(Init.asymmetricBias(key))
                                    .create(in, key));
                case RESIDUAL ->
                    builder.layer(
                            name,
                            Residual.of(body -> body.dense("fc1", 5).relu().dense("fc2", units)));
                case NESTED ->
                    builder.layer(
                            name,
                            (in, key) -> Network.builder(key)
                                    .input(in)
                                    .dense("first", units)
                                    .activation(Nonlinearity.SIGMOID)
                                    .dense("second", units)
                                    .build());
            }
        }
    }

    /** Parts of all kinds that can be widened, alternating. */
    private static List<Part> parts() {
        List<Kind> kinds = List.of(Kind.DEFAULT, Kind.ORTHOGONAL, Kind.RNN, Kind.LSTM, Kind.NESTED, Kind.ASYMMETRIC);
        return IntStream.range(0, 8)
                .mapToObj(i -> new Part("layer" + i, kinds.get(i % kinds.size()), WIDTH))
                .toList();
    }

    private static Network build(List<Part> parts) {
        Network.Builder builder = Network.builder(KEY).sequence(WIDTH);
        parts.forEach(part -> part.addTo(builder));
        return builder.build();
    }

    private static final Map<String, Parameter> BEFORE = build(parts()).parametersByPath();

    /** Returns the names of the layers that differ in a bit of a parameter, or exist only before or after. */
    private static Set<String> changed(List<Part> after) {
        Map<String, Parameter> a = BEFORE;
        Map<String, Parameter> b = build(after).parametersByPath();
        Set<String> paths = new HashSet<>(a.keySet());
        paths.addAll(b.keySet());
        Set<String> layers = new HashSet<>();
        for (String path : paths) {
            boolean same = a.containsKey(path)
                    && b.containsKey(path)
                    && a.get(path).value().shape().equals(b.get(path).value().shape())
                    && a.get(path).value().bitEquals(b.get(path).value());
            if (!same) {
                layers.add(path.substring(0, path.indexOf('.')));
            }
        }
        return layers;
    }

    static Stream<Integer> places() {
        return IntStream.range(0, parts().size()).boxed();
    }

    @Test
    void buildingTwiceGivesTheSameBits() {
        assertThat(changed(parts())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("places")
    void insertingALayerChangesNoOther(int place) {
        for (Kind kind : Kind.values()) {
            List<Part> after = new ArrayList<>(parts());
            after.add(place, new Part("new", kind, WIDTH));
            assertThat(changed(after)).containsExactly("new");
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void removingALayerChangesNoOther(int place) {
        List<Part> after = new ArrayList<>(parts());
        after.remove(place);
        assertThat(changed(after)).containsExactly("layer" + place);
    }

    @ParameterizedTest
    @MethodSource("places")
    void wideningALayerChangesOnlyThatLayerAndTheNext(int place) {
        for (int width : new int[] {1, WIDTH + 1}) {
            List<Part> after = new ArrayList<>(parts());
            after.set(place, after.get(place).wide(width));
            String[] touched = place + 1 < after.size()
                    ? new String[] {"layer" + place, "layer" + (place + 1)}
                    : new String[] {"layer" + place};
            assertThat(changed(after)).containsExactlyInAnyOrder(touched);
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void renamingALayerChangesOnlyThatLayer(int place) {
        List<Part> after = new ArrayList<>(parts());
        after.set(place, after.get(place).named("renamed"));
        assertThat(changed(after)).containsExactlyInAnyOrder("layer" + place, "renamed");
        Network renamed = build(after);
        BEFORE.forEach((path, parameter) -> {
            Parameter now = renamed.parametersByPath().get(path.replace("layer" + place + ".", "renamed."));
            if (path.startsWith("layer" + place + ".") && isRandom(parameter)) {
                assertThat(now.value()).as(path).isNotBitEqualTo(parameter.value());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("places")
    void reorderingChangesNothing(int place) {
        for (int other = 0; other < place; other++) {
            List<Part> after = new ArrayList<>(parts());
            Collections.swap(after, place, other);
            assertThat(changed(after)).isEmpty();
        }
        List<Part> after = new ArrayList<>(parts());
        Collections.rotate(after, place);
        assertThat(changed(after)).isEmpty();
        assertThat(changed(parts().reversed())).isEmpty();
    }

    @Test
    void anotherSeedChangesEveryRandomWeight() {
        Network.Builder builder = Network.builder(Key.of(43)).sequence(WIDTH);
        parts().forEach(part -> part.addTo(builder));
        Map<String, Parameter> b = builder.build().parametersByPath();
        BEFORE.forEach((path, parameter) -> assertThat(
                        parameter.value().bitEquals(b.get(path).value()))
                .as(path)
                .isEqualTo(!isRandom(parameter)));
    }

    private static boolean isRandom(Parameter parameter) {
        return !(parameter.initializer() instanceof Constant);
    }
}
