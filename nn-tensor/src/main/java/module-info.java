/** Dense float32 tensors, counter-based randomness and the linear algebra that initialization needs. */
module nn.tensor {
    requires jdk.incubator.vector;
    requires static jdk.jfr; // events, where the JDK or the image has it
    requires static org.jspecify;

    exports nn.tensor;
    exports nn.tensor.linalg;
    exports nn.tensor.operator;
}
