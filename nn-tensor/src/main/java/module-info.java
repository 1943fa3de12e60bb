/** Dense float32 tensors, counter-based randomness and the linear algebra that initialization needs. */
module nn.tensor {
    requires jdk.incubator.vector;
    requires static org.jspecify;

    exports nn.tensor;
    exports nn.tensor.linalg;
    exports nn.tensor.operator;
}
