/** Layers with their gradients, networks of them, and the kit that checks both. */
module nn.layers {
    requires transitive nn.init;

    exports nn.layers;
    exports nn.layers.testing;
}
