package nn.layers.activation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.WeightMapping;
import nn.layers.internal.Featurewise;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A leaky ReLU with one learned slope per feature: {@code y = x} where x is above 0, {@code slope * x} elsewhere, with
 * derivative {@code slope} at 0 (He, Zhang, Ren and Sun, <i>Delving deep into rectifiers</i>, ICCV 2015).
 *
 * <p>Shapes: x and y [... x features], {@code slope} [features]. The slopes are of kind {@link Parameter.Kind#SCALE
 * SCALE}, because weight decay would pull them towards a ReLU.
 */
public final class PRelu implements Layer {
    private final int features;
    private final Parameter slope;

    private PRelu(int features, double slope, Key key) {
        this.features = features;
        if (features < 1) {
            throw new IllegalArgumentException("PRelu " + features + ": a layer has at least one feature");
        }
        this.slope = Parameter.create(
                "slope",
                Parameter.Kind.SCALE,
                Shape.of(features),
                new Fans(features, features),
                Init.constant(slope),
                key);
    }

    /**
     * Describes a PReLU with the usual initial slope of 0.25.
     *
     * @return the description
     */
    public static Config standard() {
        return new Config(0.25);
    }

    /**
     * The description of a PReLU: an immutable factory.
     *
     * @param slope the initial value of every slope, finite
     */
    public record Config(double slope) implements LayerFactory {
        /**
         * Checks the argument.
         *
         * @throws IllegalArgumentException if the slope is NaN or infinite
         */
        public Config {
            if (!Double.isFinite(slope)) {
                throw new IllegalArgumentException("prelu: slope " + slope + " must be finite; 0.25 is usual");
            }
        }

        @Override
        public PRelu create(Shape in, Key key) {
            return new PRelu(Featurewise.features("PRelu", in), slope, key);
        }

        @Override
        public Optional<Nonlinearity> nonlinearity() {
            return Optional.of(Nonlinearity.leakyRelu(slope));
        }
    }

    @Override
    public Pass newPass() {
        return new SlopePass();
    }

    /** Multiplies by 1 or the slope, forward and backward. */
    private final class SlopePass extends Pass {
        private Tensor x;

        SlopePass() {
            super(PRelu.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            Tensor y = context.empty(outputShape());
            x.preluInto(context.value(slope), y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(x.shape());
            x.preluGradInto(slope.value(), dy, gradients.of(slope), dx);
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        return Featurewise.require(this, features, in);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(slope);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(WeightMapping.of("weight", slope));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        int rank = x.shape().rank();
        if (rank < 4) {
            return graph.call("PRelu", x, graph.constant("slope", slope.value()))
                    .gives(x.shape());
        }
        // Images have their channels second where convolutions stand around this layer.
        int[] dims = new int[rank - 1];
        Arrays.fill(dims, 1);
        dims[0] = features;
        Value images = graph.channelsSecond(x);
        Value slopes = graph.constant("slope", slope.value().reshape(dims));
        return graph.channelsLast(graph.call("PRelu", images, slopes).gives(images.shape()));
    }

    /** Returns a text such as {@code PRelu 64}. */
    @Override
    public String toString() {
        return "PRelu " + features;
    }
}
