/**
 * Weight initialization: strategies, fans, gains, the nonlinearities they are computed for, the theory of what they do
 * to a signal, and a kit that checks whether an initializer does what it promises.
 */
module nn.init {
    requires transitive nn.tensor;

    exports nn.init;
    exports nn.init.testing;
    exports nn.init.theory;
}
