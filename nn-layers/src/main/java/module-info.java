/** Layers with their gradients, networks of them, and the kit that checks both. */
module nn.layers {
    requires transitive nn.init;
    requires static org.jspecify;

    exports nn.layers;
    exports nn.layers.activation;
    exports nn.layers.attention;
    exports nn.layers.convolution;
    exports nn.layers.dense;
    exports nn.layers.graph;
    exports nn.layers.network;
    exports nn.layers.normalization;
    exports nn.layers.pooling;
    exports nn.layers.preset;
    exports nn.layers.recurrent;
    exports nn.layers.regularization;
    exports nn.layers.shape;
    exports nn.layers.testing;

    provides nn.init.InitializerProvider with
            nn.layers.internal.provider.RingSchemes;
}
