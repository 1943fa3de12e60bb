package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.fixtures.FunctionPass;
import nn.fixtures.Weights;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The layers and parameters of a model, by path. */
class LayerTreeTest {
    private static final Key KEY = Key.of(61);

    private static Parameter ownParameter(String name, Key key) {
        return Parameter.create(name, Parameter.Kind.SCALE, Shape.of(3), new Fans(3, 3), Init.constant(0.5), key);
    }

    /** y = alpha f(x), with a parameter and a child. */
    private static final class LayerScale implements Layer {
        private final Parameter alpha;
        private final SequencedMap<String, Layer> children = new LinkedHashMap<>();

        LayerScale(Parameter alpha, String name, Layer body) {
            this.alpha = alpha;
            children.put(name, body);
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Pass inner = children.firstEntry().getValue().forward(x, context);
                context.save(inner.output());
                Tensor y = context.empty(inner.output().shape());
                y.fillRows(context.value(alpha));
                y.multiplyInto(inner.output(), y);
                return new FunctionPass.Result(y, (dy, into) -> {
                    dy.multiply(inner.output()).addSumOfRowsInto(into.of(alpha));
                    Tensor scaled = Tensor.zeros(dy.shape());
                    scaled.fillRows(alpha.value());
                    scaled.multiplyInto(dy, scaled);
                    return inner.pullback(scaled, into);
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return children.firstEntry().getValue().outputShape(in);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(alpha);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            return children;
        }
    }

    /** A layer whose lists are set by a test. */
    private static class Answering implements Layer {
        SequencedMap<String, Layer> children = new LinkedHashMap<>();
        List<Parameter> parameters = new ArrayList<>();

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public List<Parameter> parameters() {
            return parameters;
        }

        @Override
        public SequencedMap<String, Layer> children() {
            return children;
        }

        Answering with(String name, Layer child) {
            children.put(name, child);
            return this;
        }

        Answering with(Parameter... own) {
            parameters.addAll(Arrays.asList(own));
            return this;
        }
    }

    @Test
    void aLayerMayHaveBothParametersAndChildren() {
        LayerScale scale = new LayerScale(ownParameter("alpha", KEY), "body", Dense.of(3, 3, KEY));
        Network network = Network.builder(KEY)
                .input(3)
                .layer("scale", scale)
                .dense("out", 2)
                .build();
        assertThat(network.parametersByPath().keySet())
                .containsExactly("scale.alpha", "scale.body.weight", "scale.body.bias", "out.weight", "out.bias");
        assertThat(network.layersByPath().keySet()).containsExactly("", "scale", "scale.body", "out");
        assertThat(network.summary()).contains("  .alpha           [3]").contains("23 parameters");
        LayerContract.standard().check(scale, Weights.normal("x", 4, 3)).throwIfFailed();
        LayerContract.standard().check(network, Weights.normal("x", 4, 3)).throwIfFailed();
    }

    @Test
    void parametersThatAContainerListsForItsChildrenBelongToTheChildren() {
        Dense body = Dense.of(3, 3, KEY);
        Parameter own = ownParameter("own", KEY);
        assertThat(new Answering()
                        .with("body", body)
                        .with(body.weight())
                        .parametersByPath()
                        .keySet())
                .containsExactly("body.weight", "body.bias"); // a list without one of the child's parameters
        assertThat(new Answering()
                        .with("body", body)
                        .with(body.weight(), own, own)
                        .with(body.bias().orElseThrow())
                        .parametersByPath()
                        .keySet())
                .containsExactly("own", "body.weight", "body.bias"); // a list with all of them, one twice
        assertThat(new Answering()
                        .with("a", new Answering().with(own))
                        .with("b", new Answering().with(own))
                        .parametersByPath()
                        .keySet())
                .containsExactly("a.own");
    }

    @Test
    void anOwnParameterMayHaveTheNameOfAChild() {
        Answering layer = new Answering().with("weight", Dense.of(3, 3, KEY)).with(ownParameter("weight", KEY));
        assertThat(layer.parametersByPath().keySet()).containsExactly("weight", "weight.weight", "weight.bias");
        Answering twice = new Answering().with(ownParameter("a", KEY), ownParameter("a", KEY));
        assertThatThrownBy(twice::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("two parameters are named 'a': their layer must give each a different name");
    }

    @Test
    void aLayerThatContainsItselfIsRefusedByItsPath() {
        Answering inner = new Answering();
        Answering outer = new Answering().with("inner", inner);
        inner.with("again", outer);
        String message = "layer 'inner.again' is the layer (Answering) again, so that layer would contain itself: a"
                + " layer's children() may not lead back to it";
        assertThatThrownBy(outer::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(outer::layersByPath).hasMessage(message);
        assertThatThrownBy(() -> new Gradients(outer)).hasMessage(message);
        assertThatThrownBy(() -> Lsuv.standard().apply(outer, Tensor.full(1, 2, 2)))
                .hasMessage(message);
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(2).layer("own", outer).build())
                .hasMessageStartingWith("layer 'own.inner.again' is layer 'own' (Answering) again");
        assertThat(LayerContract.standard().check(outer, Tensor.full(1, 2, 2)).failures())
                .containsExactly(message);
    }

    @Test
    void aLayerUsedInSeveralPlacesIsVisitedOnce() {
        Layer layer = Dense.of(3, 3, KEY);
        for (int i = 0; i < 60; i++) { // 2^60 places
            layer = new Answering().with("a", layer).with("b", layer);
        }
        assertThat(layer.layersByPath()).hasSize(61);
        assertThat(layer.parametersByPath()).hasSize(2);
    }

    @Test
    void listsWithNewObjectsAtEveryCallAreRefused() {
        Layer children = new Answering() {
            @Override
            public SequencedMap<String, Layer> children() {
                SequencedMap<String, Layer> fresh = new LinkedHashMap<>();
                fresh.put("body", Dense.of(3, 3, KEY));
                return fresh;
            }
        };
        Layer parameters = new Answering() {
            @Override
            public List<Parameter> parameters() {
                return List.of(ownParameter("a", KEY));
            }
        };
        assertThatThrownBy(new Answering().with("in", children)::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("layer 'in' \\(.*\\): its children\\(\\) gives other objects at a second call: make"
                        + " them once, in the constructor, and keep them in fields");
        assertThatThrownBy(new Answering().with("in", parameters)::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its parameters() gives other objects at a second call");
        assertThat(LayerContract.standard()
                        .check(parameters, Weights.normal("x", 2, 3))
                        .failures())
                .singleElement()
                .asString()
                .contains("its parameters() gives other objects");
    }

    @Test
    void nullAndBadNamesAreRefusedByTheLayersPath() {
        Answering noChildren = new Answering();
        noChildren.children = null;
        Answering noParameters = new Answering();
        noParameters.parameters = null;
        assertRefused(
                noChildren,
                "layer 'in' (Answering): its children() returned null; return an empty one if there" + " are none");
        assertRefused(
                noParameters,
                "layer 'in' (Answering): its parameters() returned null; return an empty one if" + " there are none");
        assertRefused(new Answering().with((Parameter) null), "layer 'in' (Answering): its parameters() has a null");
        assertRefused(
                new Answering().with("a", (Layer) null),
                "layer 'in' (Answering): its children()" + " has null for the layer 'a'");
        assertRefused(
                new Answering().with("a.b", Activation.RELU),
                "layer 'in' (Answering): its children() has the"
                        + " name 'a.b': a name is not empty and has no dot, as dots separate the parts of a path");
        assertRefused(
                new Answering().with("", Activation.RELU),
                "layer 'in' (Answering): its children() has the name"
                        + " '': a name is not empty and has no dot, as dots separate the parts of a path");
    }

    private static void assertRefused(Layer layer, String message) {
        assertThatThrownBy(new Answering().with("in", layer)::parametersByPath).hasMessage(message);
        assertThatThrownBy(
                        () -> Network.builder(KEY).input(3).layer("in", layer).build())
                .hasMessage(message);
    }

    @Test
    void endlesslyNestedLayersAreRefused() {
        final class Endless extends Answering {
            @Override
            public SequencedMap<String, Layer> children() {
                if (children.isEmpty()) {
                    children.put("next", new Endless());
                }
                return children;
            }
        }

        assertThatThrownBy(new Endless()::parametersByPath)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layers are nested more than 2000 deep, at 'next.next.");
    }
}
