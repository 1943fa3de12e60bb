/** Weight initialization: strategies, fans, gains, and the nonlinearities they are computed for. */
module nn.init {
    requires transitive nn.tensor;
    requires static org.jspecify;

    exports nn.init;
    exports nn.init.nonlinearity;
    exports nn.init.testing;
    exports nn.init.theory;

    uses nn.init.InitializerProvider;
}
