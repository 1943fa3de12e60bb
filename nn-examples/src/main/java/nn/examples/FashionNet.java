package nn.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.dense.Dense;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;

/** A model for Fashion-MNIST, and what is expected of it after ten epochs. */
enum FashionNet {
    /** Two hidden layers on the pixels. */
    MLP(0.893, 0.88, 2) {
        @Override
        Layer create(Key key) {
            return images(key)
                    .layer("flat", new Flatten())
                    .dense("hidden1", 256)
                    .relu()
                    .dense("hidden2", 128)
                    .relu()
                    .dense("out", CLASSES)
                    .build();
        }

        @Override
        Optimizer optimizer() {
            return Adam.of(2e-3);
        }
    },

    /**
     * Two convolutions with poolings, then dense layers, after LeCun, Bottou, Bengio and Haffner, <i>Gradient-based
     * learning applied to document recognition</i> (1998), with ReLU, maxima and more channels.
     */
    LENET(0.918, 0.905, 10) {
        @Override
        Layer create(Key key) {
            return images(key)
                    .layer("conv1", Convolution.channels(16).kernel(5, 5).same())
                    .relu()
                    .layer("pool1", Pool.max(2, 2))
                    .layer("conv2", Convolution.channels(32).kernel(5, 5))
                    .relu()
                    .layer("pool2", Pool.max(2, 2))
                    .layer("flat", new Flatten())
                    .dense("fc1", 120)
                    .relu()
                    .dense("fc2", 84)
                    .relu()
                    .dense("out", CLASSES)
                    .build();
        }

        @Override
        Optimizer optimizer() {
            return Adam.of(2e-3);
        }
    },

    /**
     * Three residual blocks of 16, 32 and 64 channels, after He, Zhang, Ren and Sun, <i>Deep residual learning for
     * image recognition</i> (2016).
     */
    RESNET(0.93, 0.92, 45) {
        @Override
        Layer create(Key key) {
            Graph.Builder graph = Graph.builder(key);
            Node x = graph.input("image", SIDE, SIDE, 1);
            x = graph.chain("stem", x, n -> n.layer("conv", convolution(16, 1)).batchNorm("norm"))
                    .relu();
            x = block(graph, "block1", 16, 1, x);
            x = block(graph, "block2", 32, 2, x);
            x = block(graph, "block3", 64, 2, x);
            return graph.output("class", graph.layer("out", Dense.units(CLASSES), x.through(GlobalPool.MEAN)))
                    .build();
        }

        /** Two convolutions, added to their input; a convolution of one tap fits that to another shape. */
        private Node block(Graph.Builder graph, String name, int channels, int stride, Node x) {
            Node change = graph.chain(
                    name,
                    x,
                    n -> n.layer("conv1", convolution(channels, stride))
                            .batchNorm("norm1")
                            .relu()
                            .layer("conv2", convolution(channels, 1))
                            .batchNorm("norm2"));
            Node same = stride == 1
                    ? x
                    : graph.layer(
                            name + "shortcut",
                            Convolution.channels(channels)
                                    .kernel(1, 1)
                                    .stride(stride)
                                    .withoutBias(),
                            x);
            return same.plus(change).relu();
        }

        private LayerFactory convolution(int channels, int stride) {
            return Convolution.channels(channels)
                    .kernel(3, 3)
                    .padding(1)
                    .stride(stride)
                    .withoutBias();
        }

        @Override
        Optimizer optimizer() {
            return Sgd.of(0.2).withMomentum(0.9).withNesterov().withWeightDecay(2e-4);
        }
    };

    /** Pixels in a row and in a column. */
    static final int SIDE = 28;

    private static final int CLASSES = 10;

    private final double expected;
    private final double least;
    private final double seconds;

    /**
     * Describes a model.
     *
     * @param expected accuracy on test pictures after ten epochs
     * @param least accepted accuracy
     * @param seconds per epoch, on two cores with vectors of 512 bits
     */
    FashionNet(double expected, double least, double seconds) {
        this.expected = expected;
        this.least = least;
        this.seconds = seconds;
    }

    /** Creates the model, which takes images [batch x 28 x 28 x 1]. */
    abstract Layer create(Key key);

    /** The optimizer, with the highest rate of its schedule. */
    abstract Optimizer optimizer();

    /** The accuracy on test pictures that is expected after ten epochs. */
    double expectedAccuracy() {
        return expected;
    }

    /** The accuracy on test pictures that ten epochs must reach. */
    double leastAccuracy() {
        return least;
    }

    /** The duration of an epoch, on two cores. */
    double secondsPerEpoch() {
        return seconds;
    }

    private static Network.Builder images(Key key) {
        return Network.builder(key).input(Shape.of(Shape.ANY, SIDE, SIDE, 1));
    }

    /** Returns the model of a name on the command line. */
    static FashionNet named(String text) {
        return Arrays.stream(values())
                .filter(net -> net.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new UsageException("option --net is '" + text + "'; there are " + names()));
    }

    /** The names, for a help text. */
    static String names() {
        return Arrays.stream(values()).map(FashionNet::text).collect(Collectors.joining(", "));
    }

    /** The name on the command line. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
