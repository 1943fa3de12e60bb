/** Training: losses, optimizers, the training loop, and the data that feed it. */
module nn.train {
    requires transitive nn.layers;

    exports nn.train;
    exports nn.train.checkpoint;
    exports nn.train.data;
    exports nn.train.diagnose;
}
