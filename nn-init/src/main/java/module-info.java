/**
 * Weight initialization: strategies, fans, gains, the nonlinearities they are computed for, and the theory of what they do
 * to a signal.
 */
module nn.init {
    requires transitive nn.tensor;

    exports nn.init;
    exports nn.init.theory;
}
