/** Training: losses, optimizers, the training loop, and the data that feed it. */
module nn.train {
    requires transitive nn.layers;
    requires static jdk.jfr; // events, where the JDK or the image has it
    requires static org.jspecify;

    exports nn.train;
    exports nn.train.checkpoint;
    exports nn.train.data;
    exports nn.train.diagnose;
    exports nn.train.group;
    exports nn.train.io;
    exports nn.train.loss;
    exports nn.train.metric;
    exports nn.train.onnx;
    exports nn.train.optimizer;
    exports nn.train.schedule;
    exports nn.train.shard;
    exports nn.train.tensorboard;
}
